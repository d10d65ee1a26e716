import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { IncidentEntryRow, TransitionRow } from '../../store/types.ts';
import { withEvidence } from './evidence.ts';
import { createHouse } from './fixtures.ts';

const entry = (at: number, kind: IncidentEntryRow['kind'], text: string): IncidentEntryRow => ({ incident: 1, at, kind, text, actor: '' });
const change = (at: number, name: string, evidence: string): TransitionRow => {
  const [service = '', environment = ''] = name.split('/').toReversed();
  return { environment, service, release: 'r1', at, from: 'up', to: 'down', reason: 'answers 500', evidence };
};

test('withEvidence() gives a line what its own subject had answered by then, and other lines nothing', () => {
  const entries = [
    entry(10, 'opened', 'prod/a (r1) is down: answers 500'),
    entry(10, 'affected', 'prod/ab is down: answers 500'),
    entry(15, 'note', 'prod/a is down again'),
    entry(20, 'transition', 'prod/a: degraded → down: answers 503'),
    entry(30, 'transition', 'prod/a: down → up'),
    entry(40, 'affected', 'shop is down: answers 500'),
  ];
  const changes = [
    change(9, 'prod/a', 'first'),
    change(20, 'prod/a', 'second'),
    change(30, 'prod/a', ''),
    change(39, 'shop', 'closed today'),
  ];
  assert.deepEqual(
    withEvidence(entries, changes).map(({ evidence }) => evidence),
    ['first', '', '', 'second', '', 'closed today'],
  );
});

test('withEvidence() lets no sign through that moves a terminal, and no more than a KB', () => {
  const told = (evidence: string) => withEvidence([entry(1, 'opened', 'prod/a is down')], [change(1, 'prod/a', evidence)])[0]?.evidence;
  assert.equal(
    told('<h1>\u001B[2J oops\r\n\tat\u0000 main \u202Etxt\u009B1m</h1>\n'),
    '<h1>\uFFFD[2J oops\n\tat\uFFFD main \uFFFDtxt\uFFFD1m</h1>',
  );
  assert.equal(told('x'.repeat(5000))?.length, 1024);
});

test('get: the timeline holds what was answered', async () => {
  const house = await createHouse();
  house.store.changes.push(change(1000, 'prod/a', 'stack of the database'));
  await house.see(1, { services: { 'prod/a': 'down' } });
  const { entries } = await house.incidents.get(1);
  assert.deepEqual(entries.map(({ kind, evidence }) => [kind, evidence]).slice(0, 1), [['opened', 'stack of the database']]);
});
