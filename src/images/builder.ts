/**
 * The builder is a container: buildah in its own user namespace, with its own storage, capped in memory and processor.
 * Nothing of it is root on the machine, its network is the one it is given, and killing the container leaves nothing.
 */

import { access, chown, mkdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { errnoOf, hasCode, AntlerError } from '../kit/errors.ts';
import { exec, type ExecResult } from '../kit/exec.ts';
import { parseLimits, type Limits } from './limits.ts';
import type { WorkOptions } from './types.ts';

export interface BuilderOptions {
  /** Absolute folder; the builder owns `storage/` in it. */
  readonly home: string;
  readonly instance: string;
  /** CONTAINERS_CONF of the instance: which OCI runtime, among other things. */
  readonly engineConf: string;
  /** First of the 65,536 host ids that the builder's ids map to. */
  readonly idBase: number;
  /** Bytes that a build may use, the builder itself included. */
  readonly memory: number;
  readonly cpus: number;
}

export interface BuilderRun extends WorkOptions {
  /** `none`, `host` (to reach the registry), or the build network's name. */
  readonly network: string;
  readonly mounts: readonly Mount[];
}

export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly write?: boolean;
}

export interface Builder {
  /** Runs one buildah command to its end; nothing of it runs on afterwards. */
  buildah(args: readonly string[], run: BuilderRun): Promise<ExecResult>;
  /** Makes a folder or file tree's top the builder's own. */
  own(path: string): Promise<void>;
}

const IDS = 65_536;
const PIDS = 4096;
/** Enough for `podman rm -f` on a slow card. */
const CLEANUP_MS = 30_000;

export function createBuilder(options: BuilderOptions): Builder {
  const storage = join(options.home, 'storage');
  /** There while a command runs; found at the next one, its builder was killed. */
  const unclean = join(storage, 'unclean');
  const { container: name, rootfs } = placesOf(options.instance);
  const podman = (args: readonly string[], work: WorkOptions): Promise<ExecResult> =>
    exec(['podman', ...args], {
      signal: work.signal,
      cwd: options.home, // conmon writes a file `oom` where it stands when the kernel ends a container of cgroup v1
      env: { CONTAINERS_CONF: options.engineConf },
      ...(work.onLine === undefined ? {} : { onLine: work.onLine }),
    });

  const remove = async (signal: AbortSignal): Promise<void> => {
    await podman(['rm', '--force', '--ignore', '--time', '0', name], { signal });
  };

  const own = async (path: string): Promise<void> => {
    await chown(path, options.idBase, options.idBase);
  };

  const prepare = async (): Promise<Limits> => {
    await makeRootfs(rootfs);
    for (const folder of [storage, join(storage, 'tmp'), join(storage, 'cache')]) {
      await mkdir(folder, { recursive: true });
      await own(folder);
    }
    return parseLimits(await readFile('/proc/self/limits', 'utf8'));
  };

  return {
    own,
    async buildah(args, run) {
      const limits = await prepare();
      const once = async (command: readonly string[], how: BuilderRun): Promise<ExecResult> => {
        const result = await podman(builderArgv(command, { ...options, ...how, name, rootfs, storage, limits }), how);
        await rm(unclean, { force: true });
        return result;
      };
      const wasKilled = await isThere(unclean);
      await writeFile(unclean, '');
      // A killed build leaves working containers in the storage: nobody would ever remove them.
      if (wasKilled) await once(['rm', '--all'], { signal: run.signal, network: 'none', mounts: [] });
      await writeFile(unclean, '');
      try {
        return await once(args, run);
      } catch (error) {
        await remove(AbortSignal.timeout(CLEANUP_MS));
        throw error;
      }
    },
  };
}

