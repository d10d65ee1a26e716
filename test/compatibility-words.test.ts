/** The page of workflow compatibility knows every context, function, command and file that the code knows, and no other; its proofs are there. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';

import { wellKnownFunctions } from '@actions/expressions/funcs';

import { CONTEXTS, FUNCTIONS } from '../src/actions/expressions/compile.ts';
import { COMMANDS } from '../src/actions/run/commands.ts';
import { githubContext } from '../src/actions/run/github.ts';
import { stepFiles } from '../src/actions/run/step-files.ts';
import { COMMAND_PROOFS, CONTEXT_KEYS, CONTEXT_PROOFS, FILE_PROOFS, FUNCTION_PROOFS } from './cases/actions/contexts.ts';
import { titlesOf } from './docs/titles.ts';

const ROOT = resolve(import.meta.dirname, '..');
const sorted = (names: Iterable<string>): string[] => [...names].map((name) => name.toLowerCase()).toSorted();

test('compatibility: the page knows every context, function, command and file, and no other', () => {
  assert.deepEqual(sorted(Object.keys(CONTEXT_PROOFS)), sorted(CONTEXTS));
  assert.deepEqual(
    sorted(Object.keys(FUNCTION_PROOFS)),
    sorted([...Object.keys(wellKnownFunctions), ...FUNCTIONS.map(({ name }) => name)]),
  );
  assert.deepEqual(sorted(Object.keys(COMMAND_PROOFS)), sorted(COMMANDS));
  const paths = { workspace: '/w', temp: '/t', toolCache: '/c', runner: '/r' };
  assert.deepEqual(sorted(Object.keys(FILE_PROOFS)), sorted(Object.keys(stepFiles({ paths }, '1').env)));
});

test('compatibility: the page names every property of `github` that the code makes', () => {
  const github = githubContext({
    workflow: { name: 'w', path: 'w.yml' },
    event: { name: 'push', ref: 'refs/heads/main', sha: 'a', actor: 'ann', payload: {} },
    identity: { id: 1, attempt: 1, number: 1, repository: 'a/b', serverUrl: 'http://antler.localhost' },
  });
  const known = CONTEXT_KEYS['github']?.filter(({ here }) => here === 'always').map(({ key }) => key) ?? [];
  for (const key of Object.keys(github)) assert.ok(known.includes(key), key);
});

test('compatibility: every proof of a context, function, command or file is a test that is there', () => {
  for (const all of [CONTEXT_PROOFS, FUNCTION_PROOFS, COMMAND_PROOFS, FILE_PROOFS])
    for (const [name, { file, title }] of Object.entries(all))
      if (file !== undefined && title !== undefined)
        assert.ok(
          titlesOf(file).has(title) || (file.endsWith('expressions.json') && readFileSync(resolve(ROOT, file), 'utf8').includes(title)),
          `${name}: ${file} has no "${title}"`,
        );
});
