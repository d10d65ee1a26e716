/** How long a command takes, as a ratio to one bare start of Node in the same minute on the same machine. */

import process from 'node:process';

import { exec } from '../src/kit/exec.ts';
import { cleanEnv, type Antler } from './antler.ts';

export interface StartRatio {
  readonly command: string;
  readonly goal: number;
  readonly ratio: number;
  /** Medians, in milliseconds. */
  readonly ms: number;
  readonly nodeMs: number;
  readonly pairs: number;
}

const COMMANDS: readonly { readonly args: readonly string[]; readonly goal: number }[] = [
  { args: ['--help'], goal: 3 },
  { args: ['config', 'check'], goal: 8 },
  { args: ['status'], goal: 7 },
];

/** Pairs, one after the other: whatever else the machine does meanwhile hits both. */
export async function measureStarts(antler: Antler, pairs: number, signal: AbortSignal): Promise<readonly StartRatio[]> {
  const bare = async (): Promise<number> => {
    const started = performance.now();
    await exec([process.execPath, '--eval', '0'], { signal, env: cleanEnv(), cleanEnv: true });
    return performance.now() - started;
  };
  const ratios: StartRatio[] = [];
  for (const { args, goal } of COMMANDS) {
    await antler.time(args); // the first fills caches, as the first of the day does
    const [command, node]: [number[], number[]] = [[], []];
    for (let pair = 0; pair < pairs; pair += 1) {
      node.push(await bare());
      command.push(await antler.time(args));
    }
    const [ms, nodeMs] = [median(command), median(node)];
    ratios.push({ command: args.join(' '), goal, ratio: ms / nodeMs, ms, nodeMs, pairs });
  }
  return ratios;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const [upper = 0, lower = upper] = [sorted[middle], sorted.length % 2 === 0 ? sorted[middle - 1] : undefined];
  return (upper + lower) / 2;
}
