/** `policy-rc.d` while we install: no package starts a service of its own. What was there is put back, even after a kill. */

import { readFile, rename, rm } from 'node:fs/promises';
import process from 'node:process';

import { errnoOf } from '../../kit/errors.ts';
import { writeFileAtomic } from '../../kit/files.ts';

const POLICY = '/usr/sbin/policy-rc.d';
const SAVED = '/usr/sbin/policy-rc.d.before-antler';
const MARK = '# antler: packages start no services while this process installs them:';

/** Denies service starts until it is disposed. */
export async function denyServiceStarts(): Promise<AsyncDisposable> {
  await repairPolicy();
  if ((await read(POLICY)) !== undefined) await rename(POLICY, SAVED); // the same file comes back: bytes, owner and mode
  await writeFileAtomic(POLICY, `#!/bin/sh\n${MARK} ${process.pid} ${await bornAt(process.pid)}\nexit 101\n`, { mode: 0o755 });
  return { [Symbol.asyncDispose]: restore };
}

/** Puts back what a killed installation left. True where there was something to mend. */
export async function repairPolicy(): Promise<boolean> {
  const current = await read(POLICY);
  const saved = await read(SAVED);
  const [pid = '', born = ''] = current?.split(`${MARK} `)[1]?.split('\n')[0]?.split(' ') ?? [];
  const ours = pid !== '';
  if (!ours && saved === undefined) return false;
  const alive = ours && Number(pid) !== process.pid && (await bornAt(Number(pid))) === born;
  if (alive) return false; // another Antler installs; the dpkg lock keeps us apart
  if (!ours && current !== undefined) {
    await rm(SAVED, { force: true }); // somebody wrote a newer one since
    return true;
  }
  await restore();
  return true;
}

async function restore(): Promise<void> {
  if ((await read(SAVED)) === undefined) await rm(POLICY, { force: true });
  else await rename(SAVED, POLICY);
}

/** Clock ticks since boot when the process started: a number that comes again is another process. */
async function bornAt(pid: number): Promise<string> {
  const text = (await read(`/proc/${pid}/stat`)) ?? '';
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined;
    throw error;
  });
}
