/** The verdicts that people hear: of each service, monitor and part, since when and why; what changes is told once. */

import type { HealthVerdict } from '../contract/status.ts';
import type { Container } from '../engines/types.ts';
import type { PartState, Seen } from './incidents/types.ts';
import type { States } from './states.ts';
import { foldCheck, foldService, type Folded, type ReplicaView } from './subject.ts';
import { isOutside, keyOf, OWN, type Wanted, type WantedReplica, type WantedService } from './targets.ts';
import type { Moment, SubjectState, Transition } from './types.ts';
import type { Windows } from './windows.ts';

export interface SubjectsOptions {
  readonly states: States;
  readonly windows: Windows;
  readonly container: (name: string) => Container | undefined;
  readonly engineSuspect: () => boolean;
}

export interface Subjects {
  /** Folds everything again; gives what has changed. */
  fold(wanted: Wanted, now: Moment): readonly Transition[];
  of(environment: string, service: string): SubjectState | undefined;
  seen(now: Moment): Seen;
}

type Kind = 'service' | 'monitor' | 'part';
type Subject = SubjectState & { readonly kind: Kind };
type Named = Omit<Subject, 'since' | 'steadySince' | 'verdict' | 'reason'>;

export function createSubjects({ states, windows, container, engineSuspect }: SubjectsOptions): Subjects {
  let services = new Map<string, Subject>();
  let checks = new Map<string, Subject>();
  /** Of the states that `checks` were made of. */
  let version = -1;

  function replicaView(wanted: WantedReplica, service: WantedService): ReplicaView {
    const { environment, service: name } = service;
    const check = (which: string) =>
      states.get(keyOf({ environment, service: name, release: wanted.release, replica: wanted.name, check: which }));
    const found = container(wanted.container);
    const running = found?.state.kind === 'running' ? found.labels['antler.release'] : undefined;
    return {
      name: wanted.name,
      direct: check('direct'),
      container: check('container'),
      running,
      foreign: found !== undefined && found.image.split('@')[1] !== wanted.digest, // one that goes by a tag may be anything
    };
  }

  function foldOf(service: WantedService, now: number): Folded {
    const { environment, service: name, release } = service;
    const edge = states.get(keyOf({ environment, service: name, release, replica: '', check: 'edge' }));
    const replicas = service.replicas.map((each) => replicaView(each, service));
    const coming = (service.coming ?? []).map((each) => replicaView(each, service));
    const folded = foldService({
      wanted: release,
      edge,
      replicas,
      coming,
      deploying: windows.isOpen(environment, name, now),
      moving: windows.releases(environment, name, now),
    });
    if (folded.verdict === 'up') windows.well(environment, name);
    return folded;
  }

  function* checksOf(): Iterable<readonly [Named, Folded]> {
    for (const state of states.all()) {
      const { id } = state.target;
      if (isOutside(id)) yield [{ kind: 'monitor', environment: '', service: id.service, release: '' }, foldCheck(state)];
      else if (id.environment === '')
        yield [{ kind: 'part', environment: '', service: `${OWN}/${id.check}`, release: '' }, foldCheck(state)];
    }
  }

  return {
    fold(wanted, now) {
      const transitions: Transition[] = [];
      const told = (transition: Transition): void => void transitions.push(transition);
      const served = wanted.services.map((service): readonly [Named, Folded] => {
        const { environment, service: name, release } = service;
        return [{ kind: 'service', environment, service: name, release }, foldOf(service, now.steady)];
      });
      services = follow(services, served, { now, told });
      // Windows close by themselves; a check is what its looks are. To fold hundreds of them each second would cost as much as the looks.
      if (version !== states.version()) checks = follow(checks, checksOf(), { now, told });
      version = states.version();
      return transitions;
    },
    of: (environment, service) => (environment === '' ? checks : services).get(`${environment}/${service}`),
    seen(now) {
      const parts = states.all().flatMap(({ target, verdict, since, steadySince, last }): readonly PartState[] => {
        if (target.probe.kind !== 'part') return [];
        const reason = verdict === 'up' ? '' : (last?.detail ?? '');
        return [
          {
            part: target.probe.part,
            verdict,
            since,
            steadySince,
            reason,
            suspect: verdict !== 'down' && (last?.outcome === 'bad' || (target.probe.part === 'engine' && engineSuspect())),
          },
        ];
      });
      const monitors = [...checks.values()].filter(({ kind }) => kind === 'monitor');
      return { ...now, services: [...services.values()], monitors, parts };
    },
  };
}

interface Following {
  readonly now: Moment;
  readonly told: (transition: Transition) => void;
}

/** Each with the time since when it is so; who is not named any more is forgotten. */
function follow(
  before: ReadonlyMap<string, Subject>,
  all: Iterable<readonly [Named, Folded]>,
  { now, told }: Following,
): Map<string, Subject> {
  const next = new Map<string, Subject>();
  for (const [subject, { verdict, reason, evidence }] of all) {
    const { environment, service, release } = subject;
    const key = `${environment}/${service}`;
    const known = before.get(key);
    const from: HealthVerdict = known?.verdict ?? 'unknown';
    const began = known?.verdict === verdict ? known : { since: now.at, steadySince: now.steady };
    next.set(key, { ...subject, verdict, reason, since: began.since, steadySince: began.steadySince });
    if (from !== verdict) told({ environment, service, release, at: now.at, from, to: verdict, reason, evidence });
  }
  return next;
}
