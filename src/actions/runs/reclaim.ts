/** Removes logs of runs that nobody reads any more: by age and by size, after a start and after each run. */

import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Clock } from '../../kit/clock.ts';
import type { Platform } from '../../store/store.ts';
import { planRetention, RETENTION } from '../retention.ts';

export interface ReclaimOptions {
  /** `<home>/runs`. */
  readonly folder: string;
  readonly runs: Pick<Platform['runs'], 'get'>;
  readonly clock: Clock;
}

/** The record of a run stays; only its files go. */
export async function reclaimLogs({ folder, runs, clock }: ReclaimOptions): Promise<void> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^[1-9]\d*$/.test(name));
  const kept = await Promise.all(
    names.map(async (name) => ({ id: Number(name), endedAt: endOf(runs, Number(name), clock), bytes: await bytesOf(join(folder, name)) })),
  );
  for (const id of planRetention(kept, { now: clock.now(), ...RETENTION }))
    await rm(join(folder, String(id)), { recursive: true, force: true });
}

/** A run that the record does not know ended long ago. */
function endOf(runs: ReclaimOptions['runs'], id: number, clock: Clock): number | undefined {
  const run = runs.get(id);
  if (run === undefined) return 0;
  return run.state === 'completed' ? (run.endedAt ?? clock.now()) : undefined;
}

async function bytesOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
