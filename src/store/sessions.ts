/** Signed-in browsers: by a hash of the token, so that who reads the file cannot sign in with it. */

import type { DatabaseSync } from 'node:sqlite';

import { integer, text } from './rows.ts';
import type { SessionRow } from './types.ts';

export interface SessionStore {
  add(session: SessionRow): void;
  /** Undefined where it is not there, or has ended by `now`. */
  get(tokenHash: string, now: number): SessionRow | undefined;
  touch(tokenHash: string, usedAt: number): void;
  remove(tokenHash: string): void;
  /** Those that have ended. */
  sweep(now: number): void;
}

export function sessionStore(db: DatabaseSync): SessionStore {
  return {
    add({ tokenHash, actor, createdAt, usedAt, expiresAt }) {
      db.prepare('INSERT INTO session (token_hash, actor, created_at, used_at, expires_at) VALUES (?, ?, ?, ?, ?)').run(
        tokenHash,
        actor,
        createdAt,
        usedAt,
        expiresAt,
      );
    },
    get(tokenHash, now) {
      const row = db.prepare('SELECT * FROM session WHERE token_hash = ? AND expires_at > ?').get(tokenHash, now);
      if (row === undefined) return undefined;
      return {
        tokenHash: text(row, 'token_hash'),
        actor: text(row, 'actor'),
        createdAt: integer(row, 'created_at'),
        usedAt: integer(row, 'used_at'),
        expiresAt: integer(row, 'expires_at'),
      };
    },
    touch: (tokenHash, usedAt) => void db.prepare('UPDATE session SET used_at = ? WHERE token_hash = ?').run(usedAt, tokenHash),
    remove: (tokenHash) => void db.prepare('DELETE FROM session WHERE token_hash = ?').run(tokenHash),
    sweep: (now) => void db.prepare('DELETE FROM session WHERE expires_at <= ?').run(now),
  };
}
