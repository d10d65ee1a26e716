/** The program under test, by its public face only: `./antler … --json` from a copy of the sample. */

import { createHash } from 'node:crypto';
import { appendFile, cp, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';

import type { Receipt, Release } from '../src/contract/releases.ts';
import type { Status } from '../src/contract/status.ts';
import { exec, type ExecResult } from '../src/kit/exec.ts';

const REPOSITORY = resolve(import.meta.dirname, '..');
export const PROGRAM = join(REPOSITORY, 'antler');

export interface AntlerOptions {
  readonly home: string;
  /** Added to every host port. */
  readonly portOffset: number;
  /** Where the copy of the sample goes. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

export interface Ran {
  readonly ms: number;
  readonly exitCode: number;
  /** One per line of standard output. */
  readonly objects: readonly unknown[];
}

export interface Antler {
  readonly home: string;
  /** Part of the name of everything that the instance has on the machine. */
  readonly prefix: string;
  readonly directory: string;
  /** Throws where the exit code is neither 0 nor one of `accept`. */
  run(args: readonly string[], accept?: readonly number[]): Promise<Ran>;
  /** Milliseconds that a command takes as people type it. */
  time(args: readonly string[]): Promise<number>;
  status(): Promise<Status>;
  build(): Promise<Release>;
  deploy(environment: string, release: string): Promise<Receipt>;
  receipt(environment: string, release: string): Promise<Receipt>;
  /** Where an environment answers from outside. */
  urlOf(environment: string): Promise<string>;
  /** Changes both services by a comment, so that the next build makes both images anew. */
  change(mark: string): Promise<void>;
}

/** NODE_EXTRA_CA_CERTS doubles Node's start: without it the ratios are Antler's own. */
export function cleanEnv(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined && name !== 'NODE_EXTRA_CA_CERTS') env[name] = value;
  return env;
}

export async function createAntler(options: AntlerOptions): Promise<Antler> {
  const { home, directory, signal } = options;
  await copySample(directory);
  const env = { ...cleanEnv(), ANTLER_HOME: home, ANTLER_PORT_OFFSET: String(options.portOffset) };

  const call = (args: readonly string[], accept: readonly number[]): Promise<ExecResult> =>
    exec([PROGRAM, ...args], { signal, cwd: directory, env, cleanEnv: true, accept });

  const run = async (args: readonly string[], accept: readonly number[] = []): Promise<Ran> => {
    const started = performance.now();
    const { stdout, exitCode } = await call([...args, '--json'], accept);
    const ms = performance.now() - started;
    const lines = stdout.split('\n').filter((line) => line.trim() !== '');
    return { ms, exitCode, objects: lines.map((line) => JSON.parse(line) as unknown) };
  };
  const last = async <T>(args: readonly string[], accept?: readonly number[]): Promise<T> => (await run(args, accept)).objects.at(-1) as T;

  return {
    home,
    prefix: `antler-${createHash('sha256').update(home).digest('hex').slice(0, 8)}`,
    directory,
    run,
    async time(args) {
      const started = performance.now();
      await call(args, []);
      return performance.now() - started;
    },
    status: () => last<Status>(['status']),
    build: () => last<Release>(['build']),
    deploy: (environment, release) => last<Receipt>(['deploy', environment, release]),
    receipt: (environment, release) => last<Receipt>(['receipt', release, '--env', environment]),
    async urlOf(environment) {
      const { environments } = await last<Status>(['status']);
      const url = environments.find(({ name }) => name === environment)?.url;
      if (url === undefined || url === null) throw new Error(`Cannot load ${environment} as it has no address`);
      // what is shown may be the machine's name: the load stays on this machine
      return `http://127.0.0.1:${new URL(url).port}`;
    },
    async change(mark) {
      await appendFile(join(directory, 'apps/moose-facts/backend/src/main.ts'), `// ${mark}\n`);
      await appendFile(join(directory, 'apps/moose-facts/frontend/src/index.html'), `<!-- ${mark} -->\n`);
    },
  };
}

async function copySample(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const part of ['antler.config.ts', 'apps']) {
    await cp(join(REPOSITORY, part), join(directory, part), { recursive: true, filter: (path) => !path.includes('node_modules') });
  }
}
