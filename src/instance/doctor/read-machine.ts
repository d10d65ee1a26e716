/** Reads of the machine what the doctor judges. */

import { access, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Spec } from '../../config/types.ts';
import { exec } from '../../kit/exec.ts';
import { freeBytes, judgeFitness, readFitness, wantedPorts } from '../preflight.ts';
import { SOURCE_ROOT } from '../program.ts';
import type { MachineReading } from './machine-checks.ts';

export interface ReadMachineOptions {
  readonly home: string;
  readonly spec: Pick<Spec, 'environments'> | undefined;
  readonly portOffset: number;
  readonly signal: AbortSignal;
}

export async function readMachine({ home, spec, portOffset, signal }: ReadMachineOptions): Promise<MachineReading> {
  const ports = spec === undefined ? [] : wantedPorts(spec, portOffset);
  const [fitness, release, meminfo, synchronized, codeTime, disk] = await Promise.all([
    readFitness(
      home,
      ports.map(({ port }) => port),
    ),
    readFile('/etc/os-release', 'utf8').catch(() => ''),
    readFile('/proc/meminfo', 'utf8'),
    isSynchronized(signal),
    newestCode(),
    freeBytes(home),
  ]);
  return {
    system: /^PRETTY_NAME="?([^"\n]+)/m.exec(release)?.[1] ?? 'this system',
    apt: fitness.apt,
    memory: fitness.memory,
    available: Number(/^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1] ?? 0) * 1024,
    home,
    disk,
    now: Date.now(),
    codeTime,
    synchronized,
    portProblems: judgeFitness(fitness, ports).filter(({ code }) => code === 'edge/port-taken'),
    ports: ports.map(({ port }) => port),
  };
}

async function isSynchronized(signal: AbortSignal): Promise<boolean | undefined> {
  const systemd = await access('/run/systemd/system').then(
    () => true,
    () => false,
  );
  if (!systemd) return undefined;
  try {
    const { stdout } = await exec(['timedatectl', 'show', '--property', 'NTPSynchronized', '--value'], { signal, timeoutMs: 5000 });
    return stdout.trim() === 'yes';
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

async function newestCode(): Promise<number> {
  const folder = join(SOURCE_ROOT, 'src');
  const times = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).mtimeMs));
  return Math.max(0, ...times);
}
