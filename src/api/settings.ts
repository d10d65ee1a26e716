/** Secrets and variables over the API: set, listed, removed; of a secret the value only ever goes in. */

import type { Vault } from '../actions/actions.ts';
import type { Setting } from '../contract/settings.ts';
import { isoTime } from '../kit/clock.ts';
import type { Call, Handlers } from './types.ts';

type SettingEndpoint = 'secrets' | 'setSecret' | 'removeSecret' | 'variables' | 'setVariable' | 'removeVariable';

type ShelfEntry = ReturnType<Vault['secrets']['list']>[number];
type Shelf<T> = { readonly list: () => readonly T[]; readonly remove: (name: string, environment: string | undefined) => T };

/** `checkEnvironment` throws where the config has no such environment. What is set for one that is gone can still be removed. */
export function settingHandlers(vault: Vault, checkEnvironment: (name: string) => void): Pick<Handlers, SettingEndpoint> {
  const place = async (call: Call<'setSecret'> | Call<'setVariable'>) => {
    const { environment } = call.body;
    if (environment !== undefined) checkEnvironment(environment);
    return { environment, actor: await call.actor() };
  };
  const remove = <T extends ShelfEntry>(shelf: Shelf<T>, call: Call<'removeSecret'> | Call<'removeVariable'>): T => {
    const { environment } = call.query;
    if (environment !== undefined && !shelf.list().some((each) => each.environment === environment)) checkEnvironment(environment);
    return shelf.remove(call.params.name, environment);
  };
  return {
    secrets: async () => ({ secrets: vault.secrets.list().map((each) => toSetting(each)) }),
    setSecret: async (call) => toSetting(await vault.secrets.set(call.params.name, call.body.value, await place(call))),
    removeSecret: async (call) => toSetting(remove(vault.secrets, call)),
    variables: async () => ({ variables: vault.variables.list().map((each) => ({ ...toSetting(each), value: each.value })) }),
    setVariable: async (call) => {
      const set = await vault.variables.set(call.params.name, call.body.value, await place(call));
      return { ...toSetting(set), value: set.value };
    },
    removeVariable: async (call) => {
      const removed = remove(vault.variables, call);
      return { ...toSetting(removed), value: removed.value };
    },
  };
}

/** By name, so that a field that the vault has more never gets out. */
function toSetting({ name, environment, updatedAt, actor }: ShelfEntry): Setting {
  return { name, environment: environment ?? null, updatedAt: isoTime(updatedAt), actor };
}
