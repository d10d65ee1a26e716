/** One look at any kind of target, and whose fault a failure is. */

import type { Clock } from '../../kit/clock.ts';
import type { Self } from '../self.ts';
import { isOutside } from '../targets.ts';
import type { Part, Sample, Target } from '../types.ts';
import { lookDns } from './dns.ts';
import { createKept, lookHttp } from './http.ts';
import { failed, shortly, silent, type Look } from './look.ts';
import { lookTcp } from './tcp.ts';
import { lookTls } from './tls.ts';

/** A kept connection hides a listener that takes no new ones: now and then there is a new one. */
const FRESH_EVERY = 15;

/** What is known without a request; undefined: nothing new. */
export type Known = Pick<Look, 'outcome' | 'detail'> | undefined;

export interface ProbesOptions {
  readonly clock: Clock;
  readonly self: Self;
  readonly container: (name: string) => Known;
  /** Throws or gives a failed look where the part does not answer; undefined where it sleeps, as it may. */
  readonly part: (part: Part, signal: AbortSignal) => Promise<Known>;
}

export interface Probes {
  /** Undefined where there was nothing to see. Never throws. */
  look(target: Target, options: { readonly before: Sample | undefined; readonly signal: AbortSignal }): Promise<Sample | undefined>;
  [Symbol.dispose](): void;
}

export function createProbes(options: ProbesOptions): Probes {
  const kept = createKept();
  const counts = new Map<string, number>();

  /** New on the first look, which after a deploy is a new target's, and after each failure. */
  function isFresh({ key }: Target, before: Sample | undefined): boolean {
    const count = before === undefined ? 0 : (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count % FRESH_EVERY === 0 || before?.outcome === 'bad' || before?.outcome === 'own';
  }

  async function look(target: Target, before: Sample | undefined, signal: AbortSignal): Promise<Look | undefined> {
    const { probe } = target;
    switch (probe.kind) {
      case 'http': {
        const agent = isOutside(target.id) || isFresh(target, before) ? undefined : kept;
        return lookHttp(probe, { target, agent, signal });
      }
      case 'tcp':
        return lookTcp(probe, { target, signal });
      case 'tls':
        return lookTls(probe, { target, signal });
      case 'dns':
        return lookDns(probe, { target, signal });
      case 'container':
        return withTime(options.container(probe.name), 0);
      case 'part':
        return lookPart(options, target, { part: probe.part, signal });
      default:
        return probe satisfies never;
    }
  }

  return {
    async look(target, { before, signal }) {
      const began = performance.now();
      const seen = await look(target, before, signal).catch((error: unknown) => failed(error, performance.now() - began));
      if (seen === undefined || signal.aborted) return undefined;
      const { outcome, detail, fault: _fault, ...rest } = seen;
      const sample = { target, at: options.clock.now(), ...rest };
      if (outcome !== 'bad' || target.probe.kind === 'container') return { ...sample, outcome, detail };
      const own = await options.self.excuse({ began, fault: seen.fault, outside: isOutside(target.id) });
      return own === undefined ? { ...sample, outcome, detail } : { ...sample, outcome: 'own', detail: own };
    },
    [Symbol.dispose]: () => kept.destroy(),
  };
}

interface PartLook {
  readonly part: Part;
  readonly signal: AbortSignal;
}

async function lookPart(options: ProbesOptions, target: Target, { part, signal }: PartLook): Promise<Look | undefined> {
  const began = performance.now();
  const limit = AbortSignal.timeout(target.timeoutMs);
  try {
    return withTime(await options.part(part, AbortSignal.any([signal, limit])), performance.now() - began);
  } catch (error) {
    const ms = performance.now() - began;
    return limit.aborted
      ? silent(target.timeoutMs, ms)
      : { outcome: 'bad', ms, detail: error instanceof Error ? error.message : shortly(ms) };
  }
}

function withTime(known: Known, ms: number): Look | undefined {
  return known === undefined ? undefined : { ...known, ms };
}
