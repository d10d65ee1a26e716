/** What each command about workflow runs asks, prints and ends with: more rows of the table that commands.test.ts runs. */

import type { Run } from '../../../src/contract/runs.ts';
import type { Case } from './cases.ts';
import { TIME } from './samples.ts';

const { jobs, ...SUMMARY }: Run = {
  id: 7,
  number: 5,
  attempt: 1,
  workflow: 'Delivery',
  path: '.github/workflows/delivery.yml',
  event: 'push',
  ref: 'refs/heads/main',
  sha: '3f2a91c4d5e6f708192a3b4c5d6e7f8091a2b3c4',
  title: 'a new fact',
  actor: 'ann',
  state: 'completed',
  conclusion: 'failure',
  reason: null,
  release: 'r42',
  createdAt: TIME,
  startedAt: TIME,
  endedAt: '2026-11-23T12:00:43.200Z',
  jobs: [
    {
      key: 'test',
      name: 'Test',
      needs: [],
      state: 'completed',
      conclusion: 'failure',
      environment: null,
      reason: null,
      startedAt: TIME,
      endedAt: TIME,
      steps: [],
    },
  ],
};
const FAILED: Run = { ...SUMMARY, jobs };
const GOES_ON: Run = { ...FAILED, state: 'in_progress', conclusion: null, endedAt: null };
const AGAIN: Run = { ...GOES_ON, attempt: 2 };
const SUCCEEDED: Run = { ...FAILED, attempt: 2, conclusion: 'success' };

const begins = { kind: 'run', time: TIME, run: 7, name: 'Delivery', state: 'in_progress' };
const line = { kind: 'line', time: TIME, job: 'test', step: 2, type: 'output', text: 'one of two tests fails' };
const ends = (conclusion: 'success' | 'failure'): unknown => ({ ...begins, state: 'completed', conclusion });

export const RUN_CASES: readonly Case[] = [
  {
    line: 'runs --limit 5',
    name: 'runs',
    answer: { result: { runs: [SUMMARY, { ...SUMMARY, id: 6, attempt: 2, state: 'in_progress', conclusion: null, release: null }] } },
    asked: { limit: 5 },
    prints: /7 +failure +Delivery +push main +3f2a91c +r42 .+ 43\.2 s +ann +a new fact\n6 +in progress \(attempt 2\) +Delivery/,
  },
  { line: 'runs', name: 'runs', answer: { result: { runs: [] } }, asked: { limit: 20 }, prints: /No run yet: git push antler/ },
  {
    line: 'run logs 7',
    name: 'followRun',
    answer: { events: [begins, line, ends('failure')], result: FAILED },
    asked: { id: 7, follow: false },
    exit: 1,
    prints: /● Delivery \(run 7\)\ntest │ +one of two tests fails\n✗ run 7 failure/,
  },
  {
    line: 'run logs #7 -f --job test',
    name: 'followRun',
    answer: { events: [begins, line, ends('success')], result: SUCCEEDED },
    asked: { id: 7, follow: true, job: 'test' },
    prints: /one of two tests fails\n✓ run 7 success/,
  },
  {
    line: 'run logs 7 -v',
    name: 'followRun',
    answer: { events: [begins, line], result: GOES_ON },
    asked: { id: 7, follow: false },
    exit: 2,
    prints: /one of two tests fails\n$/,
  },
  {
    line: 'run cancel 7',
    name: 'cancelRun',
    answer: { result: GOES_ON },
    asked: { id: 7 },
    prints: /run 7 is being canceled: .*run logs 7 -f/,
  },
  {
    line: 'run rerun 7',
    name: 'rerun',
    answer: { result: AGAIN },
    asked: { id: 7, failed: false },
    next: { name: 'followRun', answer: { events: [begins, ends('failure')], result: FAILED }, asked: { id: 7, follow: true } },
    exit: 1,
    prints: /✗ run 7 failure/,
  },
  {
    line: 'run rerun 7 --failed',
    name: 'rerun',
    answer: { result: AGAIN },
    asked: { id: 7, failed: true },
    next: { name: 'followRun', answer: { events: [begins, ends('success')], result: SUCCEEDED }, asked: { id: 7, follow: true } },
    prints: /✓ run 7 success/,
  },
  {
    line: 'run rerun 7 --no-wait',
    name: 'rerun',
    answer: { result: AGAIN },
    asked: { id: 7, failed: false },
    prints: /run 7 of Delivery: .*run logs 7 -f/,
  },
  {
    line: 'dispatch delivery.yml --ref v1 who=ann why=a=b',
    name: 'dispatch',
    answer: { result: GOES_ON },
    asked: { workflow: 'delivery.yml', ref: 'v1', inputs: { who: 'ann', why: 'a=b' } },
    next: { name: 'followRun', answer: { events: [begins, ends('success')], result: SUCCEEDED }, asked: { id: 7, follow: true } },
    prints: /✓ run 7 success/,
  },
  {
    line: 'dispatch Delivery --no-wait',
    name: 'dispatch',
    answer: { result: GOES_ON },
    asked: { workflow: 'Delivery', inputs: {} },
    prints: /run 7 of Delivery: .*run logs 7 -f/,
  },
];
