/** The verdicts that people hear: of each service, monitor and part, since when and why; what changes is told once. */

import type { HealthVerdict } from '../contract/status.ts';
import type { Container } from '../engines/types.ts';
import type { PartState, Seen } from './incidents/types.ts';
import type { States } from './states.ts';
import { foldCheck, foldService, type Folded, type ReplicaView } from './subject.ts';
import { isOutside, keyOf, OWN, type Wanted, type WantedReplica, type WantedService } from './targets.ts';
import type { SubjectState, Transition } from './types.ts';
import type { Windows } from './windows.ts';

export interface SubjectsOptions {
  readonly states: States;
  readonly windows: Windows;
  readonly container: (name: string) => Container | undefined;
  readonly engineSuspect: () => boolean;
}

export interface Subjects {
  /** Folds everything again; gives what has changed. */
  fold(wanted: Wanted, now: number): readonly Transition[];
  of(environment: string, service: string): SubjectState | undefined;
  seen(now: number): Seen;
}

type Kind = 'service' | 'monitor' | 'part';
type Subject = SubjectState & { readonly kind: Kind };

export function createSubjects({ states, windows, container, engineSuspect }: SubjectsOptions): Subjects {
  let subjects = new Map<string, Subject>();

  function replicaView(wanted: WantedReplica, service: WantedService): ReplicaView {
    const { environment, service: name } = service;
    const check = (which: string) =>
      states.get(keyOf({ environment, service: name, release: wanted.release, replica: wanted.name, check: which }));
    const found = container(wanted.container);
    const running = found?.state.kind === 'running' ? found.labels['antler.release'] : undefined;
    const image = found?.image.split('@')[1];
    return {
      name: wanted.name,
      direct: check('direct'),
      container: check('container'),
      running,
      foreign: image !== undefined && image !== wanted.digest,
    };
  }

  function foldOf(service: WantedService, now: number): Folded {
    const { environment, service: name, release } = service;
    const edge = states.get(keyOf({ environment, service: name, release, replica: '', check: 'edge' }));
    const replicas = service.replicas.map((each) => replicaView(each, service));
    const folded = foldService({ wanted: release, edge, replicas, deploying: windows.isOpen(environment, name, now) });
    if (folded.verdict === 'up') windows.well(environment, name);
    return folded;
  }

  return {
    fold(wanted, now) {
      const transitions: Transition[] = [];
      const next = new Map<string, Subject>();
      const put = (subject: Omit<SubjectState, 'since' | 'verdict' | 'reason'> & { readonly kind: Kind }, folded: Folded): void => {
        const key = `${subject.environment}/${subject.service}`;
        const before = subjects.get(key);
        const { verdict, reason, evidence } = folded;
        const same = before !== undefined && before.verdict === verdict;
        next.set(key, { ...subject, verdict, reason, since: same ? before.since : now });
        const from: HealthVerdict = before?.verdict ?? 'unknown';
        const { environment, service, release } = subject;
        if (from !== verdict) transitions.push({ environment, service, release, at: now, from, to: verdict, reason, evidence });
      };
      for (const service of wanted.services) {
        const { environment, service: name, release } = service;
        put({ kind: 'service', environment, service: name, release }, foldOf(service, now));
      }
      for (const state of states.all()) {
        const { id } = state.target;
        if (isOutside(id)) put({ kind: 'monitor', environment: '', service: id.service, release: '' }, foldCheck(state));
        else if (id.environment === '')
          put({ kind: 'part', environment: '', service: `${OWN}/${id.check}`, release: '' }, foldCheck(state));
      }
      subjects = next;
      return transitions;
    },
    of: (environment, service) => subjects.get(`${environment}/${service}`),
    seen(now) {
      const of = (kind: Kind): readonly SubjectState[] => [...subjects.values()].filter((each) => each.kind === kind);
      const parts = states.all().flatMap(({ target, verdict, since, last }): readonly PartState[] => {
        if (target.probe.kind !== 'part') return [];
        const reason = verdict === 'up' ? '' : (last?.detail ?? '');
        return [
          {
            part: target.probe.part,
            verdict,
            since,
            reason,
            suspect: verdict !== 'down' && (last?.outcome === 'bad' || (target.probe.part === 'engine' && engineSuspect())),
          },
        ];
      });
      return { at: now, services: of('service'), monitors: of('monitor'), parts };
    },
  };
}
