/** The kernel's own record of what it killed for memory: what is left when the control group is gone. */

import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';

import { errnoOf } from '../../kit/errors.ts';

export interface OomKill {
  /** Id of the container whose limit was exceeded. */
  readonly container: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What the kernel still remembers; empty where its log may not be read. Takes some milliseconds. */
export function readOomKills(): readonly OomKill[] {
  try {
    const bootedAt = Date.now() - Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
    return parseOomKills(readRecords(), bootedAt);
  } catch {
    return [];
  }
}

/** From the records of /dev/kmsg: `6,1234,1024992930,-;oom-kill:constraint=CONSTRAINT_MEMCG,…,oom_memcg=/…/libpod-<id>,…`. */
export function parseOomKills(records: readonly string[], bootedAt: number): readonly OomKill[] {
  return records.flatMap((record) => {
    const container = /;oom-kill:constraint=CONSTRAINT_MEMCG,.*\boom_memcg=[^,]*libpod-([0-9a-f]{64})/.exec(record)?.[1];
    const micros = Number(record.split(',', 3)[2]);
    return container === undefined || !Number.isFinite(micros) ? [] : [{ container, at: bootedAt + micros / 1000 }];
  });
}

function readRecords(): string[] {
  const file = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(8192);
  const records: string[] = [];
  try {
    for (;;) {
      try {
        records.push(buffer.toString('utf8', 0, readSync(file, buffer)));
      } catch (error) {
        if (errnoOf(error) === 'EPIPE') continue; // overwritten under our eyes: the next one is there
        return records; // EAGAIN: the end
      }
    }
  } finally {
    closeSync(file);
  }
}
