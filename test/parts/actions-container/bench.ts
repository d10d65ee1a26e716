/** Container sandboxes on a Podman of their own, with the instance's firewall, two environments' entries and a registry to be kept out of. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import type { TestContext } from 'node:test';

import { createAdmission, createContainerSandboxes } from '../../../src/actions/actions.ts';
import type { Sandbox, SandboxExit, SandboxRequest } from '../../../src/actions/types.ts';
import { firewallRules } from '../../../src/edge/edge.ts';
import type { Engine } from '../../../src/engines/types.ts';
import { createEntries, jobsNetwork } from '../../../src/instance/instance.ts';
import { firewallTable } from '../../../src/instance/paths.ts';
import { exec } from '../../../src/kit/exec.ts';
import { openPodman, type PodmanFixture } from '../engines/fixture.ts';

export const signal = AbortSignal.timeout(240_000);
const MIB = 1024 ** 2;
export const PORT = 8080;

export interface SandboxBench {
  readonly fixture: PodmanFixture;
  readonly engine: Engine;
  readonly folder: string;
  /** Bases and images that were asked for; each is the test's own. */
  readonly provided: readonly string[];
  readonly sandboxes: ReturnType<typeof createContainerSandboxes>;
  readonly entries: ReturnType<typeof createEntries>;
  /** The machine's own address on the jobs' bridge. */
  readonly gateway: string;
  /** Virtual addresses of the entries of dev and stg. */
  readonly dev: string;
  readonly stg: string;
  /** A port of the machine on all its addresses. */
  readonly hostPort: number;
  open(more?: Partial<SandboxRequest> & { readonly socket?: string }): Promise<Sandbox>;
}

export interface BenchOptions extends Pick<Parameters<typeof createContainerSandboxes>[0], 'disk' | 'diskFloor'> {
  /** Of the jobs' folders. */
  readonly folder?: string;
}

export async function openBench(t: TestContext, { folder, ...more }: BenchOptions = {}): Promise<SandboxBench> {
  let close = async (): Promise<void> => undefined;
  t.after(async () => close()); // the first hook is called first: before the engine goes
  const fixture = await openPodman(t);
  const { engine, instance } = fixture;
  const [first, block] = fixture.net.split('.');
  const [dev, stg] = [`${first}.${block}.1.1`, `${first}.${block}.2.1`];
  const home = await mkdtemp('/var/tmp/antler-jobs-');
  t.after(() => rm(home, { recursive: true, force: true }));
  const program = join(home, 'program');
  await mkdir(program);
  await writeFile(join(program, 'antler'), '#!/bin/sh\necho the program\n', { mode: 0o755 });
  const network = jobsNetwork({ id: instance, block: Number(block) });
  await engine.ensureNetwork(network, signal);

  const table = firewallTable(instance);
  const rules = firewallRules({ block: `${first}.${block}.0.0/16`, networks: [], jobs: network.subnet });
  await exec(['nft', '-f', '-'], { signal, input: `table inet ${table} {\n${rules}}\n` });
  t.after(() => exec(['nft', 'delete', 'table', 'inet', table], { signal: AbortSignal.timeout(5000), accept: [1] }));
  for (const address of [dev, stg]) {
    await exec(['ip', 'address', 'replace', `${address}/32`, 'dev', 'lo'], { signal });
    t.after(() => exec(['ip', 'address', 'delete', `${address}/32`, 'dev', 'lo'], { signal: AbortSignal.timeout(5000), accept: [2] }));
    await listen(t, address, PORT);
  }
  const hostPort = await listen(t, '0.0.0.0', 0);

  const entries = createEntries({
    instance: { id: instance },
    spec: () => ({ services: [{ name: 'web', expose: true, port: PORT }] }) as never,
    topology: () => ({ prefix: 'test', environments: { dev: { services: { web: dev } }, stg: { services: { web: stg } } } }) as never,
  });
  const digest = (await exec(['podman', 'image', 'inspect', '--format', '{{.Digest}}', fixture.image], { signal })).stdout.trim();
  const provided: string[] = [];
  const sandboxes = createContainerSandboxes({
    instance,
    engine,
    network,
    program,
    folder: folder ?? join(home, 'jobs'),
    ...more,
    images: {
      async provide(name) {
        provided.push(name.kind === 'base' ? name.base : name.image);
        return { repository: fixture.image.replace(/:1$/, ''), digest, base: name.kind === 'base' ? name.base : undefined };
      },
      async reach(folder) {
        await writeFile(join(folder, 'apt.conf'), 'reached\n');
        return { path: '/dev/antler', env: { APT_CONFIG: '/dev/antler/apt.conf' } };
      },
    },
    admission: createAdmission({ slots: 4, reserve: 0 }),
    limits: { memory: 96 * MIB, cpus: 2, pids: 100 },
    openEntry: (address, environment, opening) => entries.open(address, environment, opening),
    ladder: { interruptMs: 300, terminateMs: 300 },
  });
  close = async () => {
    await sandboxes[Symbol.asyncDispose]();
    await sandboxes.removeAll(AbortSignal.timeout(30_000));
  };
  return {
    fixture,
    engine,
    provided,
    sandboxes,
    entries,
    dev,
    stg,
    hostPort,
    gateway: network.subnet.replace(/0\/24$/, '1'),
    folder: folder ?? join(home, 'jobs'),
    open: ({ socket, ...more } = {}) =>
      sandboxes.open(
        { job: 'test', labels: ['ubuntu-latest'], onLine: () => undefined, onWait: () => undefined, ...more },
        { run: 7, signal, ...(socket === undefined ? {} : { socket }) },
      ),
  };
}

/** Answers whoever connects; returns its port. */
async function listen(t: TestContext, host: string, port: number): Promise<number> {
  const server = createServer((socket) => void socket.end('HTTP/1.0 200 OK\r\n\r\nhello'));
  server.listen(port, host);
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

export interface Ran extends SandboxExit {
  readonly text: string;
}

export async function run(sandbox: Sandbox, script: string, until: AbortSignal = signal): Promise<Ran> {
  let text = '';
  const exit = await sandbox.exec({
    argv: ['/bin/sh', '-c', script],
    env: { ...sandbox.env },
    cwd: sandbox.paths.workspace,
    onOutput: (chunk) => void (text += Buffer.from(chunk).toString('utf8')),
    signal: until,
  });
  return { ...exit, text };
}

/** Does something answer there, as the job's network sees it? (The test image's own tools cannot look up names.) */
export async function reaches(engine: Engine, sandbox: Sandbox, url: string): Promise<boolean> {
  const state = (await engine.inspect(sandbox.name, signal))?.state;
  const pid = state?.kind === 'running' ? state.pid : 0;
  const child = spawn('nsenter', ['-t', String(pid), '-n', 'curl', '-s', '-m', '2', url], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'] },
  });
  const [code] = (await once(child, 'exit')) as [number];
  return code === 0;
}
