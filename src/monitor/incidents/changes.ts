/** From the causes that stand to what changes in the incidents, with the lines of their timelines. Pure. */

import type { HealthVerdict } from '../../contract/status.ts';
import { formatDuration } from '../../kit/units.ts';
import type { IncidentRow } from '../../store/types.ts';
import { causes } from './causes.ts';
import { clean, isWorse, nameOf, severityOf, subjectsOf, titleOf } from './subjects.ts';
import type { Cause, Entry, Held, Seen, Severity, Subject, SubjectKey } from './types.ts';

export type Change =
  | ({ readonly kind: 'open'; readonly reason: string } & Next)
  | ({ readonly kind: 'keep'; readonly was: string; readonly worse: boolean; readonly reason: string } & Next)
  | { readonly kind: 'close'; readonly row: IncidentRow; readonly entries: readonly Entry[]; readonly merged: boolean };

interface Next {
  readonly row: IncidentRow;
  readonly unwell: ReadonlySet<SubjectKey>;
  readonly entries: readonly Entry[];
}

export interface Before {
  readonly held: readonly Held[];
  /** What was seen last time. */
  readonly verdicts: ReadonlyMap<SubjectKey, HealthVerdict>;
  /** Causes whose incident stays open for now, even where all is well. */
  readonly flapping: ReadonlySet<string>;
}

export function changes(seen: Seen, before: Before): readonly Change[] {
  const standing = causes(seen, before.held);
  const subjects = subjectsOf(seen);
  const taken = new Map<string, Held>();
  for (const each of before.held) if (standing.some(({ cause }) => cause === each.row.cause)) taken.set(each.row.cause, each);
  const over: Change[] = [];
  for (const each of [...before.held].sort((a, b) => a.row.openedAt - b.row.openedAt)) {
    if (taken.get(each.row.cause) === each) continue;
    const now = standing.find((cause) => [...each.unwell].some((key) => has(cause, key)));
    if (now !== undefined && !taken.has(now.cause)) taken.set(now.cause, each);
    else if (now !== undefined) over.push(closing(each, { seen, subjects, before, into: now.cause }));
    else if (before.flapping.has(each.row.cause)) over.push(kept(each, undefined, { seen, subjects, before }));
    else over.push(closing(each, { seen, subjects, before, into: undefined }));
  }
  const here = standing.map((cause) => {
    const held = taken.get(cause.cause);
    return held === undefined ? opening(cause, seen) : kept(held, cause, { seen, subjects, before });
  });
  return [...over, ...here];
}

interface Around {
  readonly seen: Seen;
  readonly subjects: ReadonlyMap<SubjectKey, Subject>;
  readonly before: Before;
}

function has(cause: Cause, key: SubjectKey): boolean {
  return cause.subjects.some((subject) => subject.key === key) || cause.absent.includes(key);
}

function unwellOf(cause: Cause | undefined): ReadonlySet<SubjectKey> {
  return new Set([...(cause?.subjects.map(({ key }) => key) ?? []), ...(cause?.absent ?? [])]);
}

function opening({ cause, environment, subjects }: Cause, { at }: Seen): Change {
  const [first, ...others] = [...subjects].sort((a, b) => Number(b.kind === 'part') - Number(a.kind === 'part'));
  const names = subjects.filter(({ kind }) => kind !== 'part' || subjects.length === 1).map(({ key }) => nameOf(key));
  const severity = worst(subjects, 'drift');
  const row: IncidentRow = {
    id: 0,
    cause,
    title: titleOf(cause, names, severity),
    severity,
    environment,
    subjects: subjects.map(({ key }) => nameOf(key)),
    release: first?.release ?? '',
    openedAt: at,
    closedAt: undefined,
    acknowledgedBy: undefined,
    acknowledgedAt: undefined,
  };
  return {
    kind: 'open',
    row,
    reason: clean(first?.reason ?? ''),
    unwell: new Set(subjects.map(({ key }) => key)),
    entries: [
      { at, kind: 'opened', text: first === undefined ? row.title : told(first), actor: '' },
      ...others.map((each): Entry => ({ at, kind: 'affected', text: told(each), actor: '' })),
    ],
  };
}

function kept({ row, unwell }: Held, cause: Cause | undefined, { seen, subjects, before }: Around): Change {
  const now = cause?.subjects ?? [];
  const joined = now.filter(({ key }) => !unwell.has(key));
  const moved = cause !== undefined && cause.cause !== row.cause;
  const names = [...new Set([...row.subjects, ...joined.map(({ key }) => nameOf(key))])];
  const severity = worst(now, row.severity);
  const named = moved ? cause.cause : row.cause;
  return {
    kind: 'keep',
    was: row.cause,
    worse: isWorse(severity, row.severity),
    reason: clean(now.find(({ verdict }) => verdict === severity)?.reason ?? now[0]?.reason ?? ''),
    row: {
      ...row,
      cause: named,
      environment: moved ? cause.environment : row.environment,
      severity,
      subjects: names,
      title: titleOf(named, names, severity),
    },
    unwell: unwellOf(cause),
    entries: [
      ...transitions(unwell, { seen, subjects, before }),
      ...joined.map((each): Entry => ({ at: seen.at, kind: 'affected', text: told(each), actor: '' })),
    ],
  };
}

function closing(held: Held, { into, ...around }: Around & { readonly into: string | undefined }): Change {
  const { at, steady } = around.seen;
  const lasted = formatDuration(steady - held.steadySince);
  const text = into === undefined ? `well again after ${lasted}` : `goes on as a part of “${titleOf(into, [nameOf(into)], 'down')}”`;
  return {
    kind: 'close',
    row: { ...held.row, closedAt: at },
    merged: into !== undefined,
    entries: [...transitions(held.unwell, around), { at, kind: 'closed', text, actor: '' }],
  };
}

/** What happened to those that were not well. */
function transitions(unwell: ReadonlySet<SubjectKey>, { subjects, before }: Around): Entry[] {
  return [...unwell].flatMap((key) => {
    const subject = subjects.get(key);
    const from = before.verdicts.get(key);
    if (subject === undefined || from === undefined || from === subject.verdict) return [];
    const why = subject.reason === '' || subject.verdict === 'up' ? '' : `: ${subject.reason}`;
    return [
      { at: subject.since, kind: 'transition' as const, text: clean(`${nameOf(key)}: ${from} → ${subject.verdict}${why}`), actor: '' },
    ];
  });
}

/** `prod/backend (r43) is down: refused` */
function told({ key, kind, release, verdict, reason }: Subject): string {
  const name = kind === 'part' ? `The ${nameOf(key)}` : `${nameOf(key)}${release === '' ? '' : ` (${release})`}`;
  return clean(`${titleOf('', [name], severityOf(verdict) ?? 'down')}${reason === '' ? '' : `: ${reason}`}`);
}

function worst(subjects: readonly Subject[], least: Severity): Severity {
  return subjects
    .map(({ verdict }) => severityOf(verdict))
    .filter((severity) => severity !== undefined)
    .reduce((most, severity) => (isWorse(severity, most) ? severity : most), least);
}
