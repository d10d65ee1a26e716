/** Releases in platform.db: written once, then only read. */

import type { DatabaseSync } from 'node:sqlite';

import type { AppSpec } from '../config/types.ts';
import type { Clock } from '../kit/clock.ts';
import { integer, parseJson, text, type Row } from './rows.ts';
import { transact } from './transaction.ts';
import type { AppRow, NewRelease, ReleaseRow, ReleaseServiceRow } from './types.ts';

export interface ReleaseStore {
  app(): AppRow | undefined;
  setApp(app: AppRow): void;
  add(release: NewRelease): ReleaseRow;
  get(number: number): ReleaseRow | undefined;
  /** Newest first. */
  list(): readonly ReleaseRow[];
  byFingerprint(fingerprint: string): ReleaseRow | undefined;
  /** The newest image that was made by this recipe. */
  byRecipe(service: string, recipe: string): ReleaseServiceRow | undefined;
}

export function releaseStore(db: DatabaseSync, clock: Clock): ReleaseStore {
  const services = (number: number): ReleaseServiceRow[] =>
    db.prepare('SELECT * FROM release_service WHERE release = ? ORDER BY service').all(number).map(toService);
  const toRelease = (row: Row): ReleaseRow => ({
    number: integer(row, 'number'),
    app: text(row, 'app'),
    commit: text(row, 'commit_id'),
    dirty: integer(row, 'dirty') === 1,
    fingerprint: text(row, 'fingerprint'),
    spec: parseJson<AppSpec>(text(row, 'spec')),
    actor: text(row, 'actor'),
    createdAt: integer(row, 'created_at'),
    services: services(integer(row, 'number')),
  });
  const one = (sql: string, ...values: (string | number)[]): ReleaseRow | undefined => {
    const row = db.prepare(sql).get(...values);
    return row === undefined ? undefined : toRelease(row);
  };
  return {
    app() {
      const row = db.prepare('SELECT * FROM app').get();
      if (row === undefined) return undefined;
      return { name: text(row, 'name'), directory: text(row, 'directory'), spec: parseJson<AppSpec>(text(row, 'spec')) };
    },
    setApp(app) {
      db.prepare(
        `INSERT INTO app (one, name, directory, spec, updated_at) VALUES (1, ?, ?, ?, ?)
         ON CONFLICT (one) DO UPDATE SET name = excluded.name, directory = excluded.directory, spec = excluded.spec, updated_at = excluded.updated_at`,
      ).run(app.name, app.directory, JSON.stringify(app.spec), clock.now());
    },
    add(release) {
      const number = transact(db, () => insert(db, release, clock.now()));
      const row = one('SELECT * FROM release WHERE number = ?', number);
      if (row === undefined) throw new Error(`release ${number} vanished`);
      return row;
    },
    get: (number) => one('SELECT * FROM release WHERE number = ?', number),
    list: () => db.prepare('SELECT * FROM release ORDER BY number DESC').all().map(toRelease),
    byFingerprint: (fingerprint) => one('SELECT * FROM release WHERE fingerprint = ? ORDER BY number DESC LIMIT 1', fingerprint),
    byRecipe(service, recipe) {
      const row = db
        .prepare('SELECT * FROM release_service WHERE service = ? AND recipe = ? ORDER BY release DESC LIMIT 1')
        .get(service, recipe);
      return row === undefined ? undefined : toService(row);
    },
  };
}

function insert(db: DatabaseSync, release: NewRelease, now: number): number {
  const done = db
    .prepare('INSERT INTO release (app, commit_id, dirty, fingerprint, spec, actor, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)')
    .run(release.app, release.commit, release.dirty ? 1 : 0, release.fingerprint, JSON.stringify(release.spec), release.actor, now);
  const number = Number(done.lastInsertRowid);
  const put = db.prepare(
    'INSERT INTO release_service (release, service, repository, digest, recipe, built, stood_for) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  for (const s of release.services) {
    put.run(number, s.service, s.repository, s.digest, s.recipe, s.built ? 1 : 0, JSON.stringify(s.stoodFor));
  }
  return number;
}

function toService(row: Row): ReleaseServiceRow {
  return {
    service: text(row, 'service'),
    repository: text(row, 'repository'),
    digest: text(row, 'digest'),
    recipe: text(row, 'recipe'),
    built: integer(row, 'built') === 1,
    stoodFor: parseJson<string[]>(text(row, 'stood_for')),
  };
}
