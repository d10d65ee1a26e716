/** What each endpoint does, in terms of the rooms below. */

import type { Vault } from '../actions/actions.ts';
import type { ProgressEvent } from '../contract/events.ts';
import type { Runs } from '../actions/actions.ts';
import { LABELS } from '../engines/engines.ts';
import type { Engine } from '../engines/types.ts';
import type { Base, Images } from '../images/types.ts';
import { isoTime } from '../kit/clock.ts';
import { AntlerError } from '../kit/errors.ts';
import type { Alerts, Incidents } from '../monitor/monitor.ts';
import { releaseNumber, type Releases } from '../releases/releases.ts';
import type { Console } from './console/console.ts';
import { followRollout } from './follow.ts';
import { runHandlers } from './run-handlers.ts';
import { streamLogs } from './logs.ts';
import { statusHandlers } from './status-handlers.ts';
import { settingHandlers } from './settings.ts';
import { watchHandlers } from './watch-handlers.ts';
import type { Board, Call, Handlers, Past } from './types.ts';

export interface HandlersOptions {
  readonly releases: Releases;
  readonly engine: Engine;
  readonly images: Images;
  readonly runs: Runs;
  readonly vault: Vault;
  readonly incidents: Incidents;
  readonly alerts: Pick<Alerts, 'test'>;
  readonly console: Pick<Console, 'link'>;
  readonly board: Board;
  readonly past: Past;
  readonly health: () => Awaited<ReturnType<Handlers['health']>>;
  /** Evaluates the config of a folder and takes it over. */
  readonly configure: (directory: string, options: WorkOptions) => Promise<Awaited<ReturnType<Handlers['configure']>>>;
  readonly build: (
    directory: string,
    options: WorkOptions & { readonly actor: string; readonly taken: string | undefined },
  ) => ReturnType<Handlers['build']>;
}

export interface WorkOptions {
  readonly report: (event: ProgressEvent) => void;
  readonly signal: AbortSignal;
}

export function createHandlers(options: HandlersOptions): Handlers {
  const { releases, engine, images, runs } = options;
  const hold = async (call: Call<'hold'> | Call<'unhold'>, reason: string | undefined) => {
    const { environment } = call.params;
    releases.hold(environment, reason === undefined ? undefined : { reason, actor: await call.actor() });
    return { environment, hold: reason !== undefined };
  };
  return {
    health: async () => options.health(),
    ...statusHandlers(options.board),
    configure: async (call) => options.configure(call.body.directory, { report: reporter(call), signal: call.signal }),
    build: async (call) =>
      options.build(call.body.directory, {
        report: reporter(call),
        signal: call.signal,
        actor: await call.actor(),
        taken: call.body.taken,
      }),
    releases: async () => ({ releases: [...releases.list()] }),
    release: async (call) => releases.get(call.params.id),
    deploy: async (call) => {
      const { release, wait, force, reason } = call.body;
      const ask = { kind: 'deploy', release: release === undefined ? undefined : releaseNumber(release) } as const;
      return followRollout(releases, { ...call.params, ask, force, reason, actor: await call.actor() }, { ...call, wait });
    },
    promote: async (call) => {
      const { wait, force, reason } = call.body;
      return followRollout(
        releases,
        { ...call.params, ask: { kind: 'promote' }, force, reason, actor: await call.actor() },
        { ...call, wait },
      );
    },
    rollback: async (call) => {
      const { to, wait } = call.body;
      const ask = { kind: 'rollback', to: to === undefined ? undefined : releaseNumber(to) } as const;
      return followRollout(
        releases,
        { ...call.params, ask, force: false, reason: undefined, actor: await call.actor() },
        { ...call, wait },
      );
    },
    approve: async (call) => {
      const { approve, comment } = call.body;
      return releases.vote(call.params.id, { actor: await call.actor(), approve, via: call.via, comment });
    },
    hold: async (call) => hold(call, call.body.reason),
    unhold: async (call) => hold(call, undefined),
    diff: async (call) => releases.diff(call.query.a, call.query.b),
    receipts: async (call) => ({ receipts: [...releases.receipts(call.query)] }),
    history: async (call) => {
      const { environment, service } = call.params;
      checkPlace(releases, environment, service);
      return options.past.history({ environment, service, range: call.query.range });
    },
    machine: async (call) => options.past.machine(call.query.range),
    receipt: async (call) => releases.receipt(call.params.id, call.query.environment),
    logs: async (call) => {
      const { environment } = call.params;
      checkPlace(releases, environment, call.query.service);
      return {
        lines: await streamLogs(engine, {
          environment,
          service: undefined,
          tail: undefined,
          ...call.query,
          emit: call.emit,
          signal: call.signal,
        }),
      };
    },
    exec: async (call) => exec(releases, engine, call),
    ...runHandlers(runs),
    images: async (call) => ({ bases: (await images.bases(call.signal)).map(toBase) }),
    refreshImages: async (call) => {
      const { names } = call.body;
      const onLine = (line: string): void => reporter(call)({ kind: 'output', time: isoTime(Date.now()), step: 'images/refresh', line });
      const bases = await images.refresh({ signal: call.signal, onLine, ...(names === undefined ? {} : { names }) });
      return { bases: bases.map(toBase) };
    },
    consoleLink: async (call) => {
      const { url, expiresAt } = await options.console.link(await call.actor());
      return { url, expiresAt: isoTime(expiresAt) };
    },
    ...watchHandlers(options.incidents, options.alerts),
    ...settingHandlers(options.vault, (environment) => checkPlace(releases, environment, undefined)),
  };
}

