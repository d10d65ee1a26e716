import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createLedger, trafficSince, type Ledger } from './ledger.ts';
import type { StatRow } from './replies.ts';
import { parseRequestLine } from './ring.ts';

const PID = 100;

function feed(ledger: Ledger, ...rest: readonly string[]): void {
  for (const text of rest) {
    const line = parseRequestLine(`${PID} 1 ${text}`);
    assert.ok(line !== undefined, text);
    ledger.line(line);
  }
}

function row(server: string, responses: number, sessions = 0): StatRow {
  return { proxy: 'dev:backend', server, sessions, status: 'UP', check: '', lastCheck: '', responses };
}

function summary(ledger: Ledger): Record<string, string> {
  return Object.fromEntries(
    ledger
      .totals()
      .map(({ environment, service, release, served, errors, lost, aborted, unseen }) => [
        `${environment} ${service} ${release}`,
        `served ${served} errors ${errors} lost ${lost} aborted ${aborted} unseen ${unseen}`,
      ]),
  );
}

test('createLedger() adds up by environment, service and release', () => {
  const ledger = createLedger({}, () => true);
  feed(
    ledger,
    'dev:backend r1.0.1 200 5 4 --',
    'dev:backend r1.1.1 500 5 4 --',
    'dev:backend r1.0.1 200 5 4 SD',
    'dev:backend r2.0.2 200 5 4 CD',
    'dev:backend r2.0.2 503 5 -1 SC',
    'stg:backend r1.0.1 204 5 4 --',
    'entry:dev:backend <NOSRV> 403 0 -1 PR',
  );
  assert.deepEqual(summary(ledger), {
    'dev backend r1': 'served 2 errors 1 lost 1 aborted 0 unseen 0',
    'dev backend r2': 'served 0 errors 0 lost 0 aborted 1 unseen 0',
    'dev backend none': 'served 0 errors 0 lost 1 aborted 1 unseen 0',
    'stg backend r1': 'served 1 errors 0 lost 0 aborted 0 unseen 0',
  });
});

test('createLedger(): a check of ours is nobody’s traffic, and is not missed either', () => {
  const ledger = createLedger({}, () => true);
  feed(ledger, 'dev:backend r1.0.1 200 5 4 -- -', 'dev:backend r1.0.1 500 5 4 -- probe', 'dev:backend <NOSRV> 503 0 -1 SC probe');
  ledger.counters(PID, [row('r1.0.1', 2), row('BACKEND', 3)]);
  assert.ok(ledger.settled(PID));
  assert.deepEqual(summary(ledger), { 'dev backend r1': 'served 1 errors 0 lost 0 aborted 0 unseen 0' });
});

test('createLedger(): a 503 loses nothing where no release serves yet', () => {
  const ledger = createLedger({}, () => false);
  feed(ledger, 'dev:backend <NOSRV> 503 0 -1 SC');
  assert.deepEqual(summary(ledger), { 'dev backend none': 'served 0 errors 0 lost 0 aborted 1 unseen 0' });
});

test('createLedger(): what the counters know and the ring did not tell is unseen, until the ring tells it', () => {
  const ledger = createLedger({}, () => true);
  feed(ledger, 'dev:backend r1.0.1 200 5 4 --');
  ledger.counters(PID, [row('r1.0.1', 3), row('BACKEND', 4)]);
  assert.equal(ledger.settled(PID), false);
  assert.deepEqual(summary(ledger), {
    'dev backend r1': 'served 1 errors 0 lost 0 aborted 0 unseen 2',
    'dev backend none': 'served 0 errors 0 lost 0 aborted 0 unseen 1',
  });
  feed(ledger, 'dev:backend r1.0.1 200 5 4 --', 'dev:backend r1.0.1 200 5 4 --', 'dev:backend <NOSRV> 503 5 -1 SC');
  assert.equal(ledger.settled(PID), true);
  assert.deepEqual(summary(ledger), {
    'dev backend r1': 'served 3 errors 0 lost 0 aborted 0 unseen 0',
    'dev backend none': 'served 0 errors 0 lost 1 aborted 0 unseen 0',
  });
});

test('createLedger(): what was under way when the worker died is unseen, once', () => {
  const ledger = createLedger({}, () => true);
  feed(ledger, 'dev:backend r1.0.1 200 5 4 --');
  ledger.counters(PID, [row('r1.0.1', 1, 2), row('BACKEND', 1, 2)]);
  ledger.died(PID);
  ledger.died(PID);
  assert.deepEqual(summary(ledger), { 'dev backend r1': 'served 1 errors 0 lost 0 aborted 0 unseen 2' });
});

test('createLedger(): what was under way when the worker died is unseen also where lines came after the last look', () => {
  const ledger = createLedger({}, () => true);
  ledger.counters(PID, [row('r1.0.1', 0, 2), row('BACKEND', 0, 2)]);
  feed(ledger, ...Array.from({ length: 9 }, () => 'dev:backend r1.0.1 200 5 4 --'));
  ledger.died(PID);
  assert.deepEqual(summary(ledger), { 'dev backend r1': 'served 9 errors 0 lost 0 aborted 0 unseen 2' });
});

test('createLedger(): the next daemon knows from memory what the last one counted', () => {
  const first = createLedger({}, () => true);
  feed(first, 'dev:backend r1.0.1 200 5 4 --', 'dev:backend r1.0.1 200 5 4 --');
  first.counters(PID, [row('r1.0.1', 3), row('BACKEND', 3)]); // one unseen, and said so
  const second = createLedger(first.memory(), () => true);
  second.counters(PID, [row('r1.0.1', 6), row('BACKEND', 6)]);
  feed(second, 'dev:backend r1.0.1 200 5 4 --');
  assert.deepEqual(summary(second), { 'dev backend r1': 'served 1 errors 0 lost 0 aborted 0 unseen 2' });
});

test('trafficSince() gives differences only', () => {
  const ledger = createLedger({}, () => true);
  feed(ledger, 'dev:backend r1.0.1 200 5 4 --', 'stg:backend r1.0.1 200 5 4 --');
  const then = ledger.totals();
  assert.deepEqual(trafficSince(ledger.totals(), then), []);
  feed(ledger, 'dev:backend r1.0.1 500 7 4 --');
  const [delta, ...more] = trafficSince(ledger.totals(), then);
  assert.deepEqual(more, []);
  assert.deepEqual(
    { served: delta?.served, errors: delta?.errors, environment: delta?.environment },
    { served: 1, errors: 1, environment: 'dev' },
  );
  assert.deepEqual(
    delta?.latency.reduce((sum, count) => sum + count, 0),
    1,
  );
});
