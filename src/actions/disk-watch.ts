/** Looks at the disks that jobs write to while jobs run, and ends the one that fills them before what is deployed has no room left. */

import { AntlerError } from '../kit/errors.ts';
import { exec } from '../kit/exec.ts';
import { formatSize } from '../kit/units.ts';

export interface DiskWatchOptions {
  /** One on each disk that jobs write to: workspaces, and what containers write to their own file systems. */
  readonly folders: readonly string[];
  /** Bytes. Below that a job is ended; it must lie well under what a job needs to start, or it would be ended at its first byte. */
  readonly floor: number;
  /** Free bytes of a folder's disk. */
  readonly freeOf: (folder: string) => Promise<number>;
  /** Milliseconds between two looks while a job runs; two seconds by default. */
  readonly everyMs?: number;
}

export interface WatchedJob {
  /** For its run again. */
  readonly run: number;
  /** Folders on the machine that only this job fills. */
  readonly folders: readonly string[];
  /** Ends it; done when its space is free again. */
  end(error: AntlerError): Promise<void>;
}

export interface DiskWatch {
  /** From now on until it is disposed. */
  add(job: WatchedJob): Disposable;
}

/** A disk as it was seen. */
export interface DiskSight {
  readonly free: number;
  readonly floor: number;
  /** Of the look before, where a job was ended by then and its files are being removed. */
  readonly freeBefore?: number;
}

const EVERY_MS = 2000;
/** Whoever holds so many files that they cannot be counted in this time is taken for the largest. */
const COUNT_MS = 3000;

/** `wait`: what was ended already gives its space back. Pure. */
export function judgeDisk({ free, floor, freeBefore }: DiskSight): 'well' | 'wait' | 'end' {
  if (free >= floor) return 'well';
  return freeBefore !== undefined && free > freeBefore ? 'wait' : 'end';
}

/** Index of the one to end: who holds the most, of equals the one that came last. Undefined bytes: too many files to count. Pure. */
export function largest(held: readonly (number | undefined)[]): number {
  const sizes = held.map((bytes) => bytes ?? Number.POSITIVE_INFINITY);
  return sizes.lastIndexOf(Math.max(...sizes));
}

export function createDiskWatch({ folders, floor, freeOf, everyMs = EVERY_MS }: DiskWatchOptions): DiskWatch {
  const jobs = new Set<WatchedJob>();
  const leaving = new Set<WatchedJob>();
  const before = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let looking = false;

  async function look(): Promise<void> {
    looking = true;
    for (const folder of folders) {
      const free = await freeOf(folder).catch(() => undefined);
      if (free === undefined) continue; // what cannot be read is the doctor's matter
      const freeBefore = leaving.size === 0 ? undefined : before.get(folder);
      before.set(folder, free);
      if (judgeDisk({ free, floor, ...(freeBefore === undefined ? {} : { freeBefore }) }) === 'end') await endOne(folder, free);
    }
    looking = false;
    next();
  }

  /** One job, not all: the others have done nothing, and one of them may be delivering right now. */
  async function endOne(folder: string, free: number): Promise<void> {
    const running = [...jobs];
    // Of one alone nothing must be counted: the disk fills meanwhile.
    const held = running.length < 2 ? [] : await Promise.all(running.map(async (job) => bytesOf(job.folders)));
    const index = held.length === 0 ? 0 : largest(held);
    const job = running[index];
    if (job === undefined || !jobs.delete(job)) return; // none is left, or it ended while we counted
    const bytes = held[index];
    const size = bytes === undefined ? '' : ` (${formatSize(bytes)})`;
    const most = held.length === 0 ? '' : `; of the ${held.length} running jobs this one holds the most${size}`;
    leaving.add(job);
    const error = new AntlerError(
      'actions/disk-floor',
      `Cannot let the job go on as the disk of ${folder} has ${formatSize(free)} free, and ${formatSize(floor)} is the floor${most}`,
      {
        hint: `Let it write less, or free some space (\`antler images ls\` and \`journalctl --vacuum-size=100M\` are where to look first), then type \`antler run rerun ${job.run} --failed\``,
      },
    );
    void job
      .end(error)
      .catch(() => undefined) // what stays is found by the next look, and by the next start
      .finally(() => leaving.delete(job));
  }

  function next(): void {
    clearTimeout(timer);
    if (jobs.size > 0) timer = setTimeout(() => void look(), everyMs);
    else before.clear();
  }

  return {
    add(job) {
      jobs.add(job);
      if (jobs.size === 1 && !looking) next();
      return { [Symbol.dispose]: () => void jobs.delete(job) };
    },
  };
}

/** On the disk, links counted once; undefined where they are too many to be counted in time. */
async function bytesOf(folders: readonly string[]): Promise<number | undefined> {
  const argv = ['du', '--summarize', '--total', '--one-file-system', '--block-size=1', '--', ...folders] as const;
  try {
    // 1: a file was removed meanwhile
    const { stdout } = await exec([...argv], { signal: AbortSignal.timeout(COUNT_MS), accept: [1] });
    return Number(/^(\d+)\ttotal$/m.exec(stdout)?.[1] ?? 0);
  } catch {
    return undefined;
  }
}
