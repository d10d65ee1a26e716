/** The machine that a figure was measured on: without it the figure says nothing. */

import { readFile } from 'node:fs/promises';
import { arch, cpus, release, totalmem } from 'node:os';

import { exec } from '../src/kit/exec.ts';
import type { Machine } from './results.ts';

const PROGRAMS: readonly (readonly [name: string, ...argv: string[]])[] = [
  ['HAProxy', 'haproxy', '-v'],
  ['Podman', 'podman', '--version'],
  ['buildah', 'buildah', '--version'],
  ['registry', 'docker-registry', '--version'],
];

export async function readMachine(signal: AbortSignal): Promise<Machine> {
  const versions: Record<string, string> = { Node: process.versions.node };
  for (const [name, program, ...args] of PROGRAMS) {
    const { stdout } = await exec([program ?? name, ...args], { signal });
    versions[name] = /\d+\.\d+[\w.+~-]*/.exec(stdout)?.[0] ?? 'unknown';
  }
  const system = /^PRETTY_NAME="(.*)"$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? 'unknown';
  const model = cpus()[0]?.model.trim();
  return {
    cpu: model === undefined || model === '' || model === 'unknown' ? arch() : model,
    cores: cpus().length,
    memoryBytes: totalmem(),
    system,
    kernel: release(),
    init: (await readFile('/proc/1/comm', 'utf8')).trim() === 'systemd' ? 'systemd' : 'no systemd (runit)',
    versions,
  };
}
