/** Secrets (encrypted before they come here) and variables in platform.db. */

import type { DatabaseSync } from 'node:sqlite';

import type { Clock } from '../kit/clock.ts';
import { integer, text, type Row } from './rows.ts';
import type { SettingRow } from './types.ts';

/** `environment` undefined: of the whole repository. */
export type SettingKey = Pick<SettingRow, 'kind' | 'name' | 'environment'>;

export interface SettingStore {
  set(setting: Omit<SettingRow, 'updatedAt'>): SettingRow;
  /** False where there was none. */
  remove(key: SettingKey): boolean;
  /** By environment and name. */
  list(kind: SettingRow['kind']): readonly SettingRow[];
}

export function settingStore(db: DatabaseSync, clock: Clock): SettingStore {
  return {
    set(setting) {
      const updatedAt = clock.now();
      const { kind, environment, name, value, actor } = setting;
      db.prepare('INSERT OR REPLACE INTO setting (kind, environment, name, value, actor, updated_at) VALUES (?, ?, ?, ?, ?, ?)').run(
        kind,
        environment ?? '',
        name,
        value,
        actor,
        updatedAt,
      );
      return { ...setting, updatedAt };
    },
    remove: ({ kind, environment, name }) =>
      db.prepare('DELETE FROM setting WHERE kind = ? AND environment = ? AND name = ?').run(kind, environment ?? '', name).changes > 0,
    list: (kind) => db.prepare('SELECT * FROM setting WHERE kind = ? ORDER BY environment, name').all(kind).map(toSetting),
  };
}

function toSetting(row: Row): SettingRow {
  const environment = text(row, 'environment');
  return {
    kind: text(row, 'kind') as SettingRow['kind'],
    name: text(row, 'name'),
    environment: environment === '' ? undefined : environment,
    value: text(row, 'value'),
    actor: text(row, 'actor'),
    updatedAt: integer(row, 'updated_at'),
  };
}
