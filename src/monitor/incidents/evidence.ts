/** What was answered when something went bad, beside the line of a timeline that tells of it. Pure. */

import type { IncidentEntryRow, TransitionRow } from '../../store/types.ts';

export interface EntryWithEvidence extends IncidentEntryRow {
  /** The first KB of a failed answer, without anything that moves a terminal; `''` where there was none. */
  readonly evidence: string;
}

const MOST = 1024;
const TELLING: ReadonlySet<IncidentEntryRow['kind']> = new Set(['opened', 'affected', 'transition']);

/** Of each line that tells of a subject: the evidence of the change by which that subject had come to be so. */
export function withEvidence(entries: readonly IncidentEntryRow[], transitions: readonly TransitionRow[]): readonly EntryWithEvidence[] {
  const newestFirst = transitions.toSorted((a, b) => b.at - a.at);
  return entries.map((entry) => {
    const found = TELLING.has(entry.kind) ? newestFirst.find((each) => each.at <= entry.at && tellsOf(entry.text, each)) : undefined;
    return { ...entry, evidence: readable(found?.evidence ?? '') };
  });
}

/** `prod/backend (r43) is down: …`, `prod/backend: up → down: …`, `shop is down: …` */
function tellsOf(text: string, { environment, service }: TransitionRow): boolean {
  const name = environment === '' ? service : `${environment}/${service}`;
  return text.startsWith(name) && /^(?: |:|$)/.test(text.slice(name.length));
}

/** Others wrote it: no sign in it may move a cursor, colour a terminal or turn the direction of what follows. */
function readable(text: string): string {
  return text
    .slice(0, MOST)
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\u2028-\u202E\u2066-\u2069]|[^\P{Cc}\n\t]/gu, '\uFFFD')
    .trim();
}