/** A reader that is slow or gone does not slow the work: events queue in the socket's buffer. */
function reporter(call: { readonly emit: (event: ProgressEvent) => Promise<void> }): (event: ProgressEvent) => void {
  return (event) => void call.emit(event).catch(() => undefined);
}

function checkPlace(releases: Releases, environment: string, service: string | undefined): void {
  const app = releases.app();
  if (!app.environments.some((each) => each.name === environment)) {
    throw new AntlerError(
      'releases/unknown-environment',
      `Cannot find the environment ${JSON.stringify(environment)}: there are ${app.environments.map((each) => each.name).join(', ')}`,
    );
  }
  if (service !== undefined && !app.services.some((each) => each.name === service)) {
    throw new AntlerError(
      'releases/unknown-service',
      `Cannot find the service ${JSON.stringify(service)}: there are ${app.services.map((each) => each.name).join(', ')}`,
    );
  }
}

async function exec(releases: Releases, engine: Engine, call: Call<'exec'>): Promise<{ exitCode: number }> {
  const { environment, service } = call.params;
  checkPlace(releases, environment, service);
  const running = (await engine.list(call.signal)).find(
    ({ labels, state, name }) =>
      labels[LABELS.environment] === environment &&
      labels[LABELS.service] === service &&
      state.kind === 'running' &&
      releases.wantsRunning(name),
  );
  if (running === undefined)
    throw new AntlerError('engines/not-found', `Cannot run a command as no container of ${environment}/${service} runs`);
  const { argv, stdin } = call.body;
  const input = stdin === undefined ? {} : { stdin: once(Buffer.from(stdin, 'base64')) };
  for await (const event of engine.exec(running.name, { argv, ...input, signal: call.signal })) {
    if (event.kind === 'exit') return { exitCode: event.exitCode };
    await call.emit({ kind: 'data', stream: event.stream, base64: Buffer.from(event.bytes).toString('base64') });
  }
  throw new AntlerError('engines/exec-failed', `Cannot tell how ${argv[0] ?? ''} ended as the engine did not say`);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function toBase(base: Base) {
  return {
    name: base.name,
    key: base.key ?? null,
    packages: { ...base.packages },
    resolvedAt: base.resolvedAt === undefined ? null : isoTime(base.resolvedAt),
    bytes: base.bytes ?? null,
    standsFor: [...base.spec.standsFor],
  };
}
