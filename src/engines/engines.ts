/** The engines' door: what runs containers, who starts again what died, and what the machine must be told for it. */

export { isEngineAbsent } from './absent.ts';
export { containersConf, engineService } from './conf.ts';
export { readEngineFacts, type EngineFacts } from './facts.ts';
export { createKeeper, type Keeper, type KeeperVerdict } from './keeper.ts';
export { LABELS } from './labels.ts';
export { createMemoryEngine } from './memory/memory.ts';
export { planContainers, type Change, type WantedContainer } from './plan.ts';
export { createPodman } from './podman/podman.ts';