/** Takes away what a builder leaves outside of its home: for `down`, so also where the engine or its settings are gone already. */
export async function removeBuilder(builder: Pick<BuilderOptions, 'instance' | 'engineConf'>, signal: AbortSignal): Promise<void> {
  const { container, rootfs } = placesOf(builder.instance);
  const env = (await isThere(builder.engineConf)) ? { CONTAINERS_CONF: builder.engineConf } : {};
  const remove = async (): Promise<unknown> => exec(['podman', 'rm', '--force', '--ignore', '--time', '0', container], { signal, env });
  try {
    await remove().catch(remove); // right after a kill a removal may find its shm busy: the second try works
  } catch (error) {
    if (!hasCode(error, 'kit/exec-missing')) throw error;
  }
  await rm(rootfs, { recursive: true, force: true });
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function placesOf(instance: string): { readonly container: string; readonly rootfs: string } {
  // The root file system is not in the home: a mapped root can only stand where every folder above lets everyone through.
  return { container: `antler-${instance}-builder`, rootfs: `/run/antler-builder-${instance}` };
}

export interface BuilderArgv extends BuilderOptions, BuilderRun {
  readonly name: string;
  readonly rootfs: string;
  readonly storage: string;
  readonly limits: Limits;
}

/** Arguments of the one `podman run` that the builder is. Pure. */
export function builderArgv(args: readonly string[], run: BuilderArgv): readonly string[] {
  const map = `0:${run.idBase}:${IDS}`;
  const mounts: readonly Mount[] = [
    { source: '/usr', target: '/usr' },
    { source: '/etc/ssl', target: '/etc/ssl' },
    { source: run.storage, target: '/storage', write: true },
    // Which layer was pushed as which blob: without it each push compresses every layer again.
    { source: `${run.storage}/cache`, target: '/var/lib/containers/cache', write: true },
    ...run.mounts,
  ];
  return [
    'run',
    '--rm',
    '--replace',
    '--name',
    run.name,
    '--label',
    `antler.builder=${run.instance}`,
    '--log-driver',
    'none',
    '--uidmap',
    map,
    '--gidmap',
    map,
    '--memory',
    String(run.memory),
    '--memory-swap',
    String(run.memory),
    '--cpus',
    String(run.cpus),
    '--pids-limit',
    String(PIDS),
    '--ulimit',
    `nofile=${run.limits.openFiles}:${run.limits.openFiles}`,
    '--ulimit',
    `nproc=${run.limits.processes}:${run.limits.processes}`,
    '--network',
    run.network,
    // Layers are overlay mounts, and each RUN is a chroot: both need this one more capability, inside the namespace only.
    '--cap-add',
    'SYS_ADMIN,SYS_CHROOT,MKNOD',
    '--security-opt',
    'apparmor=unconfined',
    '--security-opt',
    'seccomp=unconfined',
    '--security-opt',
    'unmask=ALL',
    '--read-only',
    '--tmpfs',
    '/var/cache',
    // Says to buildah that it is in a user namespace already: it marks its layers in a way that the kernel allows there.
    '--env',
    '_CONTAINERS_USERNS_CONFIGURED=done',
    '--env',
    'BUILDAH_ISOLATION=chroot',
    // buildah 1.39 would enter a RUN's root by pivot_root, cannot let go of the old one here, and then finds no way back to chroot.
    '--env',
    'BUILDAH_NOPIVOT=1',
    '--env',
    'HOME=/tmp',
    '--env',
    'TMPDIR=/storage/tmp',
    '--env',
    'PATH=/usr/sbin:/usr/bin',
    ...mounts.flatMap((mount) => ['--volume', `${mount.source}:${mount.target}:${mount.write === true ? 'rw' : 'ro'}`]),
    '--rootfs',
    run.rootfs,
    '/usr/bin/buildah',
    '--root',
    '/storage/root',
    '--storage-driver',
    'overlay',
    '--runroot',
    '/run/buildah',
    ...args,
  ];
}

const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n',
  'etc/group': 'root:x:0:\nnogroup:x:65534:\n',
  'etc/hosts': '',
  'etc/hostname': '',
  'etc/resolv.conf': '',
  'etc/containers/policy.json': '{"default":[{"type":"insecureAcceptAnything"}]}\n',
  'etc/containers/registries.conf': 'unqualified-search-registries = ["docker.io"]\nshort-name-mode = "permissive"\n',
};
const FOLDERS: readonly string[] = [
  'usr',
  'etc/ssl',
  'proc',
  'sys',
  'dev',
  'tmp',
  'var/tmp',
  'var/cache',
  'var/lib/containers/cache',
  'run',
  'root',
  'storage',
  'work',
];

/** A root file system that holds next to nothing: programs come from the host's /usr, read-only. */
async function makeRootfs(rootfs: string): Promise<void> {
  for (const folder of FOLDERS) await mkdir(join(rootfs, folder), { recursive: true });
  for (const [path, content] of Object.entries(FILES)) {
    if ((await readFile(join(rootfs, path), 'utf8').catch(() => undefined)) === content) continue;
    await mkdir(join(rootfs, path, '..'), { recursive: true });
    await writeFile(join(rootfs, path), content);
  }
  for (const name of ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']) {
    const target = await readlink(`/${name}`).catch(() => undefined);
    if (target === undefined) continue;
    await symlink(target, join(rootfs, name)).catch((error: unknown) => {
      if (errnoOf(error) !== 'EEXIST') throw error;
    });
  }
  await access('/usr/bin/buildah').catch((error: unknown) => {
    throw new AntlerError('kit/exec-missing', 'Cannot build images as `buildah` is not installed', { cause: error });
  });
}
