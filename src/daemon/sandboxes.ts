/** Wires the places of jobs: how many at once, with how much of the machine, on which network. */

import { availableParallelism, totalmem } from 'node:os';

import { createAdmission, createContainerSandboxes, createDiskWatch, jobLimits, jobReserve } from '../actions/actions.ts';
import type { Engine } from '../engines/types.ts';
import { diskFree } from '../host/host.ts';
import type { Images } from '../images/types.ts';
import { ENGINE_STORAGE, jobsNetwork, pathsOf, programPaths } from '../instance/instance.ts';
import type { Instance } from '../instance/types.ts';

/** Bytes that must stay free while jobs run: half of what must be free before one starts. */
const RUNNING_FLOOR = 512 * 1024 ** 2;

export interface PlacesOptions {
  readonly instance: Instance;
  readonly engine: Engine;
  readonly images: Images;
  readonly diskFloor: () => Promise<void>;
  readonly openEntry: Parameters<typeof createContainerSandboxes>[0]['openEntry'];
}

export function openPlaces({ instance, engine, images, diskFloor, openEntry }: PlacesOptions): ReturnType<typeof createContainerSandboxes> {
  const size = { memory: totalmem(), cores: availableParallelism() };
  const paths = pathsOf(instance.home);
  return createContainerSandboxes({
    instance: instance.id,
    engine,
    images,
    diskFloor,
    disk: createDiskWatch({ folders: [paths.jobs, ENGINE_STORAGE], floor: RUNNING_FLOOR, freeOf: diskFree }),
    openEntry,
    limits: jobLimits(size),
    // Twice the cores: most jobs wait for the network or for a rollout.
    admission: createAdmission({ slots: size.cores * 2, reserve: jobReserve(size) }),
    network: jobsNetwork(instance),
    folder: paths.jobs,
    program: programPaths(paths.program).current,
  });
}
