/** Makes stems with mmdebstrap and bases on top of them with the builder. */

import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { BaseSpec } from '../config/types.ts';
import { AntlerError, hasCode } from '../kit/errors.ts';
import { exec } from '../kit/exec.ts';
import { parseSimulation, privateAptConf, publicSources } from './apt.ts';
import type { Builder, Mount } from './builder.ts';
import { caBundle, npmFolder, type HostPackages, type ReadPackages } from './host.ts';
import { rewriteFroms } from './dockerfile.ts';
import { cleanLine } from './output.ts';
import { planReach, reachLine, reachMount, writeReach } from './reach.ts';
import { baseDockerfile, isTwin, STEM_PACKAGES, stemKey, stemReference, type Ground, type Packages, type StemGround } from './recipe.ts';
import { createStems, type KeptStem } from './stems.ts';
import { storedImages } from './storage.ts';
import type { WorkOptions } from './types.ts';

export interface Stem {
  readonly key: string;
  readonly packages: Packages;
}

export interface BaseMakerOptions {
  /** Absolute folder of the images room. */
  readonly home: string;
  /** Absolute folder of the stems that all instances of the machine share. */
  readonly stems: string;
  readonly builder: Builder;
  /** The build network. */
  readonly network: string;
  readonly nodeBinary: string;
  readonly packages: ReadPackages;
}

export interface BaseOrder {
  readonly spec: BaseSpec;
  readonly stem: Stem;
  readonly reference: string;
  /** What comes on top of the stem, as resolved. */
  readonly added: Packages;
}

export interface BaseMaker {
  has(reference: string, signal: AbortSignal): Promise<boolean>;
  hasStem(key: string, signal: AbortSignal): Promise<boolean>;
  makeStem(ground: Ground, work: WorkOptions): Promise<Stem>;
  /** Versions that the base adds to its stem. */
  resolve(spec: BaseSpec, stem: Stem, work: WorkOptions): Promise<Packages>;
  /** Makes the base where it is missing. Returns its unpacked size in bytes. */
  makeBase(order: BaseOrder, work: WorkOptions): Promise<number>;
}

/** Lists younger than this are not fetched again. */
const LISTS_MS = 10 * 60_000;
const QUIET_DPKG = [
  'path-exclude=/usr/share/man/*',
  'path-exclude=/usr/share/doc/*',
  'path-include=/usr/share/doc/*/copyright',
  'path-exclude=/usr/share/locale/*',
  'path-exclude=/usr/share/info/*',
  'force-unsafe-io',
];
/** Public sources in, the host's own settings out. Runs in mmdebstrap, with the new root as $1. */
const FINISH_HOOK =
  'printf "%s" "$ANTLER_SOURCES" > "$1/etc/apt/sources.list" && echo "Acquire::Languages \\"none\\";" > "$1/etc/apt/apt.conf.d/90no-languages" && rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap" "$1/etc/resolv.conf" "$1/etc/hostname"';

