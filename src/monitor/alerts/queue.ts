/** One channel's turn: one alert after the other, each tried again with growing waits. Nothing waits for it. */

import { sleep } from '../../kit/wait.ts';
import type { Delivery } from './types.ts';

export interface QueueOptions {
  /** Milliseconds before each further try; after the last one it is given up. */
  readonly waitsMs: readonly number[];
  /** More that wait are refused. */
  readonly most: number;
  readonly signal: AbortSignal;
}

export interface Job {
  readonly send: () => Promise<Delivery>;
  /** After each try; `againMs` undefined: it was the last one. Not called once the daemon stops. */
  readonly onTried: (delivery: Delivery, againMs: number | undefined) => void;
}

export interface Queue {
  push(job: Job): void;
}

export function createQueue({ waitsMs, most, signal }: QueueOptions): Queue {
  const waiting: Job[] = [];
  let busy = false;
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined && !signal.aborted; job = waiting.shift()) await deliver(job);
    busy = false;
  };
  const deliver = async (job: Job): Promise<void> => {
    for (let tried = 0; !signal.aborted; tried++) {
      const delivery = await job.send();
      if (signal.aborted) return;
      const againMs = delivery.ok || !delivery.again ? undefined : waitsMs[tried];
      job.onTried(delivery, againMs);
      if (againMs === undefined) return;
      await sleep(againMs, signal).catch(() => undefined);
    }
  };
  return {
    push(job) {
      if (waiting.length >= most) {
        job.onTried({ ok: false, again: false, detail: `${most} alerts wait already` }, undefined);
        return;
      }
      waiting.push(job);
      if (busy) return;
      busy = true;
      void work();
    },
  };
}
