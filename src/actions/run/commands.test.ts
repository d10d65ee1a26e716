import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseCommand, wrongStopToken } from './commands.ts';

/** A line → name, properties and data, or undefined for plain output. */
const CASES: readonly (readonly [string, readonly [string, Record<string, string>, string] | undefined])[] = [
  ['hello', undefined],
  ['::debug::a b', ['debug', {}, 'a b']],
  ['   ::debug::indented', ['debug', {}, 'indented']],
  ['x ::debug::not at the begin', undefined],
  ['::unknown::x', undefined],
  ['::debug:x', undefined],
  ['::DEBUG::x', ['debug', {}, 'x']],
  ['::set-output name=a::b', ['set-output', { name: 'a' }, 'b']],
  ['::set-output name=a::b::c', ['set-output', { name: 'a' }, 'b::c']],
  ['::set-output name=a=b::c', ['set-output', { name: 'a=b' }, 'c']],
  ['::error file=a.ts,line=1,col=2,title=T%2C%3A::m', ['error', { file: 'a.ts', line: '1', col: '2', title: 'T,:' }, 'm']],
  ['::error file=::m', ['error', {}, 'm']],
  ['::warning ,file=a,::m', ['warning', { file: 'a' }, 'm']],
  ['::notice::a%0Ab%0D%25', ['notice', {}, 'a\nb\r%']],
  ['::notice::%250A', ['notice', {}, '%0A']],
  ['::notice::%3A%2C', ['notice', {}, '%3A%2C']],
  ['::error file=%253A::x', ['error', { file: '%3A' }, 'x']],
  ['##[group]title', ['group', {}, 'title']],
  ['text ##[error file=a;line=3]m%5D%3B', ['error', { file: 'a', line: '3' }, 'm];']],
  ['##[nothing]x', undefined],
  ['::endgroup::', ['endgroup', {}, '']],
];

for (const [line, expected] of CASES) {
  test(`parseCommand: ${JSON.stringify(line)}`, () => {
    const command = parseCommand(line);
    assert.deepEqual(command === undefined ? undefined : [command.name, command.properties, command.data], expected);
  });
}

test('parseCommand: the token that ends stop-commands is a command while it is waited for', () => {
  assert.equal(parseCommand('::Token::'), undefined);
  assert.equal(parseCommand('::Token::', 'tokeN')?.name, 'token');
});

test('wrongStopToken: an empty token, `pause-logging` and the name of a command stop nothing', () => {
  for (const token of ['', 'pause-logging', 'Pause-Logging', 'error', 'SET-OUTPUT', 'stop-commands'])
    assert.match(wrongStopToken(token) ?? '', /^You cannot use a endToken/, token);
  for (const token of ['tok', 'errors', 'anything else']) assert.equal(wrongStopToken(token), undefined, token);
});
