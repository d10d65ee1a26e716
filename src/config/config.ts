/** The door of the config room: antler.config.ts → Spec, or every problem at once with its key path. Never touches the machine. */

import type { InitPlan } from './init.ts';

export { resolvedEnvironment, resolveService, toAppSpec } from './app.ts';
export { CONFIG_FILE, loadConfig, warmUp, type LoadedConfig } from './load.ts';
export type { InitPlan } from './init.ts';

// Both load parsers that no other command needs.

/** What `antler init` would write into a folder. Reads only. Throws `config/exists`, `config/nothing-found`. */
export async function planInit(directory: string, signal: AbortSignal): Promise<InitPlan> {
  const { propose } = await import('./init.ts');
  return propose(directory, signal);
}

/** Writes what is not there, never over anything. Throws `config/exists`. Returns the names of the files written. */
export async function writeInit(plan: InitPlan): Promise<readonly string[]> {
  const { write } = await import('./init.ts');
  return write(plan);
}
