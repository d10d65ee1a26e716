/** What `antler run` adds to the commands of a workflow: beside a plain `bash -e` script of the same ones, in pairs. Also alone: `node bench/actions.ts`. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { exec } from '../src/kit/exec.ts';
import { cleanEnv, PROGRAM } from './antler.ts';
import { median } from './starts.ts';

/** Milliseconds of wall and of processor, children included. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

export interface WorkflowCost {
  readonly title: string;
  /** Steps that do something. */
  readonly steps: number;
  readonly antler: Cost;
  readonly script: Cost;
}

export interface ActionsResults {
  readonly pairs: number;
  readonly workflows: readonly WorkflowCost[];
  /** From the command to the begin of the first step. */
  readonly firstStepMs: number;
}

const COMMAND = 'echo hello; /bin/true';

const CASES = [
  {
    name: 'steps',
    title: 'one job of ten steps',
    steps: 10,
    jobs: `  one:\n    runs-on: ubuntu-latest\n    steps:\n${`      - run: ${COMMAND}\n`.repeat(10)}`,
  },
  {
    name: 'cells',
    title: 'a matrix of thirty jobs of one step',
    steps: 30,
    jobs: `  one:\n    runs-on: ubuntu-latest\n    strategy: { matrix: { n: [${Array.from({ length: 30 }, (_, n) => n).join(', ')}] } }\n    steps: [{ run: '${COMMAND}' }]\n`,
  },
] as const;

export async function measureActions(pairs: number, signal: AbortSignal): Promise<ActionsResults> {
  const folder = await mkdtemp(join(tmpdir(), 'antler-bench-run-'));
  try {
    const workflows: WorkflowCost[] = [];
    await mkdir(join(folder, '.github/workflows'), { recursive: true });
    for (const { name, title, steps, jobs } of CASES) {
      await writeFile(join(folder, `.github/workflows/${name}.yml`), `on: push\njobs:\n${jobs}`);
      await writeFile(join(folder, `${name}.sh`), `${COMMAND}\n`.repeat(steps));
      const [antler, script]: [Cost[], Cost[]] = [[], []];
      await costOf([PROGRAM, 'run', name], folder, signal); // the first fills caches
      for (let pair = 0; pair < pairs; pair += 1) {
        script.push(await costOf(['bash', '-e', `${name}.sh`], folder, signal));
        antler.push(await costOf([PROGRAM, 'run', name], folder, signal));
      }
      workflows.push({ title, steps, antler: middle(antler), script: middle(script) });
    }
    const first: number[] = [];
    for (let pair = 0; pair < pairs; pair += 1) first.push(await firstStep(folder, signal));
    return { pairs, workflows, firstStepMs: median(first) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The shell's own `time` counts every child that was waited for. */
async function costOf(argv: readonly string[], cwd: string, signal: AbortSignal): Promise<Cost> {
  const timed = 'TIMEFORMAT="%3R %3U %3S"; time "$@" >/dev/null 2>&1';
  const { stderr } = await exec(['bash', '-c', timed, 'bash', ...argv], { signal, cwd, env: cleanEnv(), cleanEnv: true });
  const [wall = 0, user = 0, system = 0] = stderr.trim().split(' ').map(Number);
  return { wallMs: wall * 1000, cpuMs: (user + system) * 1000 };
}

async function firstStep(cwd: string, signal: AbortSignal): Promise<number> {
  const started = Date.now();
  const { stdout } = await exec([PROGRAM, 'run', 'steps', '--json'], { signal, cwd, env: cleanEnv(), cleanEnv: true });
  const records = stdout.split('\n').filter((line) => line.includes('"kind":"step"'));
  const began = records
    .map((line) => (JSON.parse(line) as { record: { number: number; at: number } }).record)
    .find(({ number }) => number === 2);
  return (began?.at ?? Number.NaN) - started;
}

function middle(costs: readonly Cost[]): Cost {
  return { wallMs: median(costs.map(({ wallMs }) => wallMs)), cpuMs: median(costs.map(({ cpuMs }) => cpuMs)) };
}

if (import.meta.main) {
  const { actionsSection } = await import('./page.ts');
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.stdout.write(actionsSection(await measureActions(15, stop.signal)));
}
