/** The secrets and variables that jobs read: of the repository, or of one environment. Secrets lie in platform.db sealed with age; nobody but a job gets their values. */

import type { Clock } from '../kit/clock.ts';
import { AntlerError, type Problem } from '../kit/errors.ts';
import type { Platform } from '../store/store.ts';
import type { SettingRow } from '../store/types.ts';
import { seal, unseal } from './secrets-age.ts';
import { createSecretsKey } from './secrets-key.ts';
import { checkValue, settingName, type SettingKind } from './setting.ts';

export interface VaultOptions {
  readonly store: Platform['settings'];
  /** `secrets.key` in the home: mode 0600, made with the first secret. */
  readonly keyFile: string;
  readonly clock: Clock;
}

export interface Vault {
  readonly secrets: Shelf<Setting>;
  readonly variables: Shelf<Variable>;
}

export interface Setting {
  readonly name: string;
  /** Undefined: of the whole repository. */
  readonly environment: string | undefined;
  readonly actor: string;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
}

export interface Variable extends Setting {
  readonly value: string;
}

export interface SetOptions {
  readonly environment: string | undefined;
  readonly actor: string;
}

export interface Shelf<T extends Setting> {
  /** New, or in the place of the one that was there. Throws `actions/setting-name`, `actions/setting-value`, `actions/secrets-key`. */
  set(name: string, value: string, options: SetOptions): Promise<T>;
  /** By environment and name; of secrets never the value. */
  list(): readonly T[];
  /** Needs no key. Throws `actions/unknown-setting` where there is none. */
  remove(name: string, environment: string | undefined): T;
  /**
   * What a job sees: the repository's, and over them those of its environment. All of them or none:
   * throws `actions/secrets-key`, `actions/secret-damaged` (every one that cannot be opened).
   */
  open(environment: string | undefined): Promise<Readonly<Record<string, string>>>;
}

export function createVault({ store, keyFile, clock }: VaultOptions): Vault {
  const key = createSecretsKey({ file: keyFile, clock, sealed: () => store.list('secret').map((row) => placeOf(row)) });
  return Object.freeze({
    secrets: Object.freeze({
      set: async (name: string, value: string, options: SetOptions) => {
        const kept = settingName('secret', name);
        checkValue('secret', kept, value);
        return toSetting(store.set({ kind: 'secret', name: kept, value: await seal(value, await key.ensure()), ...options }));
      },
      list: () => store.list('secret').map((row) => toSetting(row)),
      remove: (name: string, environment: string | undefined) => toSetting(take(store, 'secret', { name, environment })),
      open: async (environment: string | undefined) => {
        const rows = seen(store.list('secret'), environment);
        return rows.length === 0 ? {} : openAll(rows, { identity: await key.read(), keyFile });
      },
    }),
    variables: Object.freeze({
      set: async (name: string, value: string, options: SetOptions) => {
        const kept = settingName('variable', name);
        checkValue('variable', kept, value);
        return toVariable(store.set({ kind: 'variable', name: kept, value, ...options }));
      },
      list: () => store.list('variable').map((row) => toVariable(row)),
      remove: (name: string, environment: string | undefined) => toVariable(take(store, 'variable', { name, environment })),
      open: async (environment: string | undefined) =>
        Object.fromEntries(seen(store.list('variable'), environment).map((row) => [row.name, row.value])),
    }),
  });
}

/** One row a name: the environment's wins, and what it covers is not looked at. */
function seen(rows: readonly SettingRow[], environment: string | undefined): readonly SettingRow[] {
  const own = rows.filter((row) => environment !== undefined && row.environment === environment);
  const covered = new Set(own.map((row) => row.name));
  return [...rows.filter((row) => row.environment === undefined && !covered.has(row.name)), ...own];
}

async function openAll(
  rows: readonly SettingRow[],
  { identity, keyFile }: { readonly identity: string; readonly keyFile: string },
): Promise<Readonly<Record<string, string>>> {
  const opened: [name: string, value: string][] = [];
  const problems: Problem[] = [];
  for (const row of rows) {
    const value = await unseal(row.value, identity);
    if (value !== undefined) opened.push([row.name, value]);
    else problems.push({ at: placeOf(row), message: `set by ${row.actor}`, hint: `Type \`antler secrets set ${typedPlace(row)}\`` });
  }
  if (problems.length === 0) return Object.fromEntries(opened);
  throw new AntlerError(
    'actions/secret-damaged',
    `Cannot open ${problems.map(({ at }) => at).join(', ')} as ${keyFile} does not fit: another key sealed it, or it was changed`,
    { problems },
  );
}

interface Key {
  readonly name: string;
  readonly environment: string | undefined;
}

function take(store: Platform['settings'], kind: SettingKind, key: Key): SettingRow {
  const name = settingName(kind, key.name);
  const named = store.list(kind).filter((row) => row.name === name);
  const row = named.find((each) => each.environment === key.environment);
  if (row !== undefined && store.remove(row)) return row;
  const [other] = named;
  throw new AntlerError('actions/unknown-setting', `Cannot remove the ${kind} ${placeOf({ ...key, name })} as there is none`, {
    hint: other === undefined ? `Type \`antler ${kind}s ls\`` : `There is one elsewhere: \`antler ${kind}s rm ${typedPlace(other)}\``,
  });
}

/** `TOKEN`, `TOKEN of prod`. */
function placeOf({ name, environment }: Key): string {
  return environment === undefined ? name : `${name} of ${environment}`;
}

function typedPlace({ name, environment }: Key): string {
  return environment === undefined ? name : `${name} --env ${environment}`;
}

function toSetting({ name, environment, actor, updatedAt }: SettingRow): Setting {
  return { name, environment, actor, updatedAt };
}

function toVariable(row: SettingRow): Variable {
  return { ...toSetting(row), value: row.value };
}
