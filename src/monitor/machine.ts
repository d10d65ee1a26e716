/** What the machine itself is doing: processor, memory, disk, temperature, and what we write to its card. */

import { readdir, readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';

import type { MachineMinuteRow } from '../store/types.ts';

export interface MachineNow {
  /** Share of all cores since `minute()` was asked last; undefined the first time. */
  readonly cpu: number | undefined;
  readonly memory: { readonly totalBytes: number; readonly availableBytes: number };
  readonly disk: { readonly totalBytes: number; readonly freeBytes: number; readonly path: string };
  /** Degrees Celsius, of the hottest sensor. */
  readonly temperature: number | undefined;
  /** By this process, and by those that it started and that have ended. */
  readonly writtenBytes: number;
}

export interface MachineWatch {
  now(): Promise<MachineNow>;
  /** What was done since it was asked last; undefined the first time. */
  minute(): Promise<MachineMinuteRow | undefined>;
}

export interface MachineOptions {
  /** The disk on which this folder lies is the one that counts. */
  readonly folder: string;
  /** `/` by default: where `proc` and `sys` are. */
  readonly root?: string;
}

export interface CpuTicks {
  readonly busy: number;
  readonly all: number;
}

export function watchMachine({ folder, root = '/' }: MachineOptions): MachineWatch {
  let before: { readonly ticks: CpuTicks; readonly written: number } | undefined;
  let cpu: number | undefined;

  const read = async (...path: readonly string[]): Promise<string> => readFile(join(root, ...path), 'utf8');
  const written = async (): Promise<number> => Number(/^write_bytes: (\d+)/m.exec(await read('proc/self/io'))?.[1] ?? 0);

  const now: MachineWatch['now'] = async () => {
    const [meminfo, disk, temperature, writtenBytes] = await Promise.all([
      read('proc/meminfo'),
      statfs(folder),
      hottest(join(root, 'sys')),
      written(),
    ]);
    return {
      cpu,
      memory: parseMemory(meminfo),
      disk: { totalBytes: disk.blocks * disk.bsize, freeBytes: disk.bavail * disk.bsize, path: folder },
      temperature,
      writtenBytes,
    };
  };

  return {
    now,
    async minute() {
      const ticks = parseCpu(await read('proc/stat'));
      const seen = await now();
      const last = before;
      before = { ticks, written: seen.writtenBytes };
      if (last === undefined) return undefined;
      cpu = ticks.all > last.ticks.all ? (ticks.busy - last.ticks.busy) / (ticks.all - last.ticks.all) : 0;
      return {
        cpu,
        memoryBytes: seen.memory.totalBytes - seen.memory.availableBytes,
        diskFreeBytes: seen.disk.freeBytes,
        temperature: seen.temperature,
        writtenBytes: Math.max(0, seen.writtenBytes - last.written),
      };
    },
  };
}

/** `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal. Waiting for a disk is not work. Pure. */
export function parseCpu(stat: string): CpuTicks {
  const line = /^cpu +(.*)$/m.exec(stat)?.[1] ?? '';
  const ticks = line.split(' ').slice(0, 8).map(Number);
  const all = ticks.reduce((sum, each) => sum + each, 0);
  return { all, busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0) };
}

/** `/proc/meminfo`. Pure. */
export function parseMemory(meminfo: string): MachineNow['memory'] {
  const bytes = (key: string): number => Number(new RegExp(`^${key}: +(\\d+) kB`, 'm').exec(meminfo)?.[1] ?? 0) * 1024;
  return { totalBytes: bytes('MemTotal'), availableBytes: bytes('MemAvailable') };
}

/** Of the board's thermal zones, else of its sensors; undefined where there are none (a virtual machine). */
async function hottest(sys: string): Promise<number | undefined> {
  const zones = await listed(join(sys, 'class/thermal'), /^thermal_zone\d+$/, 'temp');
  const sensors = zones.length > 0 ? zones : await listed(join(sys, 'class/hwmon'), /^hwmon\d+$/, 'temp1_input');
  const degrees = sensors.map((text) => Number(text) / 1000).filter((each) => each > 0 && each < 200);
  return degrees.length === 0 ? undefined : Math.max(...degrees);
}

async function listed(folder: string, name: RegExp, file: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const texts = await Promise.all(
    names.filter((each) => name.test(each)).map(async (each) => readFile(join(folder, each, file), 'utf8').catch(() => '')),
  );
  return texts.filter((text) => text.trim() !== '');
}
