/** One build at a time on a machine: a lock file that names its holder, and that a dead holder does not keep. */

import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';

import { z } from 'zod';

import { errnoOf } from '../kit/errors.ts';
import { livingAt } from '../kit/processes.ts';
import { sleep } from '../kit/wait.ts';
import type { WorkOptions } from './types.ts';

const Holder = z.object({ pid: z.number().int(), startedAt: z.string(), what: z.string() });
type Holder = z.infer<typeof Holder>;

const LOOK_MS = 250;

/** Waits for its turn; says for whom. Give it back with `using`. */
export async function takeTurn(file: string, what: string, work: WorkOptions): Promise<AsyncDisposable> {
  const mine: Holder = { pid: process.pid, startedAt: livingAt(process.pid)?.start ?? '', what };
  await mkdir(dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await writeFile(beside, JSON.stringify(mine));
  let told = '';
  try {
    for (;;) {
      work.signal.throwIfAborted();
      // A link is all or nothing: nobody ever reads half a holder.
      const taken = await link(beside, file).then(
        () => true,
        (error: unknown) => {
          if (errnoOf(error) === 'EEXIST') return false;
          throw error;
        },
      );
      if (taken) return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
      const holder = await readHolder(file);
      if (holder === undefined || livingAt(holder.pid)?.start !== holder.startedAt) {
        await dropStale(file, holder);
        continue;
      }
      if (told !== holder.what) work.onLine?.(`waiting for ${holder.what} (process ${holder.pid})`);
      told = holder.what;
      await sleep(LOOK_MS, work.signal);
    }
  } finally {
    await rm(beside, { force: true });
  }
}

/** Removes the lock only if it still is the dead holder's. */
async function dropStale(file: string, seen: Holder | undefined): Promise<void> {
  const now = await readHolder(file);
  if (JSON.stringify(now) === JSON.stringify(seen)) await rm(file, { force: true });
}

async function readHolder(file: string): Promise<Holder | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return Holder.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
