/** A registry and an images room of their own for one test file: random names, a free port, a temporary home. */

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

import type { BaseSpec } from '../../../src/config/types.ts';
import { containersConf, readEngineFacts } from '../../../src/engines/engines.ts';
import { createImages, registryCommand, registryConfig, removeBuilder } from '../../../src/images/images.ts';
import { registryAlive } from '../../../src/images/registry.ts';
import type { BuildRequest, Images } from '../../../src/images/types.ts';
import { AntlerError } from '../../../src/kit/errors.ts';
import { exec } from '../../../src/kit/exec.ts';
import { poll } from '../../../src/kit/wait.ts';
import { KEPT_STEMS } from '../../kit/stems.ts';

export const ID_BASE = 1_900_000_000;
export const MEMORY = 256 * 1024 * 1024;

export interface Bench {
  readonly home: string;
  readonly instance: string;
  readonly registry: string;
  readonly images: Images;
  readonly signal: AbortSignal;
  startRegistry(): Promise<void>;
  stopRegistry(): Promise<void>;
  /** Writes a context and gives the request that builds it. */
  context(name: string, files: Readonly<Record<string, string>>, build?: Partial<BuildRequest['build']>): Promise<BuildRequest>;
  /** Names of containers of this bench that exist, running or not. */
  containers(): Promise<readonly string[]>;
  /** Ids of working containers in the builder's storage. */
  working(): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

export const BASES: Readonly<Record<string, BaseSpec>> = {
  tiny: { packages: [], node: false, standsFor: ['docker.io/library/antler-tiny:1'] },
  hello: { packages: ['hello'], node: false, standsFor: [] },
  twin: { packages: [], node: false, standsFor: [] },
};

export async function openBench(): Promise<Bench> {
  const home = await mkdtemp('/var/tmp/antler-images-'); // 0700, as homes may be
  const instance = `t${randomInt(16 ** 7)
    .toString(16)
    .padStart(7, '0')}`;
  const signal = new AbortController().signal;
  const port = await freePort();
  const registry = `127.0.0.1:${port}`;
  await mkdir(join(home, 'registry'));
  const file = join(home, 'registry.json');
  await writeFile(file, registryConfig({ port, storageDir: join(home, 'registry') }));
  await writeFile(join(home, 'containers.conf'), containersConf(await readEngineFacts()));
  const images = createImages(optionsFor({ home, instance, registry }));
  let child: ChildProcess | undefined;

  const startRegistry = async (): Promise<void> => {
    const [program, ...args] = registryCommand(file);
    child = spawn(program, args, { stdio: 'ignore' });
    await poll(async () => ((await registryAlive(registry, signal)) ? true : undefined), {
      signal,
      timeoutMs: 10_000,
      what: 'the registry',
    });
  };
  const stopRegistry = async (): Promise<void> => {
    const running = child;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((done) => running.once('exit', done));
    running.kill();
    await gone;
  };
  const containers = async (): Promise<readonly string[]> => {
    const filter = ['--filter', `label=antler.builder=${instance}`];
    const { stdout } = await exec(['podman', 'ps', '--all', ...filter, '--format', '{{.Names}}'], { signal });
    return stdout.split('\n').filter((line) => line !== '');
  };

  return {
    home,
    instance,
    registry,
    images,
    signal,
    startRegistry,
    stopRegistry,
    containers,
    async context(name, files, build = {}) {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(join(home, 'apps', name, path, '..'), { recursive: true });
        await writeFile(join(home, 'apps', name, path), content, { mode: 0o600 });
      }
      return {
        app: 'bench',
        service: name,
        tag: 'r1',
        directory: join(home, 'apps'),
        build: { context: name, dockerfile: 'Dockerfile', args: {}, ...build },
        labels: {},
      };
    },
    async working() {
      const text = await readFile(join(home, 'images/storage/root/overlay-containers/containers.json'), 'utf8').catch(() => '[]');
      return (JSON.parse(text) as readonly { readonly id: string }[]).map(({ id }) => id);
    },
    async dispose() {
      await stopRegistry();
      await removeBuilder({ instance, engineConf: join(home, 'containers.conf') }, signal);
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** What `createImages` gets; also used by a second process that a test kills. */
export function optionsFor(bench: {
  readonly home: string;
  readonly instance: string;
  readonly registry: string;
}): Parameters<typeof createImages>[0] {
  return {
    home: join(bench.home, 'images'),
    stems: KEPT_STEMS,
    instance: bench.instance,
    registry: bench.registry,
    bases: () => BASES,
    engineConf: join(bench.home, 'containers.conf'),
    network: 'podman',
    idBase: ID_BASE,
    memory: MEMORY,
    cpus: 2,
    lock: join(bench.home, 'lock'),
    diskFloor: async () => {},
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** What a work that has to fail throws. */
export async function failure(work: Promise<unknown>): Promise<AntlerError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AntlerError, String(error));
  return error;
}
