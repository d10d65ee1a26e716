import assert from 'node:assert/strict';
import { test } from 'node:test';

import ranges from 'semver';

import { fits, readVersionFile } from './node-range.ts';

const HERE = { version: '24.21.0', lts: 'Krypton' };

const CASES: readonly (readonly [string, boolean])[] = [
  ['24', true],
  ['24.x', true],
  ['v24.21.0', true],
  ['24.21', true],
  ['>=20', true],
  ['20 || 24', true],
  ['lts/*', true],
  ['lts/krypton', true],
  ['node', true],
  ['', true],
  ['22', false],
  ['24.22', false],
  ['^25', false],
  ['lts/iron', false],
  ['nonsense', false],
  ['24-nightly', false],
];

for (const [asked, fitting] of CASES)
  test(`fits: ${asked} ${fitting ? 'is' : 'is not'} 24.21.0`, () => assert.equal(fits(HERE, asked, ranges), fitting));

test('fits: a version that is not long-term is no lts/*', () => assert.equal(fits({ version: '25.0.0', lts: '' }, 'lts/*', ranges), false));

const FILES: readonly (readonly [string, string | undefined])[] = [
  ['v24.1.0\n', '24.1.0'],
  ['# comment\n24\n', '24'],
  ['lts/*\n', 'lts/*'],
  ['python 3.12\nnodejs 22.3.0\n', '22.3.0'],
  ['{"engines": {"node": ">=24"}}', '>=24'],
  ['{"volta": {"node": "22.1.0"}, "engines": {"node": ">=24"}}', '22.1.0'],
  ['{"devEngines": {"runtime": [{"name": "deno"}, {"name": "node", "version": "24"}]}}', '24'],
  ['{"name": "x"}', undefined],
  ['', undefined],
];

for (const [text, asked] of FILES) test(`readVersionFile: ${JSON.stringify(text)}`, () => assert.equal(readVersionFile(text), asked));
