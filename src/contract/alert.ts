/** What an alert says, by the words that templates know. */

/** `id` is a number; `state`: why it is told. */
export interface AlertWords {
  readonly title: string;
  readonly state: 'open' | 'worse' | 'reminder' | 'flapping' | 'closed' | 'test';
  readonly severity: 'down' | 'degraded' | 'drift';
  readonly environment: string;
  readonly release: string;
  readonly reason: string;
  readonly subjects: string;
  readonly since: string;
  readonly url: string;
  readonly id: string;
}

/** Values that break a template which does not hold them in a string. */
export const HARD_WORDS = {
  title: 'x"}], \\ \n\u0001 🦌 {{id}}',
  state: 'test',
  severity: 'down',
  environment: 'null',
  release: 'r42',
  reason: 'null',
  subjects: 'true, 1',
  since: '2026-11-23T12:00:00.000Z',
  url: '',
  id: '42',
} as const satisfies AlertWords;

export const ALERT_WORDS: readonly string[] = Object.keys(HARD_WORDS);
