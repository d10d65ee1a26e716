/** The console's door over the fixture's handlers, as the daemon wires it; `node test/parts/web/server.ts` shows it to a person. */

import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';

import { createConsole, createSignIn, openApi, type Console } from '../../../src/api/api.ts';
import type { Handlers } from '../../../src/api/types.ts';
import type { Status } from '../../../src/contract/status.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { exec } from '../../../src/kit/exec.ts';
import { openPlatform } from '../../../src/store/store.ts';
import { badStatus, releaseOf, statusOf } from './fixture.ts';

export interface Served extends AsyncDisposable {
  readonly console: Console;
  /** What the pages show; may be changed. */
  readonly world: World;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** A link that signs in. */
  link(): Promise<string>;
}

export interface World {
  status: Status;
  /** What was asked of it that changes something. */
  readonly asked: { readonly name: string; readonly actor: string; readonly via: string; readonly what: unknown }[];
}

export interface ServeOptions {
  readonly port?: number;
  readonly listen?: 'loopback' | 'lan';
  readonly handlers?: Partial<Handlers>;
  readonly clock?: { now(): number };
  readonly signal: AbortSignal;
}

export async function serve({ port = 0, listen = 'loopback', handlers = {}, clock = systemClock, signal }: ServeOptions): Promise<Served> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp('/var/tmp/antler-web-');
  stack.defer(async () => rm(folder, { recursive: true, force: true }));
  const pages = join(folder, 'pages');
  await exec([process.execPath, join(import.meta.dirname, '../../../src/web/build.ts'), pages], { signal, timeoutMs: 30_000 });
  const store = stack.use(openPlatform(':memory:'));
  const world: World = { status: statusOf(), asked: [] };
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const door = stack.use(
    createConsole({
      signIn: createSignIn({ sessions: store.sessions, clock }),
      pages,
      serve: (...asked) => api.serve(...asked),
      portHolder: async () => undefined,
      metrics: async () => 'antler_up 1\n',
      log,
    }),
  );
  const api = stack.use(
    await openApi({ handlers: { ...worldHandlers(world), ...handlers }, socket: join(folder, 'api.sock'), group: undefined, signal, log }),
  );
  await door.place({ port, listen });
  const link = async (): Promise<string> => (await door.link('ann')).url;
  const all = stack.move();
  return { console: door, world, origin: new URL(await link()).origin, link, [Symbol.asyncDispose]: async () => all.disposeAsync() };
}

function worldHandlers(world: World): Partial<Handlers> {
  return {
    health: async () => ({ instance: 'test', version: '0', app: 'moose-facts', pid: 1, home: '/', startedAt: new Date().toISOString() }),
    status: async () => world.status,
    releases: async () => ({ releases: [43, 42, 41, 40].map((number) => releaseOf(number)) }),
    release: async ({ params }) => releaseOf(Number(params.id.slice(1))),
    approve: async ({ params, body, actor, via }) => {
      world.asked.push({ name: 'approve', actor: await actor(), via, what: { ...params, ...body } });
      world.status = { ...world.status, approvals: world.status.approvals.filter(({ id }) => id !== params.id) };
      return { id: params.id, environment: 'prod', release: 'r43', run: null, state: body.approve ? 'approved' : 'rejected' };
    },
  };
}

if (import.meta.main) {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  await using served = await serve({ port: Number(process.argv[2] ?? 7799), signal: stop.signal });
  if (process.argv[3] === 'bad') served.world.status = badStatus();
  process.stdout.write(`${await served.link()}\n`);
  await new Promise((done) => stop.signal.addEventListener('abort', done));
}
