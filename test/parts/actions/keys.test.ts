/** Keys of a workflow that no other test proves, each at work in a real run; the titles feed docs/reference/workflow-compatibility.md. */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';

import { exec } from '../../../src/kit/exec.ts';

const MAIN = resolve(import.meta.dirname, '../../../src/cli/main.ts');

interface Told {
  readonly record?: Readonly<Record<string, unknown>>;
  readonly line?: { readonly job: string; readonly kind: string; readonly text: string };
}

/** What `antler run --json` tells of one workflow. */
async function runOf(t: TestContext, workflow: string, files: Readonly<Record<string, string>> = {}): Promise<readonly Told[]> {
  const folder = await mkdtemp(join(tmpdir(), 'antler-keys-'));
  t.after(async () => rm(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries({ ...files, '.github/workflows/w.yml': workflow })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const { signal } = t;
  const git = ['git', '-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b'] as const;
  for (const words of [
    ['init', '--quiet', '--initial-branch=main'],
    ['add', '--all'],
    ['commit', '--quiet', '--message=x'],
  ])
    await exec([...git, ...words], { signal });
  const { stdout } = await exec([process.execPath, MAIN, 'run', '--json'], { signal, cwd: folder, accept: [1] });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Told);
}

function outputOf(told: readonly Told[], job: string): readonly string[] {
  return told.flatMap(({ line }) => (line?.job === job && line.kind === 'output' ? [line.text] : []));
}

const CHECKOUT = '- uses: actions/checkout@v4';

test('run-name: names the run, with its expressions', async (t) => {
  const told = await runOf(
    t,
    'run-name: Ship ${{ github.ref_name }}\non: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: x }] } }',
  );
  assert.equal(told.find(({ record }) => record?.['kind'] === 'run' && record['state'] === 'in_progress')?.record?.['name'], 'Ship main');
});

test('env, jobs.<id>.env, jobs.<id>.steps[*].env: the inner one wins, the others are there as well', async (t) => {
  const told = await runOf(
    t,
    [
      'on: push\nenv: { A: root, B: root, C: root }\njobs:\n  a:\n    runs-on: ubuntu-latest\n    env: { B: job, C: job }\n    steps:',
      '      - { run: "echo $A $B $C ${{ env.C }} $D", env: { C: step, D: "${{ env.B }}" } }',
      '      - run: echo $A $B $C',
    ].join('\n'),
  );
  assert.deepEqual(outputOf(told, 'a'), ['root job step step job', 'root job job']);
});

test('defaults.run.shell, defaults.run.working-directory, jobs.<id>.defaults.run.shell, jobs.<id>.defaults.run.working-directory: the nearest one counts', async (t) => {
  const step = 'print(__import__("os").path.basename(__import__("os").getcwd()))';
  const told = await runOf(
    t,
    [
      'on: push\ndefaults: { run: { shell: python, working-directory: one } }\njobs:',
      `  root: { runs-on: ubuntu-latest, steps: [{ uses: actions/checkout@v4 }, { run: '${step}' }] }`,
      '  job:\n    runs-on: ubuntu-latest\n    defaults: { run: { shell: sh, working-directory: two } }\n    steps:',
      `      ${CHECKOUT}`,
      '      - run: echo ${PWD##*/}',
      '      - { run: "echo ${PWD##*/} $BASH_VERSION", shell: bash, working-directory: one }',
    ].join('\n'),
    { 'one/.keep': '', 'two/.keep': '' },
  );
  assert.equal(outputOf(told, 'root').at(-1), 'one');
  const [, inJob, inStep] = outputOf(told, 'job');
  assert.equal(inJob, 'two');
  assert.match(inStep ?? '', /^one \d/);
});

test('jobs.<id>.steps[*].name, jobs.<id>.steps[*].id, jobs.<id>.steps[*].continue-on-error: a failure that counts as none keeps its outcome', async (t) => {
  const told = await runOf(
    t,
    [
      'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:',
      '      - { name: "On ${{ github.ref_name }}", id: bad, run: exit 3, continue-on-error: true }',
      '      - run: echo ${{ steps.bad.outcome }} ${{ steps.bad.conclusion }}',
    ].join('\n'),
  );
  assert.deepEqual(outputOf(told, 'a'), ['failure success']);
  assert.ok(told.some(({ record }) => record?.['kind'] === 'step' && record['name'] === 'On main'));
  assert.equal(told.findLast(({ record }) => record?.['kind'] === 'job')?.record?.['conclusion'], 'success');
});

test('jobs.<id>.steps[*].uses, jobs.<id>.steps[*].with: an action of the repository gets its inputs and gives its outputs', async (t) => {
  const action = [
    'inputs: { word: { default: none }, other: { default: "of ${{ github.ref_name }}" } }',
    'outputs: { said: { value: "${{ steps.x.outputs.said }}" } }',
    'runs:\n  using: composite\n  steps:',
    '    - { id: x, shell: bash, run: "echo said=${{ inputs.word }} ${{ inputs.other }} >> $GITHUB_OUTPUT" }',
  ].join('\n');
  const told = await runOf(
    t,
    [
      `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      ${CHECKOUT}`,
      '      - { id: act, uses: ./tool, with: { word: "w${{ 1 }}" } }',
      '      - run: echo ${{ steps.act.outputs.said }}',
    ].join('\n'),
    { 'tool/action.yml': action },
  );
  assert.equal(outputOf(told, 'a').at(-1), 'w1 of main');
});

test('jobs.<id>.environment, jobs.<id>.environment.name: the job waits for what protects the environment, which is recorded', async (t) => {
  const told = await runOf(
    t,
    'on: push\njobs: { a: { runs-on: ubuntu-latest, environment: { name: "d${{ 1 }}" }, steps: [{ run: echo hi }] } }',
  );
  const states = told.flatMap(({ record }) => (record?.['kind'] === 'job' ? [[record['state'], record['environment']]] : []));
  assert.ok(
    states.some(([state, environment]) => state === 'waiting' && environment === 'd1'),
    JSON.stringify(states),
  );
  assert.deepEqual(states.at(-1), ['completed', 'd1']);
});
