/** The door of the config room: antler.config.ts → Spec, or every problem at once with its key path. Never touches the machine. */

export { findConfig, loadConfig, type LoadedConfig } from './load.ts';
export { findEnvironment, type ResolvedEnvironment, resolvedEnvironment, resolveService, toAppSpec } from './resolve.ts';
