/** A whole instance in memory for this room's tests: engine, edge and store without a machine. */

import assert from 'node:assert/strict';

import type { AppSpec } from '../config/types.ts';
import type { ProgressEvent } from '../contract/events.ts';
import type { Receipt } from '../contract/releases.ts';
import { createMemoryEdge, type MemoryEdge } from '../edge/edge.ts';
import { createMemoryEngine } from '../engines/engines.ts';
import type { ContainerSpec, Engine } from '../engines/types.ts';
import type { Images } from '../images/types.ts';
import { systemClock } from '../kit/clock.ts';
import { openPlatform, type Platform } from '../store/store.ts';
import { digest } from './fixtures.ts';
import { createReleases, type Releases } from './releases.ts';
import type { RolloutRequest } from './rollouts.ts';
import type { Topology } from './types.ts';

type Behave = NonNullable<Parameters<typeof createMemoryEngine>[0]['behave']>;

export interface World {
  readonly store: Platform;
  readonly topology: Topology;
  readonly engine: Engine;
  readonly edge: MemoryEdge;
  readonly releases: Releases;
  /** What the daemon does when it is killed: nothing is finished, nothing is undone. */
  readonly kill: () => void;
  /** A new daemon on the same store, engine and edge. */
  readonly restart: () => Promise<Releases>;
  /** Records a release of these digests, as `build` would. */
  release(spec: AppSpec, letters: Readonly<Record<string, string>>): string;
  /** Begins and follows to the end. */
  move(
    request: Partial<RolloutRequest> & Pick<RolloutRequest, 'environment' | 'ask'>,
  ): Promise<{ readonly receipt: Receipt; readonly events: readonly ProgressEvent[] }>;
  /** `service release weight` of each server that gets requests. */
  serving(environment: string): Promise<readonly string[]>;
  /** Names of running containers, short. */
  running(): Promise<readonly string[]>;
}

export interface WorldOptions {
  readonly spec: AppSpec;
  /** In memory unless given. */
  readonly store?: Platform;
  readonly behave?: Behave;
  /** Wraps the engine: to stop the world at a given call. */
  readonly wrap?: (engine: Engine) => Engine;
  readonly wrapEdge?: (edge: MemoryEdge) => MemoryEdge;
  /** Told when everything is to be put in its place anew. */
  readonly arranged?: () => Promise<void>;
  /** What the images room does other than verify everything. */
  readonly images?: Partial<Images>;
}

const NEVER = new AbortController().signal;

/** Verifies everything; builds nothing: releases are recorded by `World.release`. */
const images: Images = {
  ensureBase: async () => assert.fail('no base is needed'),
  refresh: async () => [],
  bases: async () => [],
  build: async () => assert.fail('no build is needed'),
  recipe: async () => 'recipe',
  adopt: async () => assert.fail('no image is adopted'),
  provide: async () => assert.fail('no image is provided'),
  reach: async () => assert.fail('nothing is reached'),
  verify: async () => undefined,
  registryAlive: async () => true,
  [Symbol.asyncDispose]: async () => undefined,
};

