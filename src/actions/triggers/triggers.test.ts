import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import type { Triggers } from '../model.ts';
import type { TriggerEvent } from '../types.ts';
import { skipWords } from './skip.ts';
import { triggers } from './triggers.ts';

interface Case {
  readonly name: string;
  readonly on: Triggers;
  readonly event: Partial<TriggerEvent>;
  /** Absent: it runs. */
  readonly skipped?: string;
}

const cases = JSON.parse(readFileSync(new URL('../../../test/cases/actions/triggers.json', import.meta.url), 'utf8')) as readonly Case[];

for (const { name, on, event, skipped } of cases) {
  test(`triggers: ${name}`, () => {
    const decision = triggers(
      { path: 'w.yml', name: 'w', on, defaults: {}, jobs: [] },
      { name: 'push', ref: 'refs/heads/main', sha: 'a1', actor: 'me', payload: {}, ...event },
    );
    assert.deepEqual(decision, skipped === undefined ? { kind: 'runs' } : { kind: 'skipped', reason: skipped });
  });
}

test('skipWords: knows GitHub’s words, and the trailer after two empty lines', () => {
  for (const words of ['[skip ci]', '[ci skip]', '[no ci]', '[skip actions]', '[actions skip]'])
    assert.equal(skipWords(`docs: typo ${words}\n\nbody`), words);
  assert.equal(skipWords('x\n\nbody\n\n\nReviewed-by: A\nskip-checks: true'), 'skip-checks: true');
  assert.equal(skipWords('x\n\n\nskip-checks:true\n'), 'skip-checks:true');
  for (const message of ['skip ci', 'x\n\nskip-checks: true', 'x\n\n\nskip-checks: true\nReviewed-by: A', ''])
    assert.equal(skipWords(message), undefined);
});
