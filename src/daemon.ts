/** The daemon: opens, wires, waits, disposes. Never in the data path: killing it loses no request. */

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { createVault, warmUpReading } from './actions/actions.ts';
import { createConsole, createHandlers, createSignIn, openApi } from './api/api.ts';
import { loadConfig, toAppSpec, warmUp } from './config/config.ts';
import type { AppSpec, WatchSpec } from './config/types.ts';
import { createEdge } from './edge/edge.ts';
import { createKeeper, createPodman, readEngineFacts, type Keeper } from './engines/engines.ts';
import { createSupervisor, portHolder, requireDisk } from './host/host.ts';
import { buildMemory, createImages } from './images/images.ts';
import {
  buildNetwork,
  createConfigurer,
  createEntries,
  type Configured,
  DEFAULT_HOME,
  edgeOptions,
  ENGINE_STORAGE,
  firstOperator,
  openInstance,
  operatorsGroup,
  pathsOf,
  placeOf,
  serviceNames,
  stemsFolder,
} from './instance/instance.ts';
import { comeBack } from './daemon/come-back.ts';
import { openPlaces } from './daemon/sandboxes.ts';
import { createPast, type Past } from './daemon/past.ts';
import { createTelling, type Telling } from './daemon/incidents.ts';
import { createPrometheus } from './daemon/prometheus.ts';
import { resolve } from './daemon/resolve.ts';
import { createWatch, heard, type Watch } from './daemon/watch.ts';
import { createWorkflows } from './daemon/workflows.ts';
import type { Topology } from './instance/types.ts';
import { isoTime, systemClock } from './kit/clock.ts';
import { isAbort, toAntlerError } from './kit/errors.ts';
import { createTurns } from './kit/turns.ts';
import { sleep } from './kit/wait.ts';
import { createReleases, probe, type Releases } from './releases/releases.ts';
import { openMetrics, openPlatform } from './store/store.ts';

/** Cores that one build may use. */
const BUILD_CPUS = 2;
/** Below this much free disk nothing is built and no job starts. */
const DISK_FLOOR = 1024 ** 3;
/** What comes back after a boot is watched from then on at the latest. */
const COME_BACK_MS = 20_000;
/** One build at a time on the machine, whatever the instance. */
const BUILD_LOCK = '/run/lock/antler-build.lock';

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as { readonly version: string };

/** The supervisor keeps the lines, with their times. */
function log(line: string): void {
  process.stdout.write(`${line}\n`);
}

interface Taken {
  readonly id: string;
  readonly spec: AppSpec;
  readonly directory: string;
  readonly placed: Configured;
}

