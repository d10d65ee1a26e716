/** The page of workflow compatibility says the truth: every key of GitHub's schema is read as its table says. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readWorkflow } from '../src/actions/actions.ts';
import { SUPPORT } from '../src/actions/workflow/support.ts';
import { ACCEPTED_VALUES, EXAMPLES, PROOFS, REFUSED_VALUES } from './cases/actions/compatibility.ts';
import { everyKey, type Key } from './docs/compatibility-walk.ts';
import { unproved } from './docs/compatibility.ts';
import { titlesOf } from './docs/titles.ts';

const keys = everyKey();
/** Each definition's key once; what lies below a refused one is never looked at. */
const own = [...new Map(keys.filter(({ below }) => below === undefined).map((key) => [`${key.definition}/${key.key}`, key])).values()];

test('compatibility: the table knows every key of the schema, and no other', () => {
  assert.ok(keys.length > 250 && own.length > 150, `saw ${keys.length} and ${own.length} keys`);
  const table = Object.entries(SUPPORT).flatMap(([definition, of]) => Object.keys(of).map((key) => `${definition}/${key}`));
  const examples = Object.entries(EXAMPLES).flatMap(([definition, of]) => Object.keys(of.keys).map((key) => `${definition}/${key}`));
  const schema = own.map(({ definition, key }) => `${definition}/${key}`);
  assert.deepEqual(table.toSorted(), schema.toSorted());
  assert.deepEqual(examples.toSorted(), schema.toSorted());
});

for (const key of own) {
  test(`compatibility: ${key.path} (${key.definition}) is ${key.support.kind}`, async () => {
    const text = exampleOf(key);
    const result = await readWorkflow('w.yml', text);
    const problems = result.kind === 'problems' ? result.problems : [];
    const warnings = result.kind === 'workflow' ? result.warnings : [];
    switch (key.support.kind) {
      case 'run':
        assert.deepEqual([problems, warnings.filter(({ message }) => !message.startsWith('`permissions`'))], [[], []], text);
        break;
      case 'accepted':
        assert.deepEqual(problems, [], text);
        assert.match(warnings[0]?.message ?? '', /^`[\w-]+` has no effect: /, text);
        break;
      case 'refused':
      case 'part':
        assert.equal(problems.length, 1, text);
        assert.match(problems[0]?.message ?? '', /^`[\w-]+` is not supported yet/);
        assert.equal(problems[0]?.at, `w.yml:${placeOf(text, key.support.kind === 'part' ? key.support.of : key.key)}`, text);
        break;
      default:
        key.support satisfies never;
    }
  });
}

for (const [what, text, at] of REFUSED_VALUES) {
  test(`compatibility: refuses ${what}`, async () => {
    const result = await readWorkflow('w.yml', text);
    assert.equal(result.kind, 'problems', text);
    assert.deepEqual(
      result.problems.map((problem) => problem.at),
      [`w.yml:${at}`],
    );
    assert.match(result.problems[0]?.message ?? '', /not supported yet/);
  });
}

for (const [text, at] of ACCEPTED_VALUES) {
  test(`compatibility: takes an input without effect, and warns: ${text.slice(text.indexOf('with:'))}`, async () => {
    const result = await readWorkflow('w.yml', text);
    assert.equal(result.kind, 'workflow', text);
    assert.deepEqual(
      result.warnings.map((warning) => warning.at),
      [`w.yml:${at}`],
    );
    assert.match(result.warnings[0]?.message ?? '', /has no effect: /);
  });
}

test('compatibility: every proof is a whole title of a test that is there', () => {
  const schema = new Set(own.map(({ definition, key }) => `${definition}/${key}`));
  for (const [key, { file, title }] of Object.entries(PROOFS)) {
    assert.ok(schema.has(key), `${key} is no key`);
    assert.ok(titlesOf(file).has(title), `${file} has no test "${title}"`);
  }
});

test('compatibility: every key that runs has a proof, and one without is told', () => {
  assert.deepEqual(unproved(keys), []);
  const made: Key = { path: 'jobs.<id>.made-up', definition: 'job-factory', key: 'made-up', support: { kind: 'run' } };
  assert.deepEqual(unproved([...keys, made]), ['`jobs.<id>.made-up`']);
});

function exampleOf({ definition, key }: Key): string {
  const { around, keys: snippets } = EXAMPLES[definition] ?? assert.fail(definition);
  return around.replace('$', () => snippets[key] ?? assert.fail(key));
}

/** `LINE:COLUMN` of the last place where the key stands. */
function placeOf(text: string, key: string): string {
  const offset = text.lastIndexOf(`${key}:`);
  const before = text.slice(0, offset);
  return `${before.split('\n').length}:${offset - before.lastIndexOf('\n')}`;
}
