/** platform.db: what is written is read back, and schemas only go forward. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { hasCode } from '../kit/errors.ts';
import { openDatabase } from './database.ts';
import { PLATFORM } from './migrations.ts';
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
  const { id } = db.approvals.request({ subject: { kind: 'rollout', rollout: rollout.id }, environment: 'prod', needed: 2 });
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

test('migrations: approvals of the first schema keep their rollouts and votes', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'antler-store-')), 'platform.db');
  const [first] = PLATFORM;
  assert.ok(first);
  {
    const old = openDatabase(path, [first]);
    old.exec(`
      INSERT INTO release VALUES (1, 'shop', 'c0ffee', 0, 'f', '{}', 'ann', 1);
      INSERT INTO rollout (id, environment, release, kind, verdict, phase, actor, started_at) VALUES (5, 'prod', 1, 'promote', 'waiting', 'waiting', 'ann', 1);
      INSERT INTO approval VALUES (7, 5, 2, 'waiting', 3);
      INSERT INTO approval_vote VALUES (7, 'bob', 1, 'api', NULL, 4);
    `);
    old.close();
  }
  using db = openPlatform(path);
  const [approval] = db.approvals.waiting();
  assert.deepEqual(approval?.subject, { kind: 'rollout', rollout: 5 });
  assert.equal(approval?.environment, 'prod');
  assert.deepEqual(
    approval?.votes.map((each) => each.actor),
    ['bob'],
  );
  assert.equal(db.approvals.vote(7, { actor: 'cid', approve: true, via: 'api', comment: undefined }).state, 'approved');
});

test('runs: numbers count by workflow, jobs and steps keep their order, an attempt is added', () => {
  let now = 10;
  using db = openPlatform(':memory:', { now: () => now });
  const NEW = {
    push: undefined,
    path: 'a.yml',
    name: 'A',
    event: 'push',
    ref: 'refs/heads/main',
    sha: 'c0ffee',
    actor: 'ann',
    title: 'x',
    trigger: { name: 'push' },
    inputs: {},
  };
  assert.equal(db.runs.add(NEW).number, 1);
  assert.equal(db.runs.add({ ...NEW, path: 'b.yml' }).number, 1);
  const run = db.runs.add(NEW);
  assert.equal(run.number, 2);
  const job = {
    run: run.id,
    attempt: 1,
    key: 'test',
    id: 'test',
    name: 'test',
    needs: [],
    conclusion: undefined,
    environment: undefined,
    matrix: { node: 24 },
    outputs: {},
    reason: undefined,
  };
  db.runs.putJob({ ...job, state: 'queued' });
  db.runs.putJob({ ...job, state: 'in_progress' });
  db.runs.putStep(job, { job: 'test', number: 1, name: 'Set up job', state: 'in_progress', conclusion: undefined });
  now = 20;
  db.runs.putStep(job, { job: 'test', number: 1, name: 'Set up job', state: 'completed', conclusion: 'success' });
  db.runs.putJob({ ...job, state: 'completed', conclusion: 'success', outputs: { a: 'b' } });
  const [row] = db.runs.jobs(run.id, 1);
  assert.deepEqual([row?.startedAt, row?.endedAt, row?.outputs, row?.matrix], [10, 20, { a: 'b' }, { node: 24 }]);
  assert.deepEqual(
    db.runs.steps(run.id, 1).map(({ startedAt, endedAt }) => [startedAt, endedAt]),
    [[10, 20]],
  );
  db.runs.end(run.id, { conclusion: 'failure', reason: 'why' });
  assert.deepEqual(
    db.runs.open().map((each) => each.id),
    [1, 2],
  );
  const again = db.runs.again(run.id, { asked: 'bob' });
  assert.deepEqual([again.attempt, again.state, again.conclusion, again.trigger], [2, 'queued', undefined, { asked: 'bob' }]);
});

test('settings: one value for a name in an environment', () => {
  using db = openPlatform(':memory:', { now: () => 1 });
  const setting = { kind: 'secret', name: 'TOKEN', environment: undefined, value: 'x', actor: 'ann' } as const;
  db.settings.set(setting);
  db.settings.set({ ...setting, value: 'y' });
  db.settings.set({ ...setting, environment: 'prod', value: 'z' });
  assert.deepEqual(
    db.settings.list('secret').map(({ environment, value }) => [environment, value]),
    [
      [undefined, 'y'],
      ['prod', 'z'],
    ],
  );
  assert.equal(db.settings.remove({ kind: 'secret', name: 'TOKEN', environment: 'prod' }), true);
  assert.equal(db.settings.remove({ kind: 'secret', name: 'TOKEN', environment: 'prod' }), false);
  assert.deepEqual(db.settings.list('variable'), []);
});
