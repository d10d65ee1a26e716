/** platform.db: what is written is read back, and schemas only go forward. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { hasCode } from '../kit/errors.ts';
import { openDatabase } from './database.ts';
import { openPlatform } from './store.ts';
import type { NewRelease } from './types.ts';

const RELEASE: NewRelease = {
  app: 'shop',
  commit: 'c0ffee',
  dirty: false,
  fingerprint: 'f1',
  spec: { version: 1, app: 'shop', bases: {}, services: [], environments: [] },
  actor: 'root',
  services: [{ service: 'web', repository: 'r/shop/web', digest: 'sha256:1', recipe: 'x', built: true, stoodFor: [] }],
};

test('releases: numbers count up, the fingerprint and the recipe find them', () => {
  using db = openPlatform(':memory:', { now: () => 42 });
  assert.equal(db.releases.add(RELEASE).number, 1);
  assert.equal(db.releases.add({ ...RELEASE, fingerprint: 'f2' }).number, 2);
  assert.deepEqual(db.releases.byFingerprint('f1'), { ...RELEASE, number: 1, createdAt: 42 });
  assert.equal(db.releases.byFingerprint('f3'), undefined);
  assert.equal(db.releases.byRecipe('web', 'x')?.digest, 'sha256:1');
  assert.deepEqual(
    db.releases.list().map((each) => each.number),
    [2, 1],
  );
});

test('approvals: distinct people count, one refusal rejects', () => {
  using db = openPlatform(':memory:');
  db.releases.add(RELEASE);
  const rollout = db.rollouts.begin({
    environment: 'prod',
    release: 1,
    from: undefined,
    kind: 'promote',
    actor: 'a',
    forcedReason: undefined,
    phase: 'waiting',
  });
  const { id } = db.approvals.request(rollout.id, 2);
  const vote = (actor: string, approve: boolean): string => db.approvals.vote(id, { actor, approve, via: 'cli', comment: undefined }).state;
  assert.equal(vote('ann', true), 'waiting');
  assert.equal(vote('ann', true), 'waiting');
  assert.equal(vote('bob', true), 'approved');
  assert.equal(vote('cid', false), 'rejected');
});

test('environments: move() names who serves and who retires, in one transaction', () => {
  using db = openPlatform(':memory:');
  db.releases.add(RELEASE);
  const rollout = db.rollouts.begin({
    environment: 'dev',
    release: 1,
    from: undefined,
    kind: 'deploy',
    actor: 'a',
    forcedReason: undefined,
    phase: 'start',
  });
  const add = (): number =>
    db.environments.addReplica({ environment: 'dev', service: 'web', release: 1, replica: 1, address: '10.1.101.10', rollout: rollout.id })
      .generation;
  const [one, two] = [add(), add()];
  db.environments.move('dev', { release: 1, rollout: rollout.id, serving: [two], retiring: [one] });
  assert.deepEqual(
    db.environments.replicas('dev').map((each) => each.state),
    ['retiring', 'serving'],
  );
  assert.equal(db.environments.get('dev').release, 1);
  assert.equal(db.rollouts.get(rollout.id)?.phase, 'retire');
  db.environments.removeReplica(two);
  assert.equal(add(), 3, 'a generation is never reused');
});

test('openDatabase() keeps a copy before it migrates, and refuses what a newer Antler wrote', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'antler-store-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'p.db');
  const one = { sql: 'CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1)' };
  openDatabase(path, [one]).close();
  openDatabase(path, [one, { sql: 'ALTER TABLE a ADD COLUMN y INTEGER' }]).close();
  const copy = new DatabaseSync(`${path}.v1`);
  assert.equal(copy.prepare('SELECT count(*) AS n FROM a').get()?.['n'], 1);
  copy.close();
  assert.throws(
    () => openDatabase(path, [one]),
    (error) => hasCode(error, 'store/newer'),
  );
});

test('openDatabase() rolls a failing migration back whole', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'antler-store-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'p.db');
  assert.throws(() => openDatabase(path, [{ sql: 'CREATE TABLE a (x INTEGER) STRICT; CREATE TABLE a (x INTEGER)' }]));
  const db = openDatabase(path, [{ sql: 'CREATE TABLE a (x INTEGER) STRICT' }]);
  assert.equal(db.prepare('SELECT count(*) AS n FROM a').get()?.['n'], 0);
  db.close();
});

test('openDatabase() lets nobody else read it, nor what SQLite puts beside it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'antler-store-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'platform.db');
  const db = openDatabase(path, [{ sql: 'CREATE TABLE a (x INTEGER) STRICT' }]);
  db.exec('INSERT INTO a VALUES (1)');
  for (const file of [path, `${path}-wal`, `${path}-shm`]) assert.equal(statSync(file).mode & 0o777, 0o600, file);
  db.close();
});
