/** A process's work as the kernel counts it. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export interface Work {
  /** Seconds of the processor, with those of its ended children. */
  readonly cpuSeconds: number;
  /** To storage. */
  readonly writtenBytes: number;
  readonly pssBytes: number;
}

const TICKS = 100;

export function workOf(pid: number): Work {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
  return {
    cpuSeconds: ticks / TICKS,
    writtenBytes: Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? 0),
    pssBytes: Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024,
  };
}

export interface Running extends AsyncDisposable {
  readonly pid: number;
  /** Standard output, line by line; ends with the process. */
  readonly lines: AsyncIterator<string>;
}

/** Starts a program that is stopped at the end of the scope. */
export function start(argv: readonly [string, ...string[]], env: Readonly<Record<string, string>> = {}): Running {
  const [file, ...args] = argv;
  const child: ChildProcess = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const { stdout, pid } = child;
  if (stdout === null || pid === undefined) throw new Error(`${file} does not start`);
  return {
    pid,
    lines: createInterface({ input: stdout })[Symbol.asyncIterator](),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
