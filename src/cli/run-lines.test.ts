/** createRunLines(), planRun(), createStepView(): a run as people read it, and what `up` does about one. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RunEvent, RunSummary } from '../contract/runs.ts';
import { createStepView, planRun } from './deliver-run.ts';
import { createRunLines } from './run-lines.ts';

const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
const job = (state: 'queued' | 'waiting' | 'in_progress' | 'completed', time: string, more: object = {}): RunEvent => ({
  kind: 'job',
  time,
  job: 'prod',
  name: 'Prod',
  needs: [],
  state,
  ...more,
});

const EVENTS: readonly RunEvent[] = [
  { kind: 'run', time: at(0), run: 7, name: 'Delivery', state: 'in_progress' },
  job('queued', at(0)),
  job('waiting', at(1)),
  { kind: 'waiting', time: at(1), approval: 'a3', environment: 'prod', release: 'r4' },
  job('in_progress', at(5)),
  { kind: 'job-step', time: at(5), job: 'prod', number: 2, name: 'Run make', state: 'in_progress' },
  { kind: 'line', time: at(5), job: 'prod', step: 2, type: 'group', text: 'Run make' },
  { kind: 'line', time: at(5), job: 'prod', step: 2, type: 'command', text: 'make' },
  { kind: 'line', time: at(5), job: 'prod', step: 2, type: 'endgroup', text: '' },
  { kind: 'line', time: at(6), job: 'prod', step: 2, type: 'group', text: 'Compile' },
  { kind: 'line', time: at(6), job: 'prod', step: 2, type: 'output', text: 'a\u001B[2Jb' },
  { kind: 'line', time: at(6), job: 'prod', step: 2, type: 'endgroup', text: '' },
  { kind: 'line', time: at(6), job: 'prod', step: 2, type: 'error', text: 'no rule', where: { file: 'Makefile', line: '3' } },
  { kind: 'job-step', time: at(7), job: 'prod', number: 2, name: 'Run make', state: 'completed', conclusion: 'failure' },
  job('completed', at(8), { conclusion: 'failure' }),
  { kind: 'run', time: at(9), run: 7, name: 'Delivery', state: 'completed', conclusion: 'failure' },
];

test('createRunLines(): jobs, steps and output, how long each took, and what to type', () => {
  const linesOf = createRunLines({ paint: (_style, text) => text, typed: (line) => `./antler ${line}`, terminal: true });
  assert.deepEqual(
    EVENTS.flatMap((event) => linesOf(event)),
    [
      '● Delivery (run 7)',
      '◷ prod waits for an approval of r4: type ./antler approve a3',
      'Prod │ ▸ Run make',
      'Prod │   ▾ Compile',
      'Prod │   ab',
      'Prod │   error: no rule (Makefile:3)',
      'Prod │ ✗ Run make 2.0 s',
      '✗ Prod failure 3.0 s',
      '✗ run 7 failure 9.0 s',
    ],
  );
});

test('createRunLines(): what the runner says of a step is there for who asks for it', () => {
  const linesOf = createRunLines({ paint: (_style, text) => text, typed: (line) => line, terminal: true, verbose: true });
  const lines = EVENTS.flatMap((event) => linesOf(event));
  const from = lines.indexOf('Prod │ ▸ Run make');
  assert.deepEqual(lines.slice(from + 1, from + 4), ['Prod │   ▾ Run make', 'Prod │   make', 'Prod │   ▾ Compile']);
});

test('createStepView(): jobs are steps, lines are their output, the last lines are those of what failed', () => {
  const view = createStepView();
  const shown = EVENTS.flatMap((event) => view.events(event));
  assert.deepEqual(
    shown.map((event) => (event.kind === 'step' ? `${event.step} ${event.state} ${event.ms ?? ''}` : event.kind)),
    ['waiting', 'run/prod start ', 'output', 'output', 'output', 'output', 'run/prod failed 3000'],
  );
  assert.deepEqual(view.lastLines().at(-1), 'no rule');
});

test('planRun(): a commit that was delivered needs nothing; one that failed runs again; the newest counts', () => {
  const run = (more: Partial<RunSummary>): RunSummary => ({
    id: 1,
    number: 1,
    attempt: 1,
    workflow: 'w',
    path: 'w.yml',
    event: 'push',
    ref: 'refs/heads/main',
    sha: 'c0ffee',
    title: '',
    actor: 'ann',
    state: 'completed',
    conclusion: 'success',
    reason: null,
    release: null,
    createdAt: at(0),
    startedAt: null,
    endedAt: null,
    ...more,
  });
  const cases: readonly (readonly [readonly RunSummary[], string])[] = [
    [[], 'none'],
    [[run({ sha: 'other' })], 'none'],
    [[run({ event: 'workflow_dispatch' })], 'none'],
    [[run({})], 'done'],
    [[run({ state: 'in_progress', conclusion: null })], 'follow'],
    [[run({ conclusion: 'failure' })], 'again'],
    [[run({ conclusion: 'cancelled' }), run({})], 'again'],
    [[run({}), run({ conclusion: 'failure' })], 'done'],
  ];
  for (const [runs, kind] of cases) assert.equal(planRun(runs, 'c0ffee').kind, kind);
});
