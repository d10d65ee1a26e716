/** What a push takes until dev serves the new version, step by step; and a job of ten steps in a container, beside one of none. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Run, RunSummary } from '../src/contract/runs.ts';
import { exec } from '../src/kit/exec.ts';
import { cleanEnv, PROGRAM, type Antler } from './antler.ts';

export interface PushResults {
  /** `git push` as a person types it, to its end. */
  readonly pushMs: number;
  readonly jobs: readonly { readonly name: string; readonly ms: number }[];
  /** A job of ten steps in a container: from the command to its end. */
  readonly tenStepsMs: readonly number[];
}

const STEPS = '      - run: echo hello; /bin/true\n'.repeat(10);
const TEN = `on: workflow_dispatch\njobs:\n  ten:\n    runs-on: ubuntu-latest\n    steps:\n${STEPS}`;
const DELIVERY = `on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: cd apps/moose-facts/backend && npm ci --ignore-scripts --no-audit --no-fund && npm test
  build:
    needs: test
    runs-on: ubuntu-latest
    steps: [{ run: antler build }]
  dev:
    needs: build
    runs-on: ubuntu-latest
    environment: dev
    steps: [{ run: antler deploy dev }]
`;

/** The first push makes what jobs run in; the second is measured. */
export async function measurePushes(antler: Antler, rounds: number, signal: AbortSignal): Promise<PushResults> {
  const { directory, home } = antler;
  const git = async (...args: string[]): Promise<void> => {
    await exec(['git', '-c', 'user.name=bench', '-c', 'user.email=bench@example.org', ...args], {
      signal,
      cwd: directory,
      env: cleanEnv(),
      cleanEnv: true,
    });
  };
  await mkdir(join(directory, '.github/workflows'), { recursive: true });
  await writeFile(join(directory, '.github/workflows/ten.yml'), TEN);
  await writeFile(join(directory, '.github/workflows/delivery.yml'), DELIVERY);
  await git('init', '--quiet', '--initial-branch=main');
  const push = async (mark: string): Promise<number> => {
    await antler.change(mark);
    await git('add', '--all');
    await git('commit', '--quiet', '--message', mark);
    const from = performance.now();
    await git('push', `--receive-pack='${PROGRAM}' receive-pack`, join(home, 'repos/moose-facts.git'), 'HEAD:refs/heads/main');
    return performance.now() - from;
  };
  await push('first push');
  const pushMs = await push('measured push');
  const [newest] = ((await antler.run(['runs'])).objects.at(-1) as { readonly runs: readonly RunSummary[] }).runs;
  const run = (await antler.run(['run', 'logs', String(newest?.id)])).objects.at(-1) as Run;
  const jobs = run.jobs.map(({ name, startedAt, endedAt }) => ({ name, ms: Date.parse(endedAt ?? '') - Date.parse(startedAt ?? '') }));
  const tenStepsMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) tenStepsMs.push(await antler.time(['dispatch', 'ten.yml']));
  return { pushMs, jobs, tenStepsMs };
}
