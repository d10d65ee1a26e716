/** From a folder with a Dockerfile to a verified digest in the registry. */

import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { AntlerError, hasCode, isAbort } from '../kit/errors.ts';
import { formatSize } from '../kit/units.ts';
import type { Builder } from './builder.ts';
import { contextHash, readContext, stageContext } from './context.ts';
import { externalImages, rewriteFroms } from './dockerfile.ts';
import { caBundle, type ReadPackages } from './host.ts';
import { cleanLine, explainFailure } from './output.ts';
import { planReach, reachLine, reachMount, writeReach } from './reach.ts';
import { registryAlive, verifyImage } from './registry.ts';
import { matches, planStandIns, type Ask } from './stand-ins.ts';
import type { AdoptRequest, Base, BuildRequest, BuiltImage, WorkOptions } from './types.ts';

export interface BuildOptions {
  readonly home: string;
  readonly instance: string;
  readonly registry: string;
  readonly network: string;
  readonly idBase: number;
  readonly memory: number;
  readonly builder: Builder;
  readonly packages: ReadPackages;
  readonly ask: Ask;
  readonly suite: (signal: AbortSignal) => Promise<string>;
  readonly ensureBase: (name: string, work: WorkOptions) => Promise<Base>;
  readonly bases: (signal: AbortSignal) => Promise<readonly Base[]>;
  readonly diskFloor: (signal: AbortSignal) => Promise<void>;
}

const LAST_LINES = 20;

/** Hash of everything that a build is made of; makes the bases that it may use where they are missing. */
export async function buildRecipe(
  request: Pick<BuildRequest, 'directory' | 'build'>,
  options: BuildOptions,
  signal: AbortSignal,
): Promise<string> {
  const context = await readContext(request.directory, request.build);
  const bases = await options.bases(signal);
  const standIns = matches(externalImages(context.dockerfile, request.build.args), bases).map(({ base }) => base);
  const names = new Set([...(request.build.base === undefined ? [] : [request.build.base]), ...standIns]);
  const keys: Record<string, string | undefined> = {};
  for (const name of names) {
    const base = await options.ensureBase(name, { signal });
    keys[name] = base.key;
  }
  return createHash('sha256')
    .update(JSON.stringify([await contextHash(context, request.build), keys]))
    .digest('hex');
}

