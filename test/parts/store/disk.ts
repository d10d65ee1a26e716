/** Small disks of their own for tests: one that gets full or read-only, one that hangs or breaks. Needs root. */

import { mkdir, mkdtemp, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';

import { exec } from '../../../src/kit/exec.ts';

const run = async (...argv: [string, ...string[]]): Promise<string> => (await exec(argv, { signal: AbortSignal.timeout(30_000) })).stdout;

export interface SmallDisk {
  readonly folder: string;
  /** Takes all that is free but `leaveBytes`. */
  readonly fill: (leaveBytes?: number) => Promise<void>;
  readonly empty: () => Promise<void>;
  readonly writable: (yes: boolean) => Promise<void>;
}

export async function smallDisk(t: TestContext, megabytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'antler-disk-'));
  await run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'antler-test', folder);
  t.after(async () => {
    await run('umount', '--lazy', folder);
    await rm(folder, { recursive: true, force: true });
  });
  const filler = join(folder, 'filler');
  return {
    folder,
    async fill(leaveBytes = 0) {
      const { bavail, bsize } = await statfs(folder);
      await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes), 1));
    },
    empty: async () => rm(filler, { force: true }),
    writable: async (yes) => void (await run('mount', '-o', `remount,${yes ? 'rw' : 'ro'}`, folder)),
  };
}

export interface LoopDisk {
  readonly folder: string;
  readonly freeze: () => Promise<void>;
  readonly thaw: () => Promise<void>;
  /** Its file system finds a fault in itself, and lets nobody write any more, those neither who have files open. */
  readonly breakDown: () => Promise<void>;
  /** Taken away and mounted again, as after a reboot; nobody may have a file open there. */
  readonly repair: () => Promise<void>;
}

/** Undefined where the machine has no loop devices. */
export async function loopDisk(t: TestContext): Promise<LoopDisk | undefined> {
  const root = await mkdtemp(join(tmpdir(), 'antler-disk-'));
  const image = join(root, 'image');
  const folder = join(root, 'disk');
  await mkdir(folder);
  await writeFile(image, '');
  await truncate(image, 24 * 1024 * 1024);
  const mount = async (): Promise<string> => run('mount', '-o', 'loop,errors=remount-ro', image, folder);
  try {
    await run('mkfs.ext4', '-q', '-F', image);
    await mount();
  } catch {
    await rm(root, { recursive: true, force: true });
    return undefined;
  }
  let frozen = false;
  const thaw = async (): Promise<void> => {
    if (frozen) await run('fsfreeze', '-u', folder);
    frozen = false;
  };
  t.after(async () => {
    await thaw();
    await run('umount', '--lazy', folder);
    await rm(root, { recursive: true, force: true });
  });
  return {
    folder,
    thaw,
    async freeze() {
      await run('fsfreeze', '-f', folder);
      frozen = true;
    },
    async breakDown() {
      const device = (await run('findmnt', '--noheadings', '--output', 'SOURCE', folder)).trim();
      await writeFile(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, '1');
    },
    async repair() {
      await run('umount', folder);
      await mount();
    },
  };
}
