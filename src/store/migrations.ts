/** The schema of platform.db, version by version. A landed entry is never edited: add the next one. */

import type { Migration } from './database.ts';

export const PLATFORM: readonly Migration[] = [
  {
    sql: `
      CREATE TABLE app (
        one INTEGER PRIMARY KEY CHECK (one = 1), name TEXT NOT NULL, directory TEXT NOT NULL, spec TEXT NOT NULL, updated_at INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE release (
        number INTEGER PRIMARY KEY AUTOINCREMENT, app TEXT NOT NULL, commit_id TEXT NOT NULL, dirty INTEGER NOT NULL, fingerprint TEXT NOT NULL,
        spec TEXT NOT NULL, actor TEXT NOT NULL, created_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX release_fingerprint ON release (fingerprint);
      CREATE TABLE release_service (
        release INTEGER NOT NULL REFERENCES release, service TEXT NOT NULL, repository TEXT NOT NULL, digest TEXT NOT NULL, recipe TEXT NOT NULL,
        built INTEGER NOT NULL, stood_for TEXT NOT NULL, PRIMARY KEY (release, service)
      ) STRICT;
      CREATE TABLE rollout (
        id INTEGER PRIMARY KEY AUTOINCREMENT, environment TEXT NOT NULL, release INTEGER NOT NULL REFERENCES release, from_release INTEGER REFERENCES release,
        kind TEXT NOT NULL, verdict TEXT NOT NULL, phase TEXT NOT NULL, actor TEXT NOT NULL, forced_reason TEXT, reason TEXT,
        cut INTEGER NOT NULL DEFAULT 0, started_at INTEGER NOT NULL, ended_at INTEGER
      ) STRICT;
      CREATE INDEX rollout_environment ON rollout (environment, id);
      CREATE TABLE rollout_step (
        rollout INTEGER NOT NULL REFERENCES rollout, seq INTEGER NOT NULL, step TEXT NOT NULL, title TEXT NOT NULL, state TEXT NOT NULL,
        started_at INTEGER NOT NULL, ms INTEGER, detail TEXT, PRIMARY KEY (rollout, seq)
      ) STRICT;
      CREATE TABLE rollout_traffic (
        rollout INTEGER NOT NULL REFERENCES rollout, service TEXT NOT NULL, release TEXT NOT NULL, served INTEGER NOT NULL, errors INTEGER NOT NULL,
        lost INTEGER NOT NULL, unseen INTEGER NOT NULL, latency TEXT NOT NULL, PRIMARY KEY (rollout, service, release)
      ) STRICT;
      CREATE TABLE replica (
        generation INTEGER PRIMARY KEY AUTOINCREMENT, environment TEXT NOT NULL, service TEXT NOT NULL, release INTEGER NOT NULL REFERENCES release,
        replica INTEGER NOT NULL, address TEXT NOT NULL, state TEXT NOT NULL, rollout INTEGER NOT NULL REFERENCES rollout
      ) STRICT;
      CREATE INDEX replica_environment ON replica (environment, service);
      CREATE TABLE environment (
        name TEXT PRIMARY KEY, release INTEGER REFERENCES release, verified_at INTEGER
      ) STRICT;
      CREATE TABLE hold (environment TEXT PRIMARY KEY, reason TEXT NOT NULL, actor TEXT NOT NULL, since INTEGER NOT NULL) STRICT;
      CREATE TABLE approval (
        id INTEGER PRIMARY KEY AUTOINCREMENT, rollout INTEGER NOT NULL REFERENCES rollout, needed INTEGER NOT NULL, state TEXT NOT NULL, requested_at INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE approval_vote (
        approval INTEGER NOT NULL REFERENCES approval, actor TEXT NOT NULL, approve INTEGER NOT NULL, via TEXT NOT NULL, comment TEXT, at INTEGER NOT NULL,
        PRIMARY KEY (approval, actor)
      ) STRICT;
    `,
  },
  {
    // An approval may be a job's: its table is made anew, without losing a vote.
    sql: `
      CREATE TABLE push (
        id INTEGER PRIMARY KEY AUTOINCREMENT, ref TEXT NOT NULL, before_commit TEXT, after_commit TEXT, forced INTEGER NOT NULL, actor TEXT NOT NULL,
        at INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE run (
        id INTEGER PRIMARY KEY AUTOINCREMENT, push INTEGER REFERENCES push, path TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL,
        attempt INTEGER NOT NULL, event TEXT NOT NULL, ref TEXT NOT NULL, sha TEXT NOT NULL, actor TEXT NOT NULL, title TEXT NOT NULL,
        trigger_json TEXT NOT NULL, inputs TEXT NOT NULL, state TEXT NOT NULL, conclusion TEXT, reason TEXT, release INTEGER REFERENCES release,
        created_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER
      ) STRICT;
      CREATE INDEX run_path ON run (path, number);
      CREATE TABLE job (
        run INTEGER NOT NULL REFERENCES run, attempt INTEGER NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, needs TEXT NOT NULL,
        state TEXT NOT NULL, conclusion TEXT, environment TEXT, matrix TEXT, outputs TEXT NOT NULL, reason TEXT, started_at INTEGER, ended_at INTEGER,
        PRIMARY KEY (run, attempt, key)
      ) STRICT;
      CREATE TABLE job_step (
        run INTEGER NOT NULL, attempt INTEGER NOT NULL, job TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,
        conclusion TEXT, started_at INTEGER NOT NULL, ended_at INTEGER, PRIMARY KEY (run, attempt, job, number),
        FOREIGN KEY (run, attempt, job) REFERENCES job (run, attempt, key)
      ) STRICT;
      CREATE TABLE setting (
        kind TEXT NOT NULL, environment TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, actor TEXT NOT NULL, updated_at INTEGER NOT NULL,
        PRIMARY KEY (kind, environment, name)
      ) STRICT;
      CREATE TEMP TABLE old_approval AS SELECT a.*, r.environment FROM approval a JOIN rollout r ON r.id = a.rollout;
      CREATE TEMP TABLE old_vote AS SELECT * FROM approval_vote;
      DROP TABLE approval_vote;
      DROP TABLE approval;
      CREATE TABLE approval (
        id INTEGER PRIMARY KEY AUTOINCREMENT, rollout INTEGER REFERENCES rollout, run INTEGER, attempt INTEGER, job TEXT, environment TEXT NOT NULL,
        needed INTEGER NOT NULL, state TEXT NOT NULL, requested_at INTEGER NOT NULL, FOREIGN KEY (run, attempt, job) REFERENCES job (run, attempt, key)
      ) STRICT;
      CREATE TABLE approval_vote (
        approval INTEGER NOT NULL REFERENCES approval, actor TEXT NOT NULL, approve INTEGER NOT NULL, via TEXT NOT NULL, comment TEXT, at INTEGER NOT NULL,
        PRIMARY KEY (approval, actor)
      ) STRICT;
      INSERT INTO approval (id, rollout, environment, needed, state, requested_at)
        SELECT id, rollout, environment, needed, state, requested_at FROM old_approval;
      INSERT INTO approval_vote SELECT * FROM old_vote;
      DROP TABLE old_approval;
      DROP TABLE old_vote;
    `,
  },
  {
    // A job's approval lets the rollouts go that the job asks for: their receipts name it.
    sql: `ALTER TABLE rollout ADD COLUMN approval INTEGER REFERENCES approval`,
  },
  {
    sql: `
      CREATE TABLE watch (one INTEGER PRIMARY KEY CHECK (one = 1), spec TEXT NOT NULL, updated_at INTEGER NOT NULL) STRICT;
      CREATE TABLE session (
        token_hash TEXT PRIMARY KEY, actor TEXT NOT NULL, created_at INTEGER NOT NULL, used_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
      ) STRICT;
    `,
  },
];
