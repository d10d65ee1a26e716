/** An instance of its own for a test: home, ports and names beside everybody else's, gone afterwards. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

import { createClient } from '../../src/cli/client.ts';
import type { Status } from '../../src/contract/status.ts';

type ServiceStatus = Status['environments'][number]['services'][number];

import { keepStems, lendStems, takeStemsBack } from './stems.ts';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TestInstance extends AsyncDisposable {
  readonly home: string;
  readonly offset: number;
  /** Where the app under test lies: a copy that the test may change. */
  readonly app: string;
  /** Runs `./antler …` in the app's folder. */
  antler(args: readonly string[], options?: RunOptions): Promise<Ended>;
  /** The same with `--json`; throws unless it ended with 0. The last object it printed. */
  json<T>(args: readonly string[], options?: RunOptions): Promise<T>;
  /** Starts it and leaves it running. */
  start(args: readonly string[]): ReturnType<typeof spawn>;
  status(): Promise<Status>;
  service(environment: string, name: string): Promise<ServiceStatus | undefined>;
  /** Looks until it is so, for two minutes; a look that throws is a no. */
  until(look: () => Promise<boolean>, what?: string): Promise<void>;
  /** The host port of an environment's port in the config. */
  port(configured: number): number;
}

export interface RunOptions {
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface InstanceOptions {
  /** Folder that is copied as the app; the sample by default. */
  readonly app?: string;
  /** Added to the app's ports. */
  readonly offset?: number;
}

/** Nothing is started yet. */
export function testInstance(options: InstanceOptions = {}): TestInstance {
  const home = mkdtempSync('/var/tmp/ant-');
  const app = mkdtempSync('/var/tmp/antler-app-');
  const offset = options.offset ?? 1000 + Math.floor(Math.random() * 20) * 300;
  if (options.app === undefined) {
    cpSync(join(ROOT, 'apps'), join(app, 'apps'), { recursive: true, filter: (path) => !path.includes('node_modules') });
    cpSync(join(ROOT, 'antler.config.ts'), join(app, 'antler.config.ts'));
  } else {
    cpSync(options.app, app, { recursive: true });
  }
  const env = (more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
    ...process.env,
    ANTLER_HOME: home,
    ANTLER_PORT_OFFSET: String(offset),
    NO_COLOR: '1',
    ...more,
  });
  const start = (args: readonly string[], more: RunOptions = {}): ReturnType<typeof spawn> => {
    if (args[0] === 'up') lendStems();
    return spawn(join(ROOT, 'antler'), [...args], { cwd: app, env: env(more.env), stdio: ['ignore', 'pipe', 'pipe'] });
  };
  const antler = async (args: readonly string[], more: RunOptions = {}): Promise<Ended> => {
    const child = start(args, more);
    const timer = setTimeout(() => child.kill('SIGKILL'), more.timeoutMs ?? 300_000);
    const { promise, resolve: ended } = Promise.withResolvers<number>();
    child.on('close', (code) => ended(code ?? 128));
    const [code, stdout, stderr] = await Promise.all([promise, read(child.stdout), read(child.stderr)]);
    clearTimeout(timer);
    if (args[0] === 'up') keepStems(); // for the tests beside us, too
    return { code, stdout, stderr };
  };
  const json = async <T>(args: readonly string[], more: RunOptions = {}): Promise<T> => {
    const { code, stdout, stderr } = await antler([...args, '--json'], more);
    if (code !== 0) throw new Error(`antler ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
  };
  // What the command asks for, without its start: a test that waits looks often.
  const status = async (): Promise<Status> => createClient({ home }).call('status', {}, AbortSignal.timeout(30_000));
  return {
    home,
    offset,
    app,
    antler,
    start,
    port: (configured) => configured + offset,
    json,
    status,
    service: async (environment, name) =>
      (await status()).environments.find((each) => each.name === environment)?.services.find((each) => each.name === name),
    async until(look, what = 'it') {
      const end = performance.now() + 120_000;
      for (;;) {
        if (await look().catch(() => false)) return;
        assert.ok(performance.now() < end, `waited too long: ${what}\n${(await antler(['status'])).stdout}`);
        await sleep(250);
      }
    },
    async [Symbol.asyncDispose]() {
      keepStems();
      await antler(['down', '--purge', '--yes']);
      takeStemsBack();
      rmSync(home, { recursive: true, force: true });
      rmSync(app, { recursive: true, force: true });
    },
  };
}

async function read(stream: NodeJS.ReadableStream | null): Promise<string> {
  return stream === null ? '' : text(stream);
}
