/** The machine ledger on disk, under a lock that the kernel lets go when its holder dies. */

import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';

import { AntlerError, errnoOf } from '../kit/errors.ts';
import { writeFileAtomic } from '../kit/files.ts';
import { sleep } from '../kit/wait.ts';
import { EMPTY_LEDGER, isEmpty } from './ledger-plan.ts';
import type { Ledger } from './types.ts';

/** `ANTLER_MACHINE_DIR` is for tests, which must not write into the machine's own. */
export function machineDirectory(): string {
  return process.env['ANTLER_MACHINE_DIR'] ?? '/var/lib/antler-machine';
}

/** Where the instances share what is costly to make. It goes with the machine's folder, when nobody is in the ledger. */
export function stemsFolder(directory: string = machineDirectory()): string {
  return join(directory, 'stems');
}

export interface LedgerOptions {
  readonly signal: AbortSignal;
  readonly directory?: string;
  /** Milliseconds to wait for another Antler; ten minutes by default: it may be installing packages on a small board. */
  readonly waitMs?: number;
  /** Told once whom we wait for. */
  readonly onWait?: (holder: string) => void;
}

/** The ledger while we hold it. `state` is what the last `save` wrote. */
export interface LedgerHandle {
  readonly state: Ledger;
  /** Whole or not at all. An empty ledger takes its folder away, and all that lies in it. */
  save(next: Ledger): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Reads without a lock: whole, as writes are atomic. */
export async function readLedger(directory: string = machineDirectory()): Promise<Ledger> {
  try {
    return JSON.parse(await readFile(join(directory, 'ledger.json'), 'utf8')) as Ledger;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return EMPTY_LEDGER;
    throw error;
  }
}

/** Throws `instance/ledger-locked`, which names the holder. */
export async function lockLedger(options: LedgerOptions): Promise<LedgerHandle> {
  const directory = options.directory ?? machineDirectory();
  const file = join(directory, 'lock');
  const release = await takeLock(file, options);
  let state = await readLedger(directory);
  return {
    get state() {
      return state;
    },
    async save(next) {
      await writeFileAtomic(join(directory, 'ledger.json'), `${JSON.stringify(next, null, 2)}\n`);
      state = next;
    },
    async [Symbol.asyncDispose]() {
      if (isEmpty(state)) await rm(directory, { recursive: true, force: true });
      else await writeFile(file, '').catch(() => undefined); // nobody holds it: nobody is named
      await release();
    },
  };
}

async function takeLock(file: string, options: LedgerOptions): Promise<() => Promise<void>> {
  const until = performance.now() + (options.waitMs ?? 600_000);
  let told = false;
  for (;;) {
    options.signal.throwIfAborted();
    const release = await tryLock(file);
    if (release !== undefined) {
      await writeFile(file, describeSelf());
      return release;
    }
    const holder = await describeHolder(file);
    if (performance.now() >= until) {
      throw new AntlerError('instance/ledger-locked', `Cannot change the machine as another Antler does: ${holder}`);
    }
    if (!told) options.onWait?.(holder);
    told = true;
    await sleep(100, options.signal);
  }
}

/**
 * Node has no flock(2), so `flock` from util-linux (essential in Debian) holds it for us: it becomes `cat`, which ends with our pipe,
 * so the lock cannot outlive us, not even kill -9.
 */
async function tryLock(file: string): Promise<(() => Promise<void>) | undefined> {
  await mkdir(dirname(file), { recursive: true, mode: 0o755 });
  const child = spawn('flock', ['--nonblock', '--conflict-exit-code', '75', '--no-fork', file, 'cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  child.stdin.on('error', () => undefined); // it ended before it read: the exit code tells why
  const held = new Promise<'held'>((resolve) => {
    child.stdout.once('data', () => resolve('held'));
  });
  child.stdin.write('x');
  const outcome = await Promise.race([held, ended]);
  if (outcome === 'held') {
    const release = async (): Promise<void> => {
      child.stdin.end();
      await ended;
    };
    if (await holds(child.pid, file)) return release;
    await release(); // whoever held it before took the folder away: that was the lock of nothing
    return undefined;
  }
  if (outcome === 75) return undefined;
  throw new AntlerError('instance/ledger-locked', `Cannot lock ${file} as \`flock\` ended with ${String(outcome)}`);
}

/** A deleted file reads `… (deleted)`. */
async function holds(pid: number | undefined, file: string): Promise<boolean> {
  const real = await realpath(file).catch(() => undefined);
  const open = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(open.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  return real !== undefined && links.includes(real);
}

function describeSelf(): string {
  return `pid ${process.pid} (${process.argv.slice(1).join(' ')}), since ${new Date().toISOString()}\n`;
}

async function describeHolder(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim() === '' ? 'it does not say which' : text.trim();
}
