/** A repository with one workflow, run by the real program in host mode: what it recorded, what it printed, how it ended. */

import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

import type { JobRecord, RunLine, RunRecord, StepRecord } from '../../../src/actions/types.ts';

const MAIN = resolve(import.meta.dirname, '../../../src/cli/main.ts');

export interface Tree {
  readonly folder: string;
  /** TMPDIR of what runs there: empty when nothing was left behind. */
  readonly temp: string;
}

export interface TreeOptions {
  /** More files; `.sh` are executable. */
  readonly files?: Readonly<Record<string, string>>;
  readonly message?: string;
  readonly branch?: string;
  readonly git?: boolean;
}

export function makeTree(
  t: TestContext,
  workflow: string,
  { files = {}, message = 'first', branch = 'main', git = true }: TreeOptions = {},
): Tree {
  const root = mkdtempSync(join(tmpdir(), 'antler-test-run-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, 'repository');
  const temp = join(root, 'temp');
  mkdirSync(temp);
  for (const [path, content] of Object.entries({ '.github/workflows/test.yml': workflow, ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { mode: path.endsWith('.sh') ? 0o755 : 0o644 });
  }
  if (git) {
    const say = (...args: string[]): void => void execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args]);
    say('init', '--quiet', '--initial-branch', branch);
    say('add', '--all');
    say('commit', '--quiet', '--message', message);
  }
  return { folder, temp };
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly records: readonly RunRecord[];
  readonly jobs: readonly JobRecord[];
  readonly steps: readonly StepRecord[];
  readonly lines: readonly RunLine[];
  /** Text of its output lines, of one job where named. */
  output(job?: string): readonly string[];
  /** Conclusion of each job by its key. */
  conclusions(): Readonly<Record<string, string | undefined>>;
  /** Conclusion of each step of a job by its name, without the runner's own. */
  stepConclusions(job: string): Readonly<Record<string, string | undefined>>;
}

export interface RunOptions extends TreeOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** `on: push` stands before what is given. */
export async function runWorkflow(t: TestContext, jobs: string, options: RunOptions = {}): Promise<Ran> {
  const tree = makeTree(t, jobs.includes('\non:') || jobs.startsWith('on:') ? jobs : `on: [push, workflow_dispatch]\n${jobs}`, options);
  const ran = await ended(start(tree, ['--json', ...(options.args ?? [])], options.env));
  assert.deepEqual(readdirSync(tree.temp), [], 'something was left in the temporary folder');
  return ran;
}

export function start(tree: Tree, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = join(tmpdir(), 'antler-test-cache') } = process.env;
  return spawn(process.execPath, ['--', MAIN, 'run', ...args], {
    cwd: tree.folder,
    env: { PATH, HOME, NODE_COMPILE_CACHE, TMPDIR: tree.temp, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export async function ended(child: ChildProcess): Promise<Ran> {
  assert.ok(child.stdout && child.stderr);
  const { promise, resolve: done } = Promise.withResolvers<number | null>();
  child.once('close', (code) => done(code));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), promise]);
  const objects = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { record?: RunRecord; line?: RunLine });
  const records = objects.flatMap(({ record }) => (record === undefined ? [] : [record]));
  const lines = objects.flatMap(({ line }) => (line === undefined ? [] : [line]));
  const jobs = records.filter((record) => record.kind === 'job');
  const steps = records.filter((record) => record.kind === 'step');
  return {
    code,
    stdout,
    stderr,
    records,
    jobs,
    steps,
    lines,
    output: (job) => lines.filter((line) => line.kind === 'output' && (job === undefined || line.job === job)).map((line) => line.text),
    conclusions: () =>
      Object.fromEntries(jobs.filter(({ state }) => state === 'completed').map(({ key, conclusion }) => [key, conclusion])),
    stepConclusions: (job) =>
      Object.fromEntries(
        steps
          .filter((step) => step.job === job && step.state === 'completed' && step.number > 1 && step.name !== 'Complete job')
          .map(({ name, conclusion }) => [name, conclusion]),
      ),
  };
}

/** Living processes with this word on their command line or in their environment. */
export function processesWith(word: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => {
      try {
        return `${readFileSync(`/proc/${pid}/cmdline`, 'utf8')}\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`.includes(word);
      } catch {
        return false;
      }
    });
}

/** One job of these steps. */
export function job(steps: string, more = ''): string {
  const indented = steps.replaceAll(/^(?=.)/gm, '      ');
  return `jobs:\n  one:\n    runs-on: ubuntu-latest\n${more.replaceAll(/^(?=.)/gm, '    ')}${more === '' || more.endsWith('\n') ? '' : '\n'}    steps:\n${indented}\n`;
}
