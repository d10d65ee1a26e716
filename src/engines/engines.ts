/** The engines' door: what runs containers, who starts again what died, and what the machine must be told for it. */

export { containersConf, engineService, type EngineServicePaths } from './conf.ts';
export { readEngineFacts, type EngineFacts } from './facts.ts';
export { createKeeper, type Keeper, type KeeperOptions, type KeeperVerdict } from './keeper.ts';
export { LABELS } from './labels.ts';
export { createMemoryMachine, type MemoryBehaviour, type MemoryMachine } from './memory/machine.ts';
export { createMemoryEngine, type MemoryOptions } from './memory/memory.ts';
export { planContainers, type Change, type WantedContainer } from './plan.ts';
export { createPodman, type PodmanOptions } from './podman/podman.ts';
export { restartDecision, type RestartDecision } from './restart.ts';
export { specDigest } from './spec.ts';