export async function buildImage(request: BuildRequest, options: BuildOptions, work: WorkOptions): Promise<BuiltImage> {
  const started = performance.now();
  const context = await readContext(request.directory, request.build);
  await options.diskFloor(work.signal);

  const base = request.build.base === undefined ? undefined : await options.ensureBase(request.build.base, work);
  const args = { ...request.build.args, ...(base?.reference === undefined ? {} : { BASE: base.reference }) };
  const images = externalImages(context.dockerfile, args);
  const standIns = await planStandIns(matches(images, await options.bases(work.signal)), { ask: options.ask, signal: work.signal });
  const instead: Record<string, string> = {};
  for (const standIn of standIns) {
    work.onLine?.(`${standIn.image}: its registry cannot be reached; the base ${standIn.base} stands for it`);
    const stand = await options.ensureBase(standIn.base, work);
    if (stand.reference !== undefined) instead[standIn.written] = stand.reference;
  }
  const ours = images.every(({ image, written }) => image?.startsWith('localhost/antler/') === true || instead[written] !== undefined);

  await mkdir(join(options.home, 'work'), { recursive: true });
  const folder = await mkdtemp(join(options.home, 'work', 'build-'));
  try {
    await options.builder.own(folder);
    await stageContext(context, join(folder, 'context'), { owner: options.idBase, signal: work.signal });
    const reach = planReach({
      packages: await options.packages(await options.suite(work.signal), work.signal),
      ca: await caBundle(),
      debian: ours,
    });
    await writeReach(join(folder, 'reach'), reach);
    await writeFile(join(folder, 'Dockerfile'), rewriteFroms(context.dockerfile, { line: reachLine(reach), images: instead }));
    const local = `localhost/antler/app-${request.app}/${request.service}:latest`;
    const tail: string[] = [];
    const onLine = (raw: string): void => {
      const line = cleanLine(raw);
      if (line === undefined) return;
      tail.push(line);
      if (tail.length > 200) tail.shift();
      work.onLine?.(line);
    };
    const argv = [
      'build',
      '--force-rm',
      '--layers',
      '--pull=missing',
      '--format',
      'oci',
      ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
      ...Object.entries(request.labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
      '--file',
      '/work/Dockerfile',
      '--tag',
      local,
      '/work/context',
    ];
    const mounts = [{ source: folder, target: '/work', write: true }, reachMount(join(folder, 'reach'))];
    try {
      await options.builder.buildah(argv, { signal: work.signal, onLine, network: options.network, mounts });
    } catch (error) {
      if (!hasCode(error, 'kit/exec-failed')) throw error;
      const why = explainFailure(tail, formatSize(options.memory));
      throw new AntlerError('images/build-failed', `Cannot build ${request.service} as ${why}`, {
        at: context.folder,
        lines: tail.filter((line) => line.trim() !== '').slice(-LAST_LINES),
        cause: error,
      });
    }
    const pushed = await push({ local, folder, request }, options, work);
    return { ...pushed, stoodFor: [...new Set(standIns.map((one) => one.image))], ms: Math.round(performance.now() - started) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Pushes an image of the builder's own storage. */
export async function pushLocal(request: AdoptRequest, options: BuildOptions, work: WorkOptions): Promise<BuiltImage> {
  const started = performance.now();
  await mkdir(join(options.home, 'work'), { recursive: true });
  const folder = await mkdtemp(join(options.home, 'work', 'push-'));
  try {
    await options.builder.own(folder);
    const pushed = await push({ local: request.image, folder, request }, options, work);
    return { ...pushed, stoodFor: [], ms: Math.round(performance.now() - started) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Copies a public image into the registry. */
export async function adoptImage(request: AdoptRequest, options: BuildOptions, work: WorkOptions): Promise<BuiltImage> {
  const started = performance.now();
  await options.diskFloor(work.signal);
  await mkdir(join(options.home, 'work'), { recursive: true });
  const folder = await mkdtemp(join(options.home, 'work', 'adopt-'));
  try {
    await options.builder.own(folder);
    try {
      await options.builder.buildah(['pull', request.image], { ...work, network: options.network, mounts: [] });
    } catch (error) {
      if (!hasCode(error, 'kit/exec-failed')) throw error;
      throw new AntlerError('images/pull-failed', `Cannot copy ${request.image} as it could not be pulled`, {
        lines: (error as AntlerError).lines,
        cause: error,
      });
    }
    const pushed = await push({ local: request.image, folder, request }, options, work);
    return { ...pushed, stoodFor: [], ms: Math.round(performance.now() - started) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface PushOrder {
  readonly local: string;
  readonly folder: string;
  readonly request: { readonly app: string; readonly service: string; readonly tag: string };
}

/** Pushes by tag (a push by digest is refused), then proves what the registry holds. */
async function push(order: PushOrder, options: BuildOptions, work: WorkOptions): Promise<Omit<BuiltImage, 'stoodFor' | 'ms'>> {
  const { app, service, tag } = order.request;
  const repository = `${options.registry}/${app}/${service}`;
  if (!(await registryAlive(options.registry, work.signal))) {
    throw new AntlerError('images/registry-unreachable', `Cannot push ${service} as the registry at ${options.registry} does not answer`);
  }
  const argv = ['push', '--tls-verify=false', '--quiet', '--digestfile', '/work/digest', order.local, `docker://${repository}:${tag}`];
  try {
    await options.builder.buildah(argv, { ...work, network: 'host', mounts: [{ source: order.folder, target: '/work', write: true }] });
  } catch (error) {
    if (isAbort(error) || !hasCode(error, 'kit/exec-failed')) throw error;
    const alive = await registryAlive(options.registry, work.signal);
    const why = alive ? 'the registry did not take it' : `the registry at ${options.registry} stopped answering`;
    throw new AntlerError('images/push-failed', `Cannot push ${service} as ${why}`, { lines: (error as AntlerError).lines, cause: error });
  }
  const digest = (await readFile(join(order.folder, 'digest'), 'utf8')).trim();
  const bytes = await verifyImage({ repository, digest }, work.signal);
  return { repository, digest, bytes };
}
