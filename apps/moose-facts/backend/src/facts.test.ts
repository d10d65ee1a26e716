import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FACTS, findFact, pickFact } from './facts.ts';

test('FACTS are at least fifteen, each said once', () => {
  assert.ok(FACTS.length >= 15, `${FACTS.length} facts`);
  assert.equal(new Set(FACTS.map((fact) => fact.id)).size, FACTS.length);
  assert.equal(new Set(FACTS.map((fact) => fact.text)).size, FACTS.length);
});

test('FACTS each name a source that can be opened, and fit on a phone', () => {
  for (const fact of FACTS) {
    assert.match(fact.id, /^[a-z]+(-[a-z]+)*$/);
    assert.match(fact.text, /^[A-Z].*\.$/u);
    assert.ok(fact.text.length <= 180, `${fact.id} is ${fact.text.length} characters long`);
    assert.equal(new URL(fact.source.url).protocol, 'https:');
    assert.notEqual(fact.source.title, '');
  }
});

test('findFact() gives a fact by its id, and nothing for another', () => {
  assert.equal(findFact('bell')?.id, 'bell');
  assert.equal(findFact('unicorn'), undefined);
});

test('pickFact() reaches every fact but the one just seen', () => {
  const seen = new Set<string>();
  for (let step = 0; step < 200; step += 1) seen.add(pickFact(step / 200, 'bell').id);
  assert.equal(seen.size, FACTS.length - 1);
  assert.ok(!seen.has('bell'));
});

test('pickFact() refuses a number that is no chance', () => {
  assert.throws(() => pickFact(1), RangeError);
});
