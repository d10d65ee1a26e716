/** Promises about the list of commands itself, and about what the tables look like. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { commands } from './commands.ts';
import { helpAll, helpCommand } from './help.ts';
import { GLOBAL_OPTIONS } from './parse.ts';
import { table } from './table.ts';
import { ago, count, shortCommit } from './words.ts';

const plain = { title: String, name: String, dim: String };
const paint = (_: unknown, text: string): string => text;

test('helpAll fits into 80 columns', () => {
  for (const line of helpAll(commands, plain).split('\n')) assert.ok(line.length <= 80, line);
});

for (const command of commands) {
  test(`command ${command.name}: its handler loads and its data holds together`, async () => {
    const { run } = await command.load();
    assert.equal(typeof run, 'function');
    assert.ok(helpCommand(command, plain).includes(command.summary));
    assert.ok(!command.summary.endsWith('.'));
    const options = Object.entries(command.options ?? {});
    for (const [name] of options) assert.ok(!Object.hasOwn(GLOBAL_OPTIONS, name), `--${name} is taken`);
    const shorts = [...options, ...Object.entries(GLOBAL_OPTIONS)].flatMap(([, option]) => ('short' in option ? [option.short] : []));
    assert.equal(new Set(shorts).size, shorts.length, 'a letter is taken twice');
    const rest = (command.args ?? []).findIndex((arg) => arg.rest === true);
    assert.ok(rest === -1 || rest === (command.args ?? []).length - 1, 'the rest comes last');
    for (const { line } of command.examples ?? []) assert.ok(line.includes(`antler ${command.name}`), line);
  });
}

test('commands have names of their own', () => {
  assert.equal(new Set(commands.map(({ name }) => name)).size, commands.length);
  assert.ok(commands.length > 10, `saw ${commands.length} commands`);
});

test('table lines up columns, right where asked, without trailing blanks', () => {
  const rows = [
    ['a', ['1', 'red'], ''],
    ['bbb', '100', 'x'],
  ] as const;
  assert.deepEqual(table(rows, { paint, head: ['H', 'N', 'T'], right: [1] }), ['H      N  T', 'a      1', 'bbb  100  x']);
  assert.deepEqual(table([], { paint }), []);
});

test('words: times, numbers and commits as people read them', () => {
  const now = Date.parse('2026-11-23T12:00:00.000Z');
  const times = ['2026-11-23T12:00:01Z', '2026-11-23T11:59:01Z', '2026-11-23T11:00:30Z', '2026-11-22T00:00:00Z', '2026-11-01T12:00:00Z'];
  assert.deepEqual(
    times.map((time) => ago(time, now)),
    ['0 s ago', '59 s ago', '59 min ago', '36 h ago', '22 d ago'],
  );
  assert.deepEqual(
    [0, 999, 1000, 1_234_567].map((number) => count(number)),
    ['0', '999', '1,000', '1,234,567'],
  );
  assert.deepEqual(
    [null, '3f2a91c4d5', `content:sha256:${'ab'.repeat(32)}`, `content:${'cd'.repeat(32)}`].map((commit) => shortCommit(commit)),
    ['–', '3f2a91c', 'content abababa', 'content cdcdcdc'],
  );
});
