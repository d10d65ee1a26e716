/** What the doctor says about one thing. */

export interface Finding {
  /** Stable key: `memory`, `firewall`. */
  readonly check: string;
  /** `ok` · `todo`: something to do before it works · `note`: good to know · `absent`: not there yet, `antler up` makes it. */
  readonly state: 'ok' | 'todo' | 'note' | 'absent';
  /** One sentence with the figures. */
  readonly detail: string;
  /** What to type. */
  readonly hint?: string;
}

export function isFit(findings: readonly Finding[]): boolean {
  return findings.every(({ state }) => state !== 'todo');
}
