/** openLog(), openCursor(): lines as they come, bounded, and read while they are written. */

import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import type { RunLine } from '../types.ts';
import { openCursor } from './reader.ts';
import { openLog } from './writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'antler-logs-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const { signal } = new AbortController();
const line = (text: string, more: Partial<RunLine> = {}): RunLine => ({ at: 1, job: 'a', step: 2, kind: 'output', text, ...more });
const read = async (path: string): Promise<readonly string[]> => {
  const texts: string[] = [];
  for await (const { text } of openCursor(path, 'a').read(Infinity, signal)) texts.push(text);
  return texts;
};

test('openCursor(): what was written comes back, also emoji, quotes and where', async () => {
  const path = join(folder, 'whole/a.log');
  const lines = [line('"é 🫎" \\n'), line('bad', { kind: 'error', where: { file: 'x.ts', line: '3' } }), line('')];
  {
    await using log = await openLog(path);
    for (const each of lines) await log.write(each);
  }
  const back: RunLine[] = [];
  for await (const each of openCursor(path, 'a').read(Infinity, signal)) back.push(each);
  assert.deepEqual(back, lines);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  appendFileSync(path, '[1,2,"output","cut of');
  assert.equal((await read(path)).length, 3);
  assert.deepEqual(await read(join(folder, 'absent.log')), []);
});

test('openLog(): a log is capped; its last lines are kept, and what is missing is said', async () => {
  const path = join(folder, 'capped.log');
  {
    await using log = await openLog(path, { headBytes: 1000, tailBytes: 500 });
    for (let index = 0; index < 10_000; index += 1) await log.write(line(`line ${index}`));
  }
  assert.ok(statSync(path).size < 3000, `${statSync(path).size} bytes`);
  const texts = await read(path);
  assert.equal(texts[0], 'line 0');
  assert.equal(texts.at(-1), 'line 9999');
  const said = texts.find((text) => text.includes('left out'));
  const dropped = Number(/^\d+/.exec(said ?? '')?.[0]);
  assert.equal(dropped + texts.length - 2, 10_000);
  assert.equal(texts.filter((text) => text.includes('is full (')).length, 1);
});

test('openCursor(): goes on where it was left, and keeps the lines of later steps', async () => {
  const path = join(folder, 'live.log');
  await using log = await openLog(path);
  const cursor = openCursor(path, 'a');
  const now = async (step: number): Promise<readonly string[]> => {
    await log.flush();
    const texts: string[] = [];
    for await (const { text } of cursor.read(step, signal)) texts.push(text);
    return texts;
  };
  assert.deepEqual(await now(9), []);
  await log.write(line('one', { step: 1 }));
  await log.write(line('two', { step: 2 }));
  await log.write(line('two again', { step: 2 }));
  assert.deepEqual(await now(1), ['one']);
  assert.deepEqual(await now(1), []);
  assert.deepEqual(await now(2), ['two', 'two again']);
  await log.write(line('last', { step: 1 }));
  assert.deepEqual(await now(2), ['last']);
});
