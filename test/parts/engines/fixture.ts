/** A Podman of our own for tests: its service on a temporary socket, a tiny image made from Debian's busybox, a free block of addresses. */

import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { containersConf, createPodman, engineService, readEngineFacts } from '../../../src/engines/engines.ts';
import { AntlerError } from '../../../src/kit/errors.ts';
import { exec } from '../../../src/kit/exec.ts';
import { poll } from '../../../src/kit/wait.ts';
import type { BehaviourName, EngineFixture } from '../../conformance/engine-fixture.ts';

const APPLETS = [
  'sh',
  'sleep',
  'cat',
  'id',
  'httpd',
  'true',
  'false',
  'ls',
  'mkdir',
  'touch',
  'dd',
  'tail',
  'kill',
  'chown',
  'su',
  'nc',
  'yes',
  'head',
  'echo',
  'env',
  'pwd',
  'setsid',
  'stat',
  'ps',
  'rm',
];

const COMMANDS: Readonly<Record<BehaviourName, string>> = {
  sleeps: 'trap "exit 0" TERM; while :; do sleep 0.2; done',
  stubborn: 'trap "" TERM; while :; do sleep 0.2; done',
  done: 'exit 0',
  crashes: 'exit 3',
  greedy: 'exec tail /dev/zero',
  prints: 'echo out 1; sleep 0.05; echo err 2 >&2; sleep 0.05; echo out 3; while :; do sleep 0.2; done',
};

export interface PodmanFixture extends EngineFixture {
  readonly image: string;
  /** The same by its digest, as an instance names what it runs. */
  readonly pinned: string;
  readonly socket: string;
  /** How often the service was started. */
  readonly wakes: () => number;
  /** Ends the service, as its idle minute does. */
  readonly endService: () => Promise<void>;
  /** Ends it, and no supervisor can start it any more until it is given back. */
  readonly takeAway: () => Promise<void>;
  readonly giveBack: () => void;
}

export async function openPodman(t: TestContext): Promise<PodmanFixture> {
  const signal = AbortSignal.timeout(120_000);
  const id = randomBytes(4).toString('hex');
  const folder = await mkdtemp('/var/tmp/antler-engines-');
  const facts = await readEngineFacts();
  const conf = join(folder, 'containers.conf');
  await writeFile(conf, containersConf(facts));
  const socket = join(folder, 'engine.sock');
  const service = engineService({ socket, conf });
  const services = new Set<number>();
  let [wakes, away] = [0, false];
  const wake = async (): Promise<void> => {
    wakes += 1;
    if (away) throw new AntlerError('host/service-failed', 'Cannot start the engine as it does not stay up');
    await rm(socket, { force: true });
    const [file = '', ...args] = service.command;
    const child = spawn(file, args, { cwd: folder, env: { ...process.env, ...service.env }, stdio: 'ignore' });
    if (child.pid !== undefined) services.add(child.pid);
    child.on('exit', () => child.pid !== undefined && services.delete(child.pid));
  };
  const endService = async (): Promise<void> => {
    for (const pid of services) process.kill(pid, 'SIGTERM');
    await poll(() => (services.size === 0 ? true : undefined), { signal, timeoutMs: 15_000, what: 'the end of the service' });
  };
  const image = await makeImage(folder, id, signal);
  const engine = createPodman({ instance: id, socket, wake, facts });
  const neighbour = createPodman({ instance: `${id}-other`, socket, wake, facts });
  t.after(async () => {
    away = false;
    const end = AbortSignal.timeout(60_000);
    for (const { name } of await engine.list(end)) await engine.remove(name, end);
    for (const { name } of await engine.networks(end)) await engine.removeNetwork(name, end);
    for (const name of await engine.volumes(end)) await engine.removeVolume(name, end);
    await engine.removeImage(image, end);
    await engine[Symbol.asyncDispose]();
    await neighbour[Symbol.asyncDispose]();
    for (const pid of services) process.kill(pid, 'SIGTERM');
    await rm(folder, { recursive: true, force: true });
  });
  return {
    engine,
    neighbour,
    instance: id,
    prefix: `antler-test-${id}`,
    network: `antler-test-${id}`,
    net: `10.${await freeBlock(signal)}.${randomInt(0, 120) * 2}`,
    graceMs: 1000,
    behave: (name) => ({ image, command: ['/bin/sh', '-c', COMMANDS[name]] }),
    image,
    pinned: `${image.slice(0, image.lastIndexOf(':'))}@${await digestOf(image, signal)}`,
    socket,
    wakes: () => wakes,
    endService,
    async takeAway() {
      away = true;
      await endService();
      await rm(socket, { force: true });
    },
    giveBack: () => (away = false),
  };
}

/** As its manifest has it. */
export async function digestOf(image: string, signal: AbortSignal): Promise<string> {
  return (await exec(['podman', 'image', 'inspect', '--format', '{{.Digest}}', image], { signal })).stdout.trim();
}

async function makeImage(folder: string, id: string, signal: AbortSignal): Promise<string> {
  const root = join(folder, 'root');
  for (const path of ['bin', 'etc', 'tmp', 'data', 'srv']) await mkdir(join(root, path), { recursive: true });
  await chmod(join(root, 'tmp'), 0o1777);
  const [busybox = '/bin/busybox'] = (await readdir('/bin')).filter((name) => name === 'busybox').map((name) => `/bin/${name}`);
  await copyFile(busybox, join(root, 'bin/busybox'));
  await chmod(join(root, 'bin/busybox'), 0o755);
  for (const applet of APPLETS) await symlink('busybox', join(root, 'bin', applet));
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\nwww-data:x:33:33:www:/srv:/bin/sh\n');
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nwww-data:x:33:\n');
  const image = `localhost/antler-test-${id}:1`;
  const container = (await exec(['buildah', 'from', 'scratch'], { signal })).stdout.trim();
  await exec(['buildah', 'copy', '-q', container, root, '/'], { signal });
  await exec(['buildah', 'config', '--env', 'PATH=/bin', '--cmd', '["/bin/sleep","1000"]', container], { signal });
  await exec(['buildah', 'commit', '-q', '--rm', container, image], { signal });
  return image;
}

/** The second octet of a block that no route, and so no other instance on this machine, uses. */
async function freeBlock(signal: AbortSignal): Promise<number> {
  const { stdout } = await exec(['ip', '-4', 'route', 'show', 'table', 'all'], { signal });
  const free = Array.from({ length: 19 }, (_, index) => 61 + index).filter(
    (block) => !stdout.includes(` 10.${block}.`) && !stdout.includes(`\n10.${block}.`),
  );
  return free[randomInt(free.length)] ?? 79;
}
