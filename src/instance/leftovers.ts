/** Ends processes of a home that no supervisor knows any longer: a half-made instance, definitions taken away by hand. */

import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import process from 'node:process';

import { errnoOf } from '../kit/errors.ts';
import { sleep } from '../kit/wait.ts';

/** Programs that are started for an instance; anybody else who merely names the home (an editor) is left alone. */
const OURS = new Set(['haproxy', 'docker-registry', 'podman', 'runsvdir', 'runsv', 'svlogd', 'node']);

/** Is this command line a process of that home? */
export function isOfHome(argv: readonly string[], home: string): boolean {
  const [program = '', ...args] = argv;
  if (!OURS.has(basename(program))) return false;
  if (basename(program) === 'node' && !program.startsWith(`${home}/program/`)) return false;
  return [program, ...args].some((word) => word === home || word.includes(`${home}/`));
}

/** SIGTERM, two seconds later SIGKILL. */
export async function endLeftovers(home: string, signal: AbortSignal): Promise<void> {
  const pids = await pidsOf(home);
  for (const pid of pids) send(pid, 'SIGTERM');
  for (let n = 0; n < 20 && (await pidsOf(home)).length > 0; n += 1) await sleep(100, signal);
  for (const pid of await pidsOf(home)) send(pid, 'SIGKILL');
}

async function pidsOf(home: string): Promise<readonly number[]> {
  const pids: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const argv = (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).split('\0').filter((word) => word !== '');
    if (isOfHome(argv, home)) pids.push(Number(name));
  }
  return pids;
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error; // it ended by itself
  }
}