export async function createWorld(options: WorldOptions): Promise<World> {
  const { spec } = options;
  const store = options.store ?? openPlatform(':memory:');
  const bare = createMemoryEngine({ instance: 'test', ...(options.behave === undefined ? {} : { behave: options.behave }) });
  const memoryEdge = createMemoryEdge();
  const engine = options.wrap?.(bare) ?? bare;
  const edge = options.wrapEdge?.(memoryEdge) ?? memoryEdge;
  const topology = topologyOf(spec);
  for (const place of Object.values(topology.environments)) await bare.ensureNetwork({ name: place.network, subnet: place.subnet }, NEVER);
  await memoryEdge.routes(
    spec.environments.flatMap((environment) =>
      spec.services.map((service) => ({
        environment: environment.name,
        service: service.name,
        address: topology.environments[environment.name]?.services[service.name] ?? '',
        port: service.port,
        subnet: topology.environments[environment.name]?.subnet ?? '',
        health: service.health,
        drainMs: service.drainMs,
        stopFirst: !service.overlap,
      })),
    ),
    NEVER,
  );
  let life = new AbortController();
  const open = (): Releases =>
    createReleases({
      store,
      edge,
      images: { ...images, ...options.images },
      engine,
      clock: systemClock,
      topology: () => topology,
      arrange: async () => options.arranged?.(),
      resolve: (app, _environment, name) => app.services.find((each) => each.name === name) ?? assert.fail(name),
      urlOf: () => null,
      log: () => undefined,
      signal: life.signal,
      probe: async (target) => answerOf(await memoryEdge.servers(NEVER), topology, target.address),
    });
  let releases = open();
  releases.setApp({ spec, directory: '/' });
  return {
    store,
    topology,
    engine: bare,
    edge: memoryEdge,
    get releases() {
      return releases;
    },
    kill: () => life.abort(),
    async restart() {
      life.abort();
      await new Promise((done) => setImmediate(done)); // what was under way hears of it
      life = new AbortController();
      releases = open();
      await releases.start();
      return releases;
    },
    release(app, letters) {
      const services = Object.entries(letters).map(([service, letter]) => ({
        service,
        repository: `127.0.0.1:1/shop/${service}`,
        digest: digest(letter),
        recipe: letter,
        built: true,
        stoodFor: [],
      }));
      const row = store.releases.add({
        app: 'shop',
        commit: 'c',
        dirty: false,
        fingerprint: JSON.stringify([app, letters]),
        spec: app,
        actor: 'ann',
        services,
      });
      return `r${row.number}`;
    },
    async move(request) {
      const running = await releases.begin({ actor: 'ann', force: false, reason: undefined, ...request });
      const events: ProgressEvent[] = [];
      for await (const event of running.feed.events(NEVER)) events.push(event);
      await running.done;
      return { receipt: releases.receiptOf(running.rollout), events };
    },
    async serving(environment) {
      const servers = await memoryEdge.servers(NEVER);
      return servers
        .filter((each) => each.environment === environment && each.weight > 0 && each.state === 'up')
        .map((each) => `${each.service} ${each.name.split('.')[0] ?? ''}`)
        .toSorted();
    },
    async running() {
      const all = await bare.list(NEVER);
      return all
        .filter((each) => each.state.kind === 'running')
        .map((each) => short(each))
        .toSorted();
    },
  };
}

function short({ labels }: { readonly labels: ContainerSpec['labels'] }): string {
  return `${labels['antler.environment'] ?? ''} ${labels['antler.service'] ?? ''} ${labels['antler.release'] ?? ''}`;
}

function topologyOf(spec: AppSpec): Topology {
  return {
    prefix: 'antler-test',
    environments: Object.fromEntries(
      spec.environments.map((environment, e) => [
        environment.name,
        {
          network: `antler-test-${environment.name}`,
          subnet: `10.1.${101 + e}.0/24`,
          idBase: 100_000,
          services: Object.fromEntries(spec.services.map((service, s) => [service.name, `10.1.${1 + e}.${1 + s}`])),
          port: environment.port,
          listen: 'any',
        },
      ]),
    ),
  };
}

/** The edge's answer at a virtual address: the release of the heaviest server. */
function answerOf(servers: Awaited<ReturnType<MemoryEdge['servers']>>, topology: Topology, address: string) {
  for (const [environment, place] of Object.entries(topology.environments)) {
    const service = Object.entries(place.services).find(([, at]) => at === address)?.[0];
    const best = servers
      .filter((each) => each.environment === environment && each.service === service && each.state === 'up' && each.weight > 0)
      .toSorted((a, b) => b.weight - a.weight)[0];
    if (best !== undefined) return { status: 200, release: best.name.split('.')[0] };
  }
  return undefined;
}
