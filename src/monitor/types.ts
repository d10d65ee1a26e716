/** The monitor's words: what is watched, what a look at it gave, and what follows. Times in milliseconds since 1970, durations in milliseconds. */

import type { HealthVerdict } from '../contract/status.ts';

/** Now, on both clocks: people are told of the wall's, durations are counted on the steady one, which no correction moves. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Monotonic milliseconds. */
  readonly steady: number;
}

/**
 * Every sample carries it; `''` where a target has no such part. A monitor of the config: no environment, its name as the service. A part of Antler itself
 * (edge, registry, engine): environment `''`, service `antler`, the part as the check.
 */
export interface TargetId {
  readonly environment: string;
  readonly service: string;
  /** `r42` */
  readonly release: string;
  /** `<release>.<replica>.<generation>`, the edge's name of it. */
  readonly replica: string;
  /** `edge` through the virtual address · `direct` at the replica's own · `container` what engine and keeper say · a monitor's kind · a part's name. */
  readonly check: string;
}

export type TcpPlace = { readonly host: string; readonly port: number };

export type ProbeSpec =
  | HttpProbe
  | ({ readonly kind: 'tcp' } & TcpPlace)
  | ({
      readonly kind: 'tls';
      readonly servername: string;
      /** Fewer days until the certificate ends are `late`. */ readonly days: number;
    } & TcpPlace)
  | {
      readonly kind: 'dns';
      readonly name: string;
      readonly type: 'A' | 'AAAA' | 'CNAME' | 'MX' | 'TXT' | 'NS';
      /** `address` or `address:port`; unset: the machine's resolvers. */
      readonly server?: string;
      /** One of the answers. */
      readonly expect?: string;
    }
  /** No request: what the keeper and the engine's ends say of a container. */
  | { readonly kind: 'container'; readonly name: string }
  /** A part of Antler itself. */
  | { readonly kind: 'part'; readonly part: Part };

export type Part = 'edge' | 'registry' | 'engine';

export interface HttpProbe {
  readonly kind: 'http';
  /** `http://10.1.2.3:5000/healthz` */
  readonly url: string;
  readonly method: 'GET' | 'HEAD';
  readonly headers: Readonly<Record<string, string>>;
  /** Inclusive ranges. */
  readonly status: readonly (readonly [number, number])[];
  /** Text that the body holds. */
  readonly body?: string;
  /** JSON path → the value there, as text. */
  readonly json?: Readonly<Record<string, string>>;
  /** `X-Release` of the answer is the release that answers. */
  readonly tellsRelease: boolean;
}

export interface Target {
  /** The id's parts with `/` between them: unique. */
  readonly key: string;
  readonly id: TargetId;
  readonly probe: ProbeSpec;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** An answer that takes longer is `late`. */
  readonly lateMs: number;
  /** A rollout has started it: what fails before its first answer is its start. */
  readonly coming?: boolean;
}

/** `own`: the fault is ours (resolver, no route, a stalled loop, a woken machine): it says nothing of the target. */
export type Outcome = 'good' | 'late' | 'bad' | 'own';

export interface Sample {
  readonly target: Target;
  /** Wall clock, at the end. */
  readonly at: number;
  readonly outcome: Outcome;
  /** From the connect on, not from the schedule. */
  readonly ms: number;
  /** Short, for people: `answers 500`, `refused`, `no answer in 2s`. */
  readonly detail: string;
  /** Of failures: the first KB of what came. */
  readonly evidence?: string;
  readonly release?: string;
  /** Of a certificate. */
  readonly expiresAt?: number;
}

/** A target's state by the machine of samples: 3 bad of the last 5 are down, 2 good in a row are up. */
export type TargetVerdict = 'unknown' | 'up' | 'degraded' | 'down';

export interface TargetState {
  readonly target: Target;
  readonly verdict: TargetVerdict;
  readonly since: number;
  /** The same on the steady clock. */
  readonly steadySince: number;
  readonly last: Sample | undefined;
  /** The last one that was not good. */
  readonly failure: Sample | undefined;
}

/** A fold over the targets of one service in one environment, or of one monitor, or of Antler's own parts. */
export interface SubjectState {
  readonly environment: string;
  readonly service: string;
  readonly release: string;
  readonly verdict: HealthVerdict;
  readonly since: number;
  /** The same on the steady clock. */
  readonly steadySince: number;
  /** Why it is not up, for people; `''` where it is. */
  readonly reason: string;
}

/** A subject's change of verdict: kept for ever, written at once. */
export interface Transition {
  readonly environment: string;
  readonly service: string;
  readonly release: string;
  readonly at: number;
  readonly from: HealthVerdict;
  readonly to: HealthVerdict;
  readonly reason: string;
  readonly evidence: string;
}

/** What the monitor thinks of itself. */
export interface SelfState {
  /** Longest stall of the event loop in the last minute. */
  readonly loopLagMs: number;
  readonly canary: boolean;
  /** Why samples say nothing right now; undefined where they do. */
  readonly own: string | undefined;
}
