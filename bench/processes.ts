/** Memory, disk writes and the processor's time of every process of an instance, as the kernel counts them. */

import { readdir, readFile } from 'node:fs/promises';

import { errnoOf } from '../src/kit/errors.ts';

export interface OwnProcess {
  readonly pid: number;
  readonly parent: number;
  /** `daemon`, `edge`, `registry`, … */
  readonly part: string;
  /** The application's own, not the platform's. */
  readonly app: boolean;
  /** Its share of memory: what it has alone, and its part of what it shares. */
  readonly pssBytes: number;
  /** Since it started: what it caused to be written to storage, and what its ended children had (the kernel adds theirs to their parent's). */
  readonly writtenBytes: number;
  /** Since it started: seconds of the processor that it took, and its ended children. */
  readonly cpuSeconds: number;
}

/** The kernel's, whatever the machine. */
const TICKS_PER_SECOND = 100;

interface Seen {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

export interface Instance {
  readonly home: string;
  readonly prefix: string;
}

/** All processes whose command line names the home or the instance, and what runs in the instance's containers. */
export async function processesOf(instance: Instance): Promise<readonly OwnProcess[]> {
  const all: Seen[] = [];
  for (const name of await readdir('/proc')) {
    if (/^\d+$/.test(name)) all.push(...(await look(Number(name))));
  }
  const found: OwnProcess[] = [];
  for (const { seen, part, app } of sort(all, instance)) {
    const [memory, io, stat] = await Promise.all(
      ['smaps_rollup', 'io', 'stat'].map(async (file) => readOrGone(`/proc/${seen.pid}/${file}`)),
    );
    if (memory === undefined) continue;
    found.push({
      pid: seen.pid,
      parent: seen.parent,
      part,
      app,
      pssBytes: number(memory, 'Pss') * 1024,
      writtenBytes: number(io ?? '', 'write_bytes'),
      cpuSeconds: cpuSecondsOf(stat ?? ''),
    });
  }
  return found;
}

/** By part: bytes written, or seconds of the processor, between two looks. Pure. */
export function grownBetween(
  what: 'writtenBytes' | 'cpuSeconds',
  before: readonly OwnProcess[],
  after: readonly OwnProcess[],
): Readonly<Record<string, number>> {
  const known = new Map(before.map((process) => [process.pid, process]));
  const parts: Record<string, number> = {};
  for (const process of after) {
    // a process that came meanwhile began at 0
    let grown = process[what] - (known.get(process.pid)?.[what] ?? 0);
    // of a child that ended meanwhile the parent now has all, also what is older than the first look
    for (const child of before) {
      if (child.parent === process.pid && !after.some(({ pid }) => pid === child.pid)) grown -= child[what];
    }
    parts[process.part] = (parts[process.part] ?? 0) + Math.max(0, grown);
  }
  return parts;
}

interface Sorted {
  readonly seen: Seen;
  readonly part: string;
  readonly app: boolean;
}

/** Pure: which processes are the instance's, and what each is. */
export function sort(all: readonly Seen[], { home, prefix }: Instance): readonly Sorted[] {
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const monitors = new Set(all.filter(({ command }) => isMonitor(command) && command.includes(prefix)).map(({ pid }) => pid));
  const inContainer = (pid: number): boolean => {
    for (let at = parents.get(pid); at !== undefined && at > 1; at = parents.get(at)) if (monitors.has(at)) return true;
    return false;
  };
  return all.flatMap((seen): Sorted[] => {
    if (inContainer(seen.pid)) return [{ seen, part: 'containers', app: true }];
    const words = seen.command.split(' ');
    // our own calls of the program, and this measurement, are no part of what runs
    if (words.some((word) => word.endsWith('bench/run.ts'))) return [];
    const ours = words.some((word) => word.includes(prefix) || isInside(word, home));
    return ours ? [{ seen, part: partOf(seen.command), app: false }] : [];
  });
}

/** `/home`, `/home/file`, `--home=/home`, `unix:///home/socket`. */
function isInside(word: string, home: string): boolean {
  return word === home || word.startsWith(`${home}/`) || word.includes(`=${home}`) || word.includes(`://${home}/`);
}

function isMonitor(command: string): boolean {
  return /(^|\/)conmon /.test(command);
}

function partOf(command: string): string {
  if (isMonitor(command)) return 'conmon';
  if (/^(run(sv|svdir)|svlogd)( |$)|\/(runsv|runsvdir|svlogd) /.test(command)) return 'supervisor';
  if (command.includes('haproxy')) return 'edge';
  if (command.includes('registry')) return 'registry';
  if (command.includes('podman') || command.includes('engine')) return 'engine';
  if (command.includes('daemon')) return 'daemon';
  return 'other';
}

async function look(pid: number): Promise<Seen[]> {
  const [command, stat] = await Promise.all([readOrGone(`/proc/${pid}/cmdline`), readOrGone(`/proc/${pid}/stat`)]);
  if (command === undefined || stat === undefined || command === '') return []; // gone, or the kernel's own
  const parent = Number(fieldsOf(stat)[1]);
  return [{ pid, parent, command: command.replaceAll('\0', ' ').trim() }];
}

/** From the third on: the second is the name in brackets, which may hold anything. */
function fieldsOf(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Its own, in user and system mode, and that of the children that it has waited for. */
function cpuSecondsOf(stat: string): number {
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fieldsOf(stat)[at] ?? 0), 0) / TICKS_PER_SECOND;
}

async function readOrGone(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}

function number(text: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
}
