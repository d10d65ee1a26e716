/** The console's door over the fixture's handlers, as the daemon wires it; `node test/parts/web/server.ts` shows it to a person. */

import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import process from 'node:process';

import { createConsole, createSignIn, openApi, type Console } from '../../../src/api/api.ts';
import type { Handlers } from '../../../src/api/types.ts';
import type { Status } from '../../../src/contract/status.ts';
import type { Machine } from '../../../src/contract/watch.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import type { AntlerError } from '../../../src/kit/errors.ts';
import { exec } from '../../../src/kit/exec.ts';
import { sleep } from '../../../src/kit/wait.ts';
import { openPlatform } from '../../../src/store/store.ts';
import { badStatus, EVIL, releaseOf, statusOf } from './fixture.ts';
import { followRunning, RUNNING, runningRun, runningSummary, type Running } from './running.ts';
import { historyOf, incidentOf, machineOf, receiptOf, runEventsOf, runOf, runSummaryOf } from './past.ts';

export interface Served extends AsyncDisposable {
  readonly console: Console;
  /** Answers of the API that are under way or over, the oldest first. */
  readonly responses: readonly ServerResponse[];
  /** What the pages show; may be changed. */
  readonly world: World;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** A link that signs in. */
  link(): Promise<string>;
}

export interface World {
  status: Status;
  /** Nothing was built, run or broken yet. */
  empty: boolean;
  /** Of a log, ten times a second. */
  linesPerTick: number;
  /** What is otherwise with the machine. */
  machine: Partial<Machine>;
  /** The run that is under way. */
  running: Running;
  /** What everything that would change something is refused with; undefined where it is done. */
  refusal: AntlerError | undefined;
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
  const world: World = {
    status: statusOf(),
    empty: false,
    linesPerTick: 3,
    machine: {},
    running: { lines: [], state: 'in_progress' },
    refusal: undefined,
    asked: [],
  };
  const responses: ServerResponse[] = [];
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const door = stack.use(
    createConsole({
      signIn: createSignIn({ sessions: store.sessions, clock }),
      pages,
      serve(...asked) {
        responses.push(asked[1]);
        api.serve(...asked);
      },
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
  return {
    console: door,
    world,
    responses,
    origin: new URL(await link()).origin,
    link,
    [Symbol.asyncDispose]: async () => all.disposeAsync(),
  };
}

function worldHandlers(world: World): Partial<Handlers> {
  const note = async (name: string, call: { actor(): Promise<string>; readonly via: string }, what: unknown): Promise<void> => {
    world.asked.push({ name, actor: await call.actor(), via: call.via, what });
    if (world.refusal !== undefined) throw world.refusal;
  };
  return {
    health: async () => ({ instance: 'test', version: '0', app: 'moose-facts', pid: 1, home: '/', startedAt: new Date().toISOString() }),
    status: async () => world.status,
    async watch({ emit, signal }) {
      for (let last: Status | undefined, events = 0; ; events += 1) {
        while (last === world.status && !signal.aborted) await sleep(50, signal).catch(() => undefined);
        if (signal.aborted) return { events };
        await emit({ kind: 'board', status: (last = world.status) });
      }
    },
    releases: async () => ({ releases: world.empty ? [] : [43, 42, 41, 40].map((number) => releaseOf(number)) }),
    release: async ({ params }) => releaseOf(Number(params.id.slice(1))),
    receipts: async () => ({
      receipts: [receiptOf('prod', { verdict: 'undone', reason: `errors rose ${EVIL}`, forced: { reason: EVIL } }), receiptOf('stg')],
    }),
    diff: async ({ query }) => ({
      a: { environment: query.a, release: 'r42', commit: 'a' },
      b: { environment: query.b, release: 'r41', commit: 'b' },
      same: false,
      services: [{ service: 'backend', a: `sha256:${'a'.repeat(64)}`, b: `sha256:${'b'.repeat(64)}`, same: false }],
      config: [{ path: 'services.backend.env.GREETING', a: EVIL, b: 'hello' }],
    }),
    approve: async (call) => {
      await note('approve', call, { ...call.params, ...call.body });
      world.status = { ...world.status, approvals: world.status.approvals.filter(({ id }) => id !== call.params.id) };
      return { id: call.params.id, environment: 'prod', release: 'r43', run: null, state: call.body.approve ? 'approved' : 'rejected' };
    },
    deploy: async (call) => (await note('deploy', call, { ...call.params, ...call.body }), receiptOf('dev')),
    promote: async (call) => (await note('promote', call, { ...call.params, ...call.body }), receiptOf('stg')),
    rollback: async (call) => (await note('rollback', call, { ...call.params, ...call.body }), receiptOf('prod')),
    hold: async (call) => (
      await note('hold', call, { ...call.params, ...call.body }),
      { environment: call.params.environment, hold: true }
    ),
    history: async ({ params }) => historyOf(params.environment, params.service),
    machine: async () => ({ ...machineOf(), ...world.machine }),
    incidents: async () => ({
      incidents: world.empty ? [] : [incidentOf(3), incidentOf(2, { title: 'engine does not answer', closedAt: new Date().toISOString() })],
    }),
    incident: async ({ params }) => incidentOf(params.id),
    acknowledge: async (call) => (await note('acknowledge', call, call.params), incidentOf(call.params.id)),
    noteIncident: async (call) => (await note('note', call, { ...call.params, ...call.body }), incidentOf(call.params.id)),
    runs: async () => ({
      runs: world.empty ? [] : [runningSummary(world.running), runSummaryOf(7)],
    }),
    run: async ({ params }) => (params.id === RUNNING ? runningRun(world.running) : runOf(params.id)),
    async cancelRun(call) {
      await note('cancel', call, call.params);
      world.running.state = 'completed';
      return runningRun(world.running);
    },
    async followRun({ params, emit, signal }) {
      if (params.id === RUNNING) return followRunning(world.running, emit, signal);
      for (const event of runEventsOf(params.id)) await emit(event);
      return runOf(params.id);
    },
    rerun: async (call) => (await note('rerun', call, { ...call.params, ...call.body }), runOf(call.params.id)),
    async logs({ params, emit, signal }) {
      const from = { environment: params.environment, service: 'backend', replica: '1', release: 'r42' };
      for (let at = 0; !signal.aborted;) {
        const line = (text: string, stream: 'stdout' | 'stderr' = 'stdout') =>
          emit({ kind: 'log', time: new Date().toISOString(), ...from, stream, text });
        await line(EVIL, 'stderr');
        for (let of = 0; of < world.linesPerTick; of += 1) await line(`GET /api/facts ${(at += 1)} 200 in ${at % 17} ms`);
        await sleep(100, signal).catch(() => undefined);
      }
      return { lines: 0 };
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
