/** Podman behind the Engine interface: libpod's API on the instance's own socket. */

import { ulimitsOf } from '../conf.ts';
import type { EngineFacts } from '../facts.ts';
import type { Engine, EngineInfo, MemoryUse } from '../types.ts';
import { readMemory } from './cgroup.ts';
import { createClient } from './client.ts';
import { createContainers } from './containers.ts';
import { execIn } from './exec.ts';
import { hearExits } from './exits.ts';
import { hasImage, pull, removeImage } from './images.ts';
import { readLog } from './logs.ts';
import { ensureNetwork, listNetworks, removeNetwork } from './networks.ts';
import { createPipeStock } from './pipes.ts';
import { createPlaces, spawnIn } from './spawn.ts';
import { createTracker } from './tracker.ts';
import { ensureVolume, listVolumes, removeVolume } from './volumes.ts';
import * as wire from './wire.ts';

export interface PodmanOptions {
  /** The instance's id: only what carries its label is seen. */
  readonly instance: string;
  /** Path of the unix socket of the instance's own `podman system service`. */
  readonly socket: string;
  /** Starts that service; called when nobody listens on the socket. */
  readonly wake: (signal: AbortSignal) => Promise<void>;
  /** From `readEngineFacts()`. */
  readonly facts: EngineFacts;
  /** Where conmon leaves exit codes; `/run/libpod/exits` by default. */
  readonly exitsFolder?: string;
}

export function createPodman(options: PodmanOptions): Engine {
  const { instance } = options;
  const exitsFolder = options.exitsFolder ?? '/run/libpod/exits';
  const podman = createClient(options);
  const tracker = createTracker();
  const containers = createContainers({ podman, tracker, instance, ulimits: ulimitsOf(options.facts), exitsFolder });

  const places = createPlaces(podman);
  const pipes = createPipeStock();

  return {
    name: 'podman',
    async info(signal): Promise<EngineInfo> {
      const { host, version } = wire.info.parse((await podman.request({ method: 'GET', path: '/info', signal })).body);
      const cgroups = host.cgroupVersion === 'v1' || host.cgroupVersion === 'v2' ? host.cgroupVersion : 'none';
      return { version: version.Version, runtime: host.ociRuntime.name, cgroups, networkBackend: host.networkBackend ?? 'cni' };
    },
    ensureNetwork: (network, signal) => ensureNetwork(podman, { ...network, instance }, signal),
    networks: (signal) => listNetworks(podman, instance, signal),
    removeNetwork: (name, signal) => removeNetwork(podman, name, signal),
    pull: (reference, signal) => pull(podman, reference, signal),
    hasImage: (reference, signal) => hasImage(podman, reference, signal),
    removeImage: (reference, signal) => removeImage(podman, reference, signal),
    ...containers,
    async *logs(name, logOptions) {
      const { logPath } = await containers.details(name, logOptions.signal);
      yield* readLog(logPath, logOptions);
    },
    exec: (name, execOptions) => execIn(podman, name, execOptions),
    spawn: async (name, spawnOptions) => spawnIn(await places.of(name, spawnOptions.signal), pipes, spawnOptions),
    async remove(name, signal) {
      places.forget(name);
      await containers.remove(name, signal);
    },
    exits: (signal) => hearExits({ folder: exitsFolder, tracker, list: (until) => containers.list(until), signal }),
    async memory(name, signal): Promise<MemoryUse | undefined> {
      const known = tracker.byName(name);
      const use = known?.running === true && known.memory !== undefined ? await readMemory(known.memory) : undefined;
      if (use !== undefined) return use;
      await containers.inspect(name, signal); // started by hand, or before us
      const folder = tracker.byName(name)?.memory;
      return folder === undefined ? undefined : readMemory(folder);
    },
    ensureVolume: (name, signal) => ensureVolume(podman, { name, instance }, signal),
    volumes: (signal) => listVolumes(podman, instance, signal),
    removeVolume: (name, signal) => removeVolume(podman, name, signal),
    [Symbol.asyncDispose]() {
      pipes[Symbol.dispose]();
      return podman[Symbol.asyncDispose]();
    },
  };
}
