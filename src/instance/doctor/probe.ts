/** Real containers that prove what reading cannot: that memory limits are enforced, that a virtual address can be called. No image and no internet is needed. */

import { randomBytes } from 'node:crypto';
import { mkdir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';

import { errnoOf } from '../../kit/errors.ts';
import { exec } from '../../kit/exec.ts';

const OOM = 137;

export interface ProbeOptions {
  /** The instance's id: probes carry a label with it, so that `down` finds them; the daemon does not look for it. */
  readonly id: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Programs come from the host's /usr: a package with a static one (busybox-static) would push out the busybox that most machines have. */
const PROGRAMS = ['--volume', '/usr:/usr:ro'] as const;

/** A root file system that holds the way to them only. */
async function probeRoot(home: string): Promise<string> {
  const root = join(home, 'probe');
  await mkdir(join(root, 'usr'), { recursive: true, mode: 0o755 });
  for (const name of ['lib', 'lib64']) {
    const target = await readlink(`/${name}`).catch(() => undefined);
    if (target === undefined) continue;
    await symlink(target, join(root, name)).catch((error: unknown) => {
      if (errnoOf(error) !== 'EEXIST') throw error;
    });
  }
  return root;
}

/** True where the kernel ends a container that takes more than its 32 MB. Throws `kit/exec-failed` where no container ran: that says nothing of limits. */
export async function memoryIsLimited(options: ProbeOptions): Promise<boolean> {
  const root = await probeRoot(options.home);
  const limit = ['--memory', '32m', '--memory-swap', '32m'];
  // reads into one buffer of 96 MB: every page of it is touched
  const eat = ['/usr/bin/dd', 'if=/dev/zero', 'of=/dev/null', 'bs=96M', 'count=1'];
  const argv = podmanRun(options, [...limit, '--network', 'none', ...PROGRAMS, '--rootfs', root, ...eat]);
  // conmon notes an OOM kill in a file where it stands
  const { exitCode } = await exec(argv, {
    cwd: join(options.home, 'probe'),
    signal: options.signal,
    env: options.env,
    timeoutMs: 60_000,
    accept: [OOM],
  });
  return exitCode === OOM;
}

export interface CallOptions extends ProbeOptions {
  readonly network: string;
  /** A free address of that network. */
  readonly address: string;
  /** Who is called. */
  readonly target: { readonly address: string; readonly port: number };
}

/** True where a container on the network reaches the target. */
export async function canCall(options: CallOptions): Promise<boolean> {
  const { home, network, address, target, signal } = options;
  const root = await probeRoot(home);
  const name = `antler-${options.id}-probe-${randomBytes(3).toString('hex')}`;
  const place = ['--name', name, '--detach', '--network', network, '--ip', address];
  const hold = [...PROGRAMS, '--rootfs', root, '/usr/bin/sleep', '60'];
  await exec(podmanRun(options, [...place, ...hold]), { signal, env: options.env, timeoutMs: 60_000 });
  try {
    const seen = await exec(['podman', 'inspect', '--format', '{{.State.Pid}}', name], { signal, env: options.env });
    // from the container's own network: no program in it has to know how to call
    const code = `require('net').connect(${target.port},'${target.address}').on('connect',()=>process.exit(0)).on('error',()=>process.exit(3)).setTimeout(3000,()=>process.exit(4))`;
    const call = await exec(['nsenter', '--target', seen.stdout.trim(), '--net', process.execPath, '-e', code], {
      signal,
      timeoutMs: 10_000,
      accept: [3, 4],
    });
    return call.exitCode === 0;
  } finally {
    await exec(['podman', 'rm', '--force', '--time', '0', name], { signal: AbortSignal.timeout(20_000), env: options.env });
  }
}

function podmanRun({ id }: ProbeOptions, args: readonly string[]): readonly [string, ...string[]] {
  return ['podman', 'run', '--rm', '--label', `antler.probe=${id}`, ...args];
}
