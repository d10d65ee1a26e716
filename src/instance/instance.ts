/** The door: home, machine ledger, address blocks, ports; up and down. */

export { createInstance, openInstance, readInstance } from './record.ts';
export { DEFAULT_HOME, instanceId, pathsOf, prefixOf, realHome, serviceNames } from './paths.ts';
export { buildNetwork, planTopology, probeNetwork, readTopology, virtualAddresses, writeTopology } from './topology.ts';
export { machineIsPublic, readSurroundings } from './surroundings.ts';
export { isShared, machineResources, networkResources, type ResourceFacts, type ResourceParts } from './resources.ts';
export { installProgram, programPaths } from './program.ts';
