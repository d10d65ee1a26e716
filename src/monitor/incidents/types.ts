/** Words of incidents: what is seen of everything that is watched, and what follows for people. */

import type { HealthVerdict } from '../../contract/status.ts';
import type { IncidentEntryRow, IncidentRow } from '../../store/types.ts';
import type { Moment, Part, SubjectState, TargetVerdict } from '../types.ts';

export type Severity = IncidentRow['severity'];

export interface PartState {
  readonly part: Part;
  readonly verdict: TargetVerdict;
  readonly since: number;
  readonly steadySince: number;
  readonly reason: string;
  /** The last look was bad, and the verdict is not down yet: what falls now may fall with it. */
  readonly suspect: boolean;
}

/** Everything that is watched, as it is at one moment. */
export interface Seen extends Moment {
  readonly services: readonly SubjectState[];
  /** Of the config; `service` is the monitor's name. */
  readonly monitors: readonly SubjectState[];
  readonly parts: readonly PartState[];
}

/** `service prod/backend`, `monitor shop`, `part engine`: unique, and the cause's name where it is its own. */
export type SubjectKey = string;

export interface Subject {
  readonly key: SubjectKey;
  readonly kind: 'service' | 'monitor' | 'part';
  readonly environment: string;
  readonly release: string;
  readonly verdict: HealthVerdict;
  readonly since: number;
  /** By which it is told how long it is so, and who fell with whom: a clock that is set changes neither. */
  readonly steadySince: number;
  readonly reason: string;
}

/** An incident that is open, with those of its subjects that are not well yet. */
export interface Held {
  readonly row: IncidentRow;
  /** When it opened, steady. */
  readonly steadySince: number;
  readonly unwell: ReadonlySet<SubjectKey>;
}

/** What is wrong: one incident each. */
export interface Cause {
  readonly cause: string;
  readonly environment: string;
  /** Not well; the first to fall first. */
  readonly subjects: readonly Subject[];
  /** Held as not well although nothing is said of them right now. */
  readonly absent: readonly SubjectKey[];
}

/** A rollout as a timeline tells it. */
export interface Deploy {
  readonly id: number;
  readonly environment: string;
  /** `r42` */
  readonly release: string;
  readonly from: string | undefined;
  readonly kind: 'deploy' | 'promote' | 'rollback';
  readonly verdict: 'running' | 'waiting' | 'verified' | 'failed' | 'undone';
  readonly actor: string;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
}

export type Entry = Pick<IncidentEntryRow, 'at' | 'kind' | 'text' | 'actor'>;
