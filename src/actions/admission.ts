/**
 * Which jobs may start now: in the order in which they came, as long as memory and processors are free for them and for what is deployed.
 * Memory that is taken is gone, so it is counted; processors are shared, so it is jobs that are counted: a machine that is busy for a moment
 * is no reason to wait, and what jobs take beyond their slots' worth is given back at once, for every deployed service weighs more (`CPU_SHARES`).
 */

import { readFileSync } from 'node:fs';

import { AntlerError } from '../kit/errors.ts';
import { formatSize } from '../kit/units.ts';

export interface MachineSize {
  /** Bytes of the machine. */
  readonly memory: number;
  readonly cores: number;
}

/** What one job may use. */
export interface JobLimits {
  readonly memory: number;
  readonly cpus: number;
  readonly pids: number;
}

export interface Room {
  /** MemAvailable, in bytes. */
  readonly available: number;
  /** Bytes that jobs never take: for what is deployed, and for the kernel's cache. */
  readonly reserve: number;
  /** Jobs at once: what stands for the processors. */
  readonly slots: number;
}

export interface RunningJob {
  /** Promised when it was let in. */
  readonly memory: number;
  /** Of that in use now, which `available` has left out already; 0 where it is not known. */
  readonly used: number;
}

export type Admission = { readonly kind: 'start' } | { readonly kind: 'wait'; readonly reason: string };

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** A quarter of the machine, 2 GiB at most: beside what is deployed, two jobs fit on a small board. */
export function jobLimits({ memory, cores }: MachineSize): JobLimits {
  return { memory: Math.max(256 * MIB, Math.min(2 * GIB, Math.floor(memory / 4))), cpus: cores, pids: 1024 };
}

/** Bytes that stay free for everything else. */
export function jobReserve({ memory }: Pick<MachineSize, 'memory'>): number {
  return Math.max(128 * MIB, Math.floor(memory / 20));
}

/** For the first in the queue; who comes later waits for it, so that a large job is never overtaken for ever. Pure. */
export function admit(wanted: Pick<JobLimits, 'memory'>, running: readonly RunningJob[], room: Room): Admission {
  if (running.length >= room.slots) {
    return {
      kind: 'wait',
      reason: `${running.length === 1 ? 'a job is' : `${running.length} jobs are`} running, and ${room.slots} may run at once`,
    };
  }
  const promised = running.reduce((sum, { memory, used }) => sum + Math.max(0, memory - used), 0);
  const free = room.available - room.reserve - promised;
  if (free >= wanted.memory) return { kind: 'start' };
  const others = promised === 0 ? '' : ` (${formatSize(promised)} are promised to running jobs)`;
  return {
    kind: 'wait',
    reason: `it needs ${formatSize(wanted.memory)} of memory, and ${formatSize(Math.max(0, free))} are free${others}`,
  };
}

export interface AdmissionOptions {
  readonly slots: number;
  readonly reserve: number;
  /** MemAvailable of the machine by default. */
  readonly available?: () => number;
  /** Milliseconds until memory is looked at again while somebody waits; a second by default. */
  readonly everyMs?: number;
}

export interface AdmissionRequest {
  readonly memory: number;
  /** Bytes that it uses now. */
  readonly used?: () => Promise<number>;
  readonly signal: AbortSignal;
  /** Why it waits; each new reason. */
  readonly onWait: (reason: string) => void;
}

/** To be disposed when the job has ended. */
export type Admitted = Disposable;

export interface AdmissionDesk {
  /** Waits for its turn and for room. Throws `kit/aborted` and leaves the queue when the signal comes. */
  enter(request: AdmissionRequest): Promise<Admitted>;
}

interface Waiting {
  readonly request: AdmissionRequest;
  readonly start: (admitted: Admitted) => void;
  told: string;
}

export function createAdmission(options: AdmissionOptions): AdmissionDesk {
  const { slots, reserve, available = memAvailable, everyMs = 1000 } = options;
  const queue: Waiting[] = [];
  const running = new Set<AdmissionRequest>();
  let timer: NodeJS.Timeout | undefined;
  let looking = false;

  const usedBy = async ({ memory, used }: AdmissionRequest): Promise<RunningJob> => ({
    memory,
    used: (await used?.().catch(() => 0)) ?? 0,
  });

  /** Lets in who may; one look at a time, in the order of the queue. */
  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    clearTimeout(timer);
    try {
      for (let [first] = queue; first !== undefined; [first] = queue) {
        const before = running.size;
        const jobs = await Promise.all([...running].map(usedBy));
        if (first !== queue[0] || before !== running.size) continue; // it left, or another one ended, while we looked
        const answer = admit(first.request, jobs, { available: available(), reserve, slots });
        if (answer.kind === 'wait') {
          tell(queue, answer.reason);
          break;
        }
        queue.shift();
        running.add(first.request);
        first.start(leave(first.request));
      }
    } finally {
      looking = false;
    }
    if (queue.length > 0) timer = setTimeout(() => void look(), everyMs);
  }

  function leave(request: AdmissionRequest): Admitted {
    return {
      [Symbol.dispose]() {
        if (running.delete(request)) void look();
      },
    };
  }

  return {
    async enter(request) {
      const { signal } = request;
      const { promise, resolve, reject } = Promise.withResolvers<Admitted>();
      if (signal.aborted) throw aborted(signal);
      const waiting: Waiting = { request, start: resolve, told: '' };
      queue.push(waiting);
      const onAbort = (): void => {
        const place = queue.indexOf(waiting);
        if (place >= 0) queue.splice(place, 1);
        reject(aborted(signal)); // of one that was let in meanwhile nobody hears
        void look();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        void look();
        return await promise;
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}

function tell(queue: readonly Waiting[], reason: string): void {
  for (const [place, waiting] of queue.entries()) {
    const why = place === 0 ? reason : `${place} ${place === 1 ? 'job is' : 'jobs are'} before it: ${reason}`;
    if (waiting.told === why) continue;
    waiting.told = why;
    waiting.request.onWait(why);
  }
}

function aborted(signal: AbortSignal): AntlerError {
  return new AntlerError('kit/aborted', 'Cannot wait for free memory and processors as the run was cancelled', { cause: signal.reason });
}

/** In bytes, as the kernel judges what a new program could have. */
function memAvailable(): number {
  return Number(/^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) * 1024;
}
