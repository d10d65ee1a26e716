/** Bases of ours that stand for public images which cannot be reached. */

import type { Clock } from '../kit/clock.ts';
import { ask as askHttp } from '../kit/http.ts';
import { normalImage, registryHost, type From } from './dockerfile.ts';
import type { Base } from './types.ts';

export interface StandIn {
  /** As the Dockerfile writes it. */
  readonly written: string;
  /** The image that it means, in full. */
  readonly image: string;
  /** Name of the base. */
  readonly base: string;
}

/** Long enough for a slow line, short enough for a build without internet. */
const REACH_MS = 2000;

/** For so long nobody waits again for a registry that did not answer: one build asks for each of its services. */
const SILENT_MS = 30_000;

export type Ask = (host: string, signal: AbortSignal) => Promise<boolean>;

/** Does the registry at this host answer? `ask` does the asking. */
export function createAsker(clock: Pick<Clock, 'now'>, ask: Ask = answersAt): Ask {
  const silent = new Map<string, number>();
  return async (host, signal) => {
    const since = silent.get(host);
    if (since !== undefined && clock.now() - since < SILENT_MS) return false;
    const answered = await ask(host, signal);
    if (answered) silent.delete(host);
    else silent.set(host, clock.now());
    return answered;
  };
}

/** Asks each public registry once; only where it does not answer a base stands in. */
export async function planStandIns(
  candidates: readonly StandIn[],
  { ask, signal }: { readonly ask: Ask; readonly signal: AbortSignal },
): Promise<readonly StandIn[]> {
  const hosts = [...new Set(candidates.map(({ image }) => registryHost(image)))];
  const answers = new Map(await Promise.all(hosts.map(async (host) => [host, await ask(host, signal)] as const)));
  return candidates.filter(({ image }) => answers.get(registryHost(image)) !== true);
}

/** Which FROM a base could stand for. Pure. */
export function matches(images: readonly From[], bases: readonly Base[]): readonly StandIn[] {
  return images.flatMap(({ written, image }) => {
    if (image === undefined) return [];
    const base = bases.find(({ spec }) => spec.standsFor.some((name) => normalImage(name) === normalImage(image)));
    return base === undefined ? [] : [{ written, image: normalImage(image), base: base.name }];
  });
}

async function answersAt(host: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { status } = await askHttp(`https://${host}/v2/`, {
      method: 'HEAD',
      signal: AbortSignal.any([signal, AbortSignal.timeout(REACH_MS)]),
    });
    return status < 500;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