export function createBaseMaker(options: BaseMakerOptions): BaseMaker {
  const storage = join(options.home, 'storage');
  const aptFolder = join(options.home, 'apt');
  const recorded = join(options.home, 'bases', 'stem');
  const stems = createStems(options.stems);
  const statusOf = (stem: Stem): string => join(recorded, `${stem.key}.status`);

  const has = async (reference: string): Promise<boolean> => (await storedImages(storage)).some((image) => image.names.includes(reference));

  /** Package lists of our own, so that what the host has installed or pinned plays no part. */
  const simulate = async (
    wanted: readonly string[],
    order: { ground: StemGround; stem?: Stem; fetch?: boolean },
    work: WorkOptions,
  ): Promise<Packages> => {
    const host = await options.packages(order.ground.suite, work.signal);
    await mkdir(join(aptFolder, 'lists', 'partial'), { recursive: true });
    await mkdir(join(aptFolder, 'archives', 'partial'), { recursive: true });
    await writeFile(join(aptFolder, 'empty-status'), '');
    await writeFile(join(aptFolder, 'sources.list'), `${host.sources.join('\n')}\n`);
    const status = order.stem === undefined ? undefined : statusOf(order.stem);
    const conf = join(aptFolder, 'apt.conf');
    await writeFile(conf, privateAptConf({ folder: aptFolder, status, arch: order.ground.arch, settings: host.settings }));
    const apt = async (...args: string[]): Promise<string> =>
      (await exec(['apt-get', ...args], { signal: work.signal, env: { APT_CONFIG: conf, LC_ALL: 'C' } })).stdout;
    const stamp = join(aptFolder, 'updated');
    const updated = await stat(stamp).then(
      (found) => found.mtimeMs,
      () => 0,
    );
    if (order.fetch === true || Date.now() - updated > LISTS_MS) {
      await apt('update', '--error-on=any');
      await writeFile(stamp, '');
    }
    return parseSimulation(await apt('install', '--simulate', '--yes', '--no-install-recommends', ...wanted));
  };

  const groundOf = async (stem: Stem): Promise<StemGround> => {
    const record = JSON.parse(await readFile(join(recorded, `${stem.key}.json`), 'utf8')) as StemGround;
    return record;
  };

  const takeIn = async (kept: KeptStem, ground: StemGround, work: WorkOptions): Promise<Stem> => {
    const { key, packages } = kept;
    await mkdir(recorded, { recursive: true });
    await writeFile(statusOf(kept), kept.status);
    await writeFile(join(recorded, `${key}.json`), JSON.stringify({ suite: ground.suite, arch: ground.arch }));
    const run = { signal: work.signal, network: 'none' };
    const pulled = await options.builder.buildah(['pull', '--quiet', 'oci:/work'], {
      ...run,
      mounts: [{ source: kept.layout, target: '/work' }],
    });
    await options.builder.buildah(['tag', pulled.stdout.trim(), stemReference(key)], { ...run, mounts: [] });
    return { key, packages };
  };

  const makeStem = async (ground: Ground, work: WorkOptions): Promise<Stem> => {
    const wanted = ['?essential', '?priority(required)', 'apt', ...STEM_PACKAGES];
    const packages = await simulate(wanted, { ground, fetch: true }, work);
    const resolved: Stem = { key: stemKey(ground, packages), packages };
    if (await has(stemReference(resolved.key))) return resolved;
    const kept = await stems.find(ground, resolved.key, work.signal);
    if (kept !== undefined) return takeIn(kept, ground, work);
    work.onLine?.(`making the stem of all bases: Debian ${ground.suite}, ${Object.keys(packages).length} packages`);
    const host = await options.packages(ground.suite, work.signal);
    const folder = join(options.home, 'work', 'stem');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    try {
      const tar = join(folder, 'root.tar');
      await exec(mmdebstrapArgv({ ground, host, tar }), {
        signal: work.signal,
        env: { LC_ALL: 'C', TMPDIR: folder, ANTLER_SOURCES: `${publicSources(ground.suite).join('\n')}\n` },
        ...(work.onLine === undefined ? {} : { onLine: work.onLine }),
      });
      // What is in the image is the truth, also where the mirror moved on between the two.
      const { stdout: status } = await exec(['tar', '--extract', '--to-stdout', '--file', tar, './var/lib/dpkg/status'], {
        signal: work.signal,
      });
      return await takeIn(await stems.keep(ground, { tar, status }, work.signal), ground, work);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

  const makeBase = async (order: BaseOrder, work: WorkOptions): Promise<number> => {
    const size = async (): Promise<number | undefined> =>
      (await storedImages(storage)).find((image) => image.names.includes(order.reference))?.bytes;
    const there = await size();
    if (there !== undefined) return there;
    const stored = (await storedImages(storage)).flatMap(({ names }) => names);
    const twin = stored.find((name) => isTwin(name, order.reference));
    if (twin !== undefined) {
      await options.builder.buildah(['tag', twin, order.reference], { signal: work.signal, network: 'none', mounts: [] });
      return (await size()) ?? 0;
    }
    work.onLine?.(`making ${order.reference}`);
    const { suite } = await groundOf(order.stem);
    const folder = join(options.home, 'work', 'base');
    await rm(folder, { recursive: true, force: true });
    const context = join(folder, 'context');
    await mkdir(context, { recursive: true });
    try {
      const mounts: Mount[] = [{ source: folder, target: '/work' }];
      if (order.spec.node) mounts.push(...(await nodeMounts(context, options.nodeBinary)));
      const reach = planReach({ packages: await options.packages(suite, work.signal), ca: await caBundle(), debian: true });
      await writeReach(join(folder, 'reach'), reach);
      const dockerfile = baseDockerfile(order.spec, stemReference(order.stem.key), order.added);
      await writeFile(join(context, 'Dockerfile'), rewriteFroms(dockerfile, { line: reachLine(reach), images: {} }));
      mounts.push(reachMount(join(folder, 'reach')));
      const args = ['build', '--force-rm', '--layers=false', '--pull=never', '--tag', order.reference, '/work/context'];
      const onLine = (line: string): void => {
        const clean = cleanLine(line);
        if (clean !== undefined) work.onLine?.(clean);
      };
      await options.builder.buildah(args, { signal: work.signal, onLine, network: options.network, mounts });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return (await size()) ?? 0;
  };

  return {
    has,
    async hasStem(key) {
      return has(stemReference(key));
    },
    makeStem: (ground, work) => asBaseFailed('the stem of all bases', () => makeStem(ground, work)),
    resolve: async (spec, stem, work) =>
      spec.packages.length === 0
        ? {}
        : asBaseFailed(spec.packages.join(' '), async () => simulate(spec.packages, { ground: await groundOf(stem), stem }, work)),
    makeBase: (order, work) => asBaseFailed(order.reference, () => makeBase(order, work)),
  };
}

interface MmdebstrapOptions {
  readonly ground: Ground;
  readonly host: HostPackages;
  readonly tar: string;
}

function mmdebstrapArgv({ ground, host, tar }: MmdebstrapOptions): readonly [string, ...string[]] {
  return [
    'mmdebstrap',
    '--mode=root',
    '--variant=minbase',
    '--format=tar',
    `--architectures=${ground.arch}`,
    `--include=${STEM_PACKAGES.join(',')}`,
    ...host.settings.map((line) => `--aptopt=${line}`),
    ...QUIET_DPKG.map((line) => `--dpkgopt=${line}`),
    `--customize-hook=${FINISH_HOOK}`,
    ground.suite,
    tar,
    ...host.sources,
  ];
}

/** The pinned Node and npm, mounted into the context: nothing of 120 MB is copied twice. */
async function nodeMounts(context: string, nodeBinary: string): Promise<readonly Mount[]> {
  const bin = join(context, 'node', 'bin');
  const npm = join(context, 'node', 'lib', 'node_modules', 'npm');
  await mkdir(bin, { recursive: true });
  await mkdir(npm, { recursive: true });
  await writeFile(join(bin, 'node'), '');
  for (const name of ['npm', 'npx']) await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(bin, name));
  return [
    { source: nodeBinary, target: '/work/context/node/bin/node' },
    { source: npmFolder(), target: '/work/context/node/lib/node_modules/npm' },
  ];
}

/** What failed below, as one error that a person understands; aborts stay aborts. */
async function asBaseFailed<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!hasCode(error, 'kit/exec-failed')) throw error;
    const failed = error as AntlerError;
    const unreachable = failed.lines.some((line) =>
      // what comes with a status was answered
      /Could not resolve|Could not connect|Temporary failure|Failed to fetch (?!.* [45]\d\d )|Connection (?:failed|timed out)/.test(line),
    );
    if (unreachable) {
      throw new AntlerError('host/apt-unreachable', `Cannot make ${what} as the package mirror does not answer`, {
        lines: failed.lines,
        cause: error,
      });
    }
    throw new AntlerError('images/base-failed', `Cannot make ${what} as a step failed`, { lines: failed.lines, cause: error });
  }
}
