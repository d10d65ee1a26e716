/** Lines of a timeline that are read again after a restart: what was told to whom, and which rollouts are in it. Pure. */

import { formatDuration } from '../../kit/units.ts';
import type { Alert, Told } from '../alerts/types.ts';
import { clean } from './subjects.ts';
import type { Deploy, Entry } from './types.ts';

const GIVEN_UP = '; given up';

/** `chat: open, answers 200` */
export function toldEntry(state: Alert['state'], { channel, ok, detail, againMs }: Told, at: number): Entry {
  const text = clean(`${channel}: ${state}, ${detail}`);
  if (ok) return { at, kind: 'notified', text, actor: '' };
  const next = againMs === undefined ? GIVEN_UP : `; again in ${formatDuration(againMs)}`;
  return { at, kind: 'notify-failed', text: `${text}${next}`, actor: '' };
}

/** Channels that nothing more is due to for this state: they were told, or given up. */
export function settledChannels(entries: readonly Entry[], state: Alert['state']): readonly string[] {
  return entries
    .filter(({ kind, text }) => kind === 'notified' || (kind === 'notify-failed' && text.endsWith(GIVEN_UP)))
    .map(({ text }) => /^([^:]+): (\w+),/.exec(text))
    .filter((match) => match?.[2] === state)
    .map((match) => match?.[1] ?? '');
}

const VERDICTS: Readonly<Record<Deploy['verdict'], string>> = {
  waiting: 'waits for an approval',
  running: 'began',
  verified: 'was verified',
  failed: 'failed',
  undone: 'was undone',
};

/** `prod: rollback to r42 (from r43) by ana was verified` */
export function deployEntry({ environment, kind, release, from, actor, verdict, startedAt, endedAt }: Deploy): Entry {
  const came = from === undefined ? '' : ` (from ${from})`;
  return {
    at: endedAt ?? startedAt,
    kind: 'deploy',
    text: clean(`${environment}: ${kind} ${kind === 'deploy' ? 'of' : 'to'} ${release}${came} by ${actor} ${VERDICTS[verdict]}`),
    actor,
  };
}
