/** Everything that is watched under one kind of name, and how people call it. Pure. */

import type { HealthVerdict } from '../../contract/status.ts';
import type { Seen, Severity, Subject, SubjectKey } from './types.ts';

export function subjectsOf({ services, monitors, parts }: Seen): ReadonlyMap<SubjectKey, Subject> {
  const all: Subject[] = [
    ...services.map((state): Subject => ({ ...state, kind: 'service', key: `service ${state.environment}/${state.service}` })),
    ...monitors.map((state): Subject => ({ ...state, kind: 'monitor', key: `monitor ${state.service}` })),
    ...parts.map((state): Subject => ({ ...state, kind: 'part', key: `part ${state.part}`, environment: '', release: '' })),
  ];
  return new Map(all.map((subject) => [subject.key, subject]));
}

/** Undefined: nothing is wrong, or nothing is known. */
export function severityOf(verdict: HealthVerdict): Severity | undefined {
  switch (verdict) {
    case 'down':
    case 'degraded':
    case 'drift':
      return verdict;
    case 'up':
    case 'unknown':
    case 'deploying':
      return undefined;
    default:
      verdict satisfies never;
      return undefined;
  }
}

const RANK: Readonly<Record<Severity, number>> = { drift: 0, degraded: 1, down: 2 };

export function isWorse(severity: Severity, than: Severity): boolean {
  return RANK[severity] > RANK[than];
}

/** `prod/backend`, `shop`, `engine`. */
export function nameOf(key: SubjectKey): string {
  return key.slice(key.indexOf(' ') + 1);
}

/** The key of a name in an incident's row: only services have a `/`, and an incident is either a part's or a monitor's. */
export function keyOf(name: string, cause: string): SubjectKey {
  if (name.includes('/')) return `service ${name}`;
  return `${cause.startsWith('monitor ') ? 'monitor' : 'part'} ${name}`;
}

/** `prod/backend is down`, `prod: backend and frontend are down`, `The engine is down`. */
export function titleOf(cause: string, names: readonly string[], severity: Severity): string {
  const [one, many] = SAYS[severity];
  if (cause.startsWith('part ')) return `The ${nameOf(cause)} ${one}`;
  if (names.length <= 1) return `${names[0] ?? nameOf(cause)} ${one}`;
  const [environment = ''] = nameOf(cause).split('/');
  const services = names.map((name) => name.slice(name.indexOf('/') + 1));
  const who = services.length > 3 ? `${services.length} services` : `${services.slice(0, -1).join(', ')} and ${services.at(-1) ?? ''}`;
  return `${environment}: ${who} ${many}`;
}

const SAYS: Readonly<Record<Severity, readonly [one: string, many: string]>> = {
  down: ['is down', 'are down'],
  degraded: ['is degraded', 'are degraded'],
  drift: ['is not on the release that is wanted', 'are not on the release that is wanted'],
};

/** One line of at most 300 signs: reasons hold what others answered. */
export function clean(text: string): string {
  // oxlint-disable-next-line no-control-regex -- that is what is taken out
  const line = text.replaceAll(/[\u0000-\u001F\u007F-\u009F\u2028\u2029]+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
