/** From what is seen to what is wrong: a dead part is one cause, however many services fall with it; services that fall together are one. Pure. */

import { severityOf, subjectsOf } from './subjects.ts';
import type { Cause, Held, Seen, Subject, SubjectKey } from './types.ts';

/** One round of checks with its quick repeats: what the same instant broke is called down within that. */
export const TOGETHER_MS = 30_000;
/** So much earlier may a service be called down than the part that it fell with. */
const BEFORE_PART_MS = 60_000;
/** How long a service that falls waits for the word on a part that looks bad: three looks of three seconds, three seconds apart, on a machine that is busy. */
const HOLD_MS = 30_000;
/** What is only weak is given so long to come back by itself: a container that is started again has done so by then. */
const PATIENCE_MS = 20_000;

/** Parts that every service needs; the registry only needs to be there when something is built or started. */
const CARRIERS = ['part engine', 'part edge'] as const;

/**
 * Every cause that stands. A subject stays with the incident that it is in until it is well; it only moves from an incident that has just begun to the part
 * that turns out to be the cause.
 */
export function causes(seen: Seen, held: readonly Held[]): readonly Cause[] {
  const subjects = subjectsOf(seen);
  const owners = new Map<SubjectKey, string>();
  for (const { row, unwell } of held) {
    for (const key of unwell) if (subjects.get(key)?.verdict !== 'up') owners.set(key, row.cause);
  }
  const bad = [...subjects.values()].filter((subject) => isWrong(subject, owners.has(subject.key) ? undefined : seen.steady)).sort(byFall);
  for (const { key, kind } of bad) if (kind !== 'service' && !owners.has(key)) owners.set(key, key);
  swallow(bad, held, owners);
  group(
    bad.filter(({ key, kind }) => kind === 'service' && !owners.has(key)),
    { seen, held, owners },
  );
  return byCause(owners, subjects);
}

/** `now`: where nobody has called it wrong yet. */
function isWrong({ verdict, steadySince }: Subject, now: number | undefined): boolean {
  if (severityOf(verdict) === undefined) return false;
  return verdict === 'down' || now === undefined || now - steadySince >= PATIENCE_MS;
}

function byFall(a: Subject, b: Subject): number {
  return a.steadySince - b.steadySince || (a.key < b.key ? -1 : 1);
}

/** Services that fell with a part are the part's. */
function swallow(bad: readonly Subject[], held: readonly Held[], owners: Map<SubjectKey, string>): void {
  for (const carrier of CARRIERS) {
    const part = bad.find(({ key, verdict }) => key === carrier && verdict === 'down');
    if (part === undefined) continue;
    for (const { key, kind, steadySince } of bad) {
      if (kind !== 'service') continue;
      const owner = owners.get(key);
      if (owner?.startsWith('part ') === true) continue;
      const fell = held.find(({ row }) => row.cause === owner)?.steadySince ?? steadySince;
      if (fell >= part.steadySince - BEFORE_PART_MS) owners.set(key, carrier);
    }
  }
}

interface Groups {
  readonly seen: Seen;
  readonly held: readonly Held[];
  readonly owners: Map<SubjectKey, string>;
}

interface Group {
  readonly cause: string;
  readonly environment: string;
  readonly since: number;
  readonly drift: boolean;
}

function group(left: readonly Subject[], { seen, held, owners }: Groups): void {
  const suspect = seen.parts.some((part) => part.suspect && CARRIERS.some((carrier) => carrier === `part ${part.part}`));
  const groups: Group[] = held
    .filter(({ row }) => row.cause.startsWith('service '))
    .map(({ row, steadySince }) => ({
      cause: row.cause,
      environment: row.environment,
      since: steadySince,
      drift: row.severity === 'drift',
    }));
  for (const subject of left) {
    const { key, environment, steadySince: since } = subject;
    const drift = subject.verdict === 'drift';
    const joined = groups.find(
      (each) => each.environment === environment && each.drift === drift && Math.abs(since - each.since) <= TOGETHER_MS,
    );
    if (joined !== undefined) owners.set(key, joined.cause);
    else if (!suspect || seen.steady - since >= HOLD_MS) {
      owners.set(key, key);
      groups.push({ cause: key, environment, since, drift });
    }
  }
}

function byCause(owners: ReadonlyMap<SubjectKey, string>, subjects: ReadonlyMap<SubjectKey, Subject>): Cause[] {
  const keys = new Map<string, SubjectKey[]>();
  for (const [key, cause] of owners) keys.set(cause, [...(keys.get(cause) ?? []), key]);
  return [...keys].map(([cause, all]) => {
    const known = all.map((key) => subjects.get(key)).filter((subject) => subject !== undefined);
    return {
      cause,
      environment: cause.startsWith('service ') ? cause.slice('service '.length, cause.lastIndexOf('/')) : '',
      subjects: known.sort(byFall),
      absent: all.filter((key) => !subjects.has(key)),
    };
  });
}
