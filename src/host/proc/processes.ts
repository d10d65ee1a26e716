/** Processes that belong to a home: they name it on their command line, or work in it. */

import { readdir, readFile, readlink } from 'node:fs/promises';
import process from 'node:process';

import { commandOf, type Holder } from './locks.ts';

/** Ours (the caller's) left out. */
export async function processesOf(home: string): Promise<readonly Holder[]> {
  const found: Holder[] = [];
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    if (namesHome(words, home) || within(folder, home)) found.push({ pid, command: await commandOf(pid) });
  }
  return found;
}

/** A home that is the beginning of another's name is not that other. */
export function namesHome(words: string, home: string): boolean {
  let at = words.indexOf(home);
  while (at !== -1) {
    const next = words[at + home.length] ?? '\0';
    if (!/[\w.-]/.test(next)) return true;
    at = words.indexOf(home, at + 1);
  }
  return false;
}

function within(path: string, home: string): boolean {
  return path === home || path.startsWith(`${home}/`);
}
