/** The engines' door: what runs containers, who starts again what died, and what the machine must be told for it. */

export { containersConf, engineService } from './conf.ts';
export { readEngineFacts, type EngineFacts } from './facts.ts';
export { LABELS } from './labels.ts';
export { createPodman, type PodmanOptions } from './podman/podman.ts';
export { specDigest } from './spec.ts';
