/** The images room's door: bases, builds and the registry of one instance. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';

import type { BaseSpec } from '../config/types.ts';
import { systemClock, type Clock } from '../kit/clock.ts';
import { createBaseMaker } from './base-maker.ts';
import { createBases } from './bases.ts';
import { adoptImage, buildImage, buildRecipe, pushLocal, type BuildOptions } from './build.ts';
import { createBuilder, removeBuilder } from './builder.ts';
import { caBundle, createPackagesReader, readGround } from './host.ts';
import { buildMemory } from './limits.ts';
import { createProvider } from './provide.ts';
import { planReach, REACH_INSIDE, writeReach } from './reach.ts';
import type { Ground } from './recipe.ts';
import { registryAlive, verifyImage } from './registry.ts';
import { REGISTRY_ENV, registryCommand, registryConfig } from './registry-config.ts';
import { createAsker } from './stand-ins.ts';
import { takeTurn } from './turn.ts';
import type { Base, Images, WorkOptions } from './types.ts';

export { buildMemory, REGISTRY_ENV, registryCommand, registryConfig, removeBuilder };

export interface ImagesOptions {
  /** Absolute folder of the images room in the instance's home. */
  readonly home: string;
  /** Absolute folder of the machine where the stem that all bases stand on is kept for every instance. */
  readonly stems: string;
  readonly instance: string;
  /** `127.0.0.1:30500`: plain HTTP. */
  readonly registry: string;
  /** The config's own bases, as they are now. */
  readonly bases: () => Readonly<Record<string, BaseSpec>>;
  /** CONTAINERS_CONF of the instance. */
  readonly engineConf: string;
  /** Name of the network that builds run on: it reaches package mirrors and nothing of ours. Must exist before a build. */
  readonly network: string;
  /** First of the 65,536 host ids that root and users in builds map to. */
  readonly idBase: number;
  /** Bytes and cores that one build may use. */
  readonly memory: number;
  readonly cpus: number;
  /** Machine-wide lock file: one build at a time. */
  readonly lock: string;
  /** Throws `host/disk-floor` where there is too little space to build. */
  readonly diskFloor: (signal: AbortSignal) => Promise<void>;
  /** The Node that bases carry; our own by default. */
  readonly nodeBinary?: string;
  readonly clock?: Clock;
}

export function createImages(options: ImagesOptions): Images {
  const clock = options.clock ?? systemClock;
  const builder = createBuilder(options);
  const packages = createPackagesReader();
  const nodeBinary = options.nodeBinary ?? process.execPath;
  let known: Promise<Ground> | undefined;
  const ground = (signal: AbortSignal): Promise<Ground> => {
    known ??= readGround(nodeBinary, signal).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  const bases = createBases({
    folder: join(options.home, 'bases'),
    configured: options.bases,
    ground,
    maker: createBaseMaker({ ...options, builder, nodeBinary, packages }),
    clock,
  });
  /** Bases use the builder too, so they wait for their turn like builds. */
  const inTurn = async <T>(what: string, work: WorkOptions, run: () => Promise<T>): Promise<T> => {
    await using turn = await takeTurn(options.lock, what, work);
    void turn;
    // Whatever lies there was left by a build that was killed: ours is the only turn.
    await rm(join(options.home, 'work'), { recursive: true, force: true });
    return run();
  };
  const ensureInTurn = async (name: string, work: WorkOptions): Promise<Base> =>
    (await bases.find(name, work.signal)) ?? inTurn(`the base ${name}`, work, () => bases.ensure(name, work));
  const build: BuildOptions = {
    ...options,
    builder,
    packages,
    ask: createAsker(clock),
    suite: async (signal) => (await ground(signal)).suite,
    ensureBase: (name, work) => bases.ensure(name, work),
    bases: (signal) => bases.list(signal),
  };
  const provide = createProvider({
    file: join(options.home, 'provided.json'),
    clock,
    ask: build.ask,
    bases: build.bases,
    ensureBase: ensureInTurn,
    inTurn,
    pushBase: (request, work) => pushLocal(request, build, work),
    adopt: (request, work) => adoptImage(request, build, work),
    verify: verifyImage,
  });
  return {
    provide,
    async reach(folder, { debian, signal }) {
      const plan = planReach({ packages: await packages((await ground(signal)).suite, signal), ca: await caBundle(), debian });
      await writeReach(folder, plan);
      return { path: REACH_INSIDE, env: plan.env };
    },
    ensureBase: ensureInTurn,
    async refresh(work) {
      return inTurn('the refresh of bases', work, () => bases.refresh(work.names, work));
    },
    bases: (signal) => bases.list(signal),
    recipe: (request, signal) => buildRecipe(request, { ...build, ensureBase: ensureInTurn }, signal),
    build: (request, work) => inTurn(`the build of ${request.app}/${request.service}`, work, () => buildImage(request, build, work)),
    adopt: (request, work) => inTurn(`the copy of ${request.image}`, work, () => adoptImage(request, build, work)),
    async verify(image, signal) {
      await verifyImage(image, signal);
    },
    registryAlive: (signal) => registryAlive(options.registry, signal),
    async [Symbol.asyncDispose]() {
      // Every container ends with the call that started it.
    },
  };
}