async function main(signal: AbortSignal): Promise<void> {
  const { values } = parseArgs({ options: { home: { type: 'string' }, version: { type: 'boolean' } } });
  if (values.version === true) {
    await Promise.all([warmUp(), warmUpReading()]); // `up` compiles the program by this call: what is not in the cache then loads Node's compiler of types into the daemon
    return log(version);
  }
  const instance = await openInstance(values.home ?? DEFAULT_HOME);
  const paths = pathsOf(instance.home);
  const names = serviceNames(instance.id);
  const startedAt = isoTime(systemClock.now());

  await using opened = new AsyncDisposableStack();
  const store = opened.use(openPlatform(paths.platformDb));
  const metrics = opened.use(await openMetrics(paths.metricsDb, { log }));
  const past: Past = createPast({ store, metrics, home: instance.home, version, log, loopLagMs: () => watch.monitor.self().loopLagMs });
  const supervisor = createSupervisor(placeOf(instance));
  const podman = opened.use(
    createPodman({
      instance: instance.id,
      socket: paths.engineSocket,
      facts: await readEngineFacts(),
      wake: async (waking) => supervisor.start(names.engine, waking),
    }),
  );
  const engine = heard(podman, (answer) => watch.monitor.engineWas(answer));
  const edge = opened.use(
    await createEdge({
      ...(await edgeOptions(instance)),
      portHolder: async (port) => (await portHolder(port))?.command,
      reload: async (reloading) => supervisor.reload(names.edge, reloading),
      onTraffic: (deltas) => past.onTraffic(deltas),
    }),
  );
  const diskFloor = async (): Promise<void> => {
    for (const folder of [instance.home, ENGINE_STORAGE]) await requireDisk(folder, DISK_FLOOR);
  };
  const images = opened.use(
    createImages({
      memory: buildMemory(totalmem()),
      cpus: BUILD_CPUS,
      home: paths.images,
      stems: stemsFolder(),
      instance: instance.id,
      registry: `127.0.0.1:${instance.registryPort}`,
      bases: () => store.releases.app()?.spec.bases ?? {},
      engineConf: paths.engineConf,
      network: buildNetwork(instance).name,
      idBase: instance.idBase,
      lock: BUILD_LOCK,
      diskFloor,
    }),
  );

  let topology: Topology = { prefix: `antler-${instance.id}`, environments: {} };
  let urls: ReadonlyMap<string, string> = new Map();
  const entries = createEntries({ instance, spec: () => store.releases.app()?.spec, topology: () => topology });
  const configurer = createConfigurer({ instance, engine, edge, entries, exposed: (environment) => releases.exposed(environment) });
  const inTurn = createTurns();
  const place = async (spec: AppSpec): Promise<Configured> =>
    inTurn(async () => {
      const done = await configurer.configure(releases.withDeployed(spec), signal);
      topology = done.topology;
      urls = new Map(done.environments.map((each) => [each.name, each.url]));
      return done;
    });

  const keeper: Keeper = createKeeper({
    engine,
    clock: systemClock,
    wantedRunning: (container) => releases.wantsRunning(container),
    recreate: async (container, making) => releases.recreate(container, making),
    onVerdict(container, { kind, lastExit }) {
      log(`${container}: ${kind}${lastExit === undefined ? '' : `, last ended with ${lastExit.exitCode} (${lastExit.reason})`}`);
      watch.monitor.poke(container);
    },
  });
  const releases: Releases = createReleases({
    store,
    engine,
    edge,
    images,
    signal,
    log,
    probe,
    clock: systemClock,
    resolve,
    topology: () => topology,
    arrange: async () => void (await place(store.releases.app()?.spec ?? releases.app())),
    urlOf: (environment) => urls.get(environment) ?? null,
  });
  const watch: Watch = createWatch({
    ...past,
    incidents: () => telling.board(),
    store,
    releases,
    engine,
    edge,
    keeper,
    signal,
    clock: systemClock,
    registryAlive: async (asking) => images.registryAlive(asking),
  });

  const health = () => ({
    instance: instance.id,
    version,
    app: store.releases.app()?.name ?? null,
    pid: process.pid,
    home: instance.home,
    startedAt,
  });
  const vault = createVault({ store: store.settings, keyFile: paths.secretsKey, clock: systemClock });
  const openEntry = async (...asked: Parameters<typeof entries.open>) => entries.open(...asked);
  const sandboxes = opened.use(openPlaces({ instance, engine, images, openEntry, diskFloor }));
  const workflows = createWorkflows({
    store,
    releases,
    place,
    log,
    signal,
    health: async () => health(),
    status: async (call) => watch.board.now(call.signal),
    secrets: async (environment) => vault.secrets.open(environment),
    variables: async (environment) => vault.variables.open(environment),
    folders: { repos: paths.repos, runs: paths.runs, sockets: join(paths.run, 'jobs') },
    diskFloor,
    sandboxes,
    entryOf: (environment) => entries.urlOf(environment),
  });
  opened.use(workflows.runs);

  const prometheus = createPrometheus({ store, edge, metrics, monitor: watch.monitor, signal });
  const door = opened.use(
    createConsole({
      metrics: prometheus,
      signIn: createSignIn({ sessions: store.sessions, clock: systemClock }),
      pages: join(import.meta.dirname, '../pages'),
      serve: (...asked) => api.serve(...asked),
      portHolder: async (port) => (await portHolder(port))?.command,
      log,
    }),
  );
  const telling: Telling = opened.use(createTelling({ store, metrics, vault, consoleUrl: () => door.url(), log }));
  const placeDoor = async ({ console }: WatchSpec): Promise<void> => door.place({ ...console, port: console.port + instance.portOffset });

  let last: Taken | undefined;
  /** The config of a folder, taken over: what it needs on the network is there before its first release. */
  const take = async (directory: string, taking: AbortSignal): Promise<Taken> => {
    const loaded = await loadConfig(directory, { signal: taking });
    const spec = toAppSpec(loaded.spec);
    releases.setApp({ spec, directory: loaded.directory });
    store.watch.set(loaded.spec.watch);
    await placeDoor(loaded.spec.watch);
    await workflows.repository().ensure(taking);
    const placed = await place(spec);
    await releases.dropGone();
    watch.monitor.retarget();
    last = { id: randomUUID(), spec, directory: loaded.directory, placed };
    return last;
  };
  const handlers = createHandlers({
    releases,
    engine,
    images: {
      ...images,
      refresh: async (work) => {
        await engine.ensureNetwork(buildNetwork(instance), work.signal); // before the first config nobody has made it
        return images.refresh(work);
      },
    },
    vault,
    health,
    ...telling,
    console: door,
    past,
    board: watch.board,
    runs: workflows.runs,
    configure: async (directory, work) => {
      const { id, spec, placed } = await take(directory, work.signal);
      return { app: spec.app, environments: [...placed.environments], changed: placed.changed, taken: id };
    },
    build: async (directory, work) => {
      const known =
        last !== undefined && last.id === work.taken && last.directory === directory ? last : await take(directory, work.signal);
      return releases.build({ ...work, spec: known.spec, directory: known.directory });
    },
  });
  const app = store.releases.app();
  if (app !== undefined) topology = await configurer.place(app.spec);
  const who = { group: await operatorsGroup(), owner: await firstOperator(instance) };
  const api = opened.use(
    await openApi({ handlers, metrics: prometheus, git: workflows.git, socket: paths.apiSocket, ...who, signal, log }),
  );
  const watched = store.watch.get();
  if (watched !== undefined) await placeDoor(watched);
  log(`antler ${version}: ${instance.home} is open`);

  const up = Promise.withResolvers<void>();
  // What has just been booted is given a moment to come up before it is called down.
  const watching = Promise.race([up.promise, sleep(COME_BACK_MS, signal).catch(() => undefined)]).then(async () => watch.monitor.run());
  if (app !== undefined) {
    const back = async (): Promise<void> => {
      await place(app.spec);
      await releases.start();
      await workflows.start();
    };
    await comeBack(back, { signal, log });
  }
  up.resolve();
  await Promise.all([keeper.run(signal), watching, telling.run(watch.monitor, signal), past.run(signal)]);
}

const stop = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
try {
  await main(stop.signal);
} catch (error) {
  if (!isAbort(error)) {
    const { code, message, hint, stack } = toAntlerError(error);
    log(code === 'internal/bug' ? `error: ${stack ?? message}` : `error: ${message} (${code})\nhint: ${hint}`);
    process.exitCode = 1;
  }
}
