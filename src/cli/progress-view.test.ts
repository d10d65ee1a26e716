import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ProgressEvent } from '../contract/events.ts';
import { fold, liveLines, NOTHING_YET, overLines, plainLines, type Canvas, type ProgressState } from './progress-view.ts';

const time = '2026-11-23T12:00:00.000Z';
const canvas: Canvas = { now: 3000, columns: 60, rows: 24, paint: (_, text) => text, typed: (line) => `./antler ${line}` };
const plan = (...steps: string[]): ProgressEvent => ({ kind: 'plan', time, steps: steps.map((step) => ({ step, title: `do ${step}` })) });
const start = (step: string): ProgressEvent => ({ kind: 'step', time, step, title: `do ${step}`, state: 'start' });
const output = (step: string, line: string): ProgressEvent => ({ kind: 'output', time, step, line });

test('liveLines shows what runs with its time and last output, then what is next', () => {
  const { state } = after([plan('a', 'b', 'c'), start('a'), ...['1', '2', '3', '4'].map((line) => output('a', line))]);
  assert.deepEqual(liveLines(state, canvas), [`⠋ do a${' '.repeat(49)}2.0 s`, '  │ 2', '  │ 3', '  │ 4', '○ do b', '○ do c']);
});

test('liveLines is never higher than the terminal', () => {
  const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
  const { state } = after([plan(...names), ...names.slice(0, 12).map((name) => start(name))]);
  for (const rows of [1, 2, 5, 10, 24]) assert.ok(liveLines(state, { ...canvas, rows }).length <= Math.max(1, rows - 1));
});

test('liveLines and overLines are never wider than the terminal', () => {
  const long = 'x'.repeat(300);
  const { state, over } = after([start(long), output(long, long), plan(long), { ...done('b'), detail: long }]);
  for (const line of [...liveLines(state, canvas), ...over]) assert.ok(line.length <= 60, line);
});

test('a step that is over leaves the live lines and stays as one line', () => {
  const { state, over } = after([start('a'), { ...done('a'), ms: 1500, detail: 'taken over' }]);
  assert.deepEqual(liveLines(state, canvas), []);
  assert.deepEqual(over, [`✓ do a  taken over${' '.repeat(37)}1.5 s`]);
});

test('a failed step shows its last 20 lines', () => {
  const lines = Array.from({ length: 30 }, (_, index) => output('a', `line ${index}`));
  const { over } = after([start('a'), ...lines, { ...done('a'), state: 'failed', ms: 10, detail: 'ended with 1' }]);
  assert.equal(over.length, 21);
  assert.match(over[0] ?? '', /^✗ do a {2}ended with 1 +10 ms$/);
  assert.equal(over.at(-1), '  │ line 29');
});

test('an approval that is due says what to type, once', () => {
  const waiting: ProgressEvent = { kind: 'waiting', time, approval: 'a7', environment: 'prod', release: 'r2' };
  const { state, over } = after([waiting, waiting]);
  assert.deepEqual(over, ['◷ prod waits for an approval of r2: type ./antler approve a7']);
  assert.match(liveLines(state, canvas)[0] ?? '', /^◷ prod waits/);
  assert.deepEqual(liveLines(after([waiting, start('shift')]).state, canvas).length, 1);
});

test('output of other programs cannot move the cursor', () => {
  const { state } = after([start('a'), output('a', '\u001b[2J\u001b[31mred\u001b[0m\r\u0007\tend')]);
  assert.equal(liveLines(state, canvas)[1], '  │ red  end');
  assert.deepEqual(plainLines(output('a', '\u001b]0;title\u0007x'), canvas), ['  │ x']);
});

test('plainLines has a line for each start and end, in full', () => {
  assert.deepEqual(plainLines(start('a'), canvas), ['▸ do a']);
  assert.deepEqual(plainLines({ ...done('a'), ms: 12, detail: 'y'.repeat(99) }, canvas), [`✓ do a  ${'y'.repeat(99)}  12 ms`]);
  assert.deepEqual(plainLines({ ...done('a'), state: 'skipped' }, canvas), ['– do a  nothing to do']);
});

function done(step: string): Extract<ProgressEvent, { kind: 'step' }> {
  return { kind: 'step', time, step, title: `do ${step}`, state: 'done' };
}

function after(events: readonly ProgressEvent[]): { state: ProgressState; over: string[] } {
  let state = NOTHING_YET;
  const over: string[] = [];
  for (const event of events) {
    const folded = fold(state, event, 1000);
    state = folded.state;
    over.push(...folded.over.flatMap((one) => overLines(one, canvas)));
  }
  return { state, over };
}
