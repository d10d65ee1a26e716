/** The engine in memory: keeps every promise of the interface that can be kept without a kernel, for the tests of other rooms. */

import { randomBytes } from 'node:crypto';

import { systemClock, type Clock } from '../../kit/clock.ts';
import { AntlerError } from '../../kit/errors.ts';
import { createBell } from '../bell.ts';
import { labelsOf } from '../spec.ts';
import type { Container, ContainerSpec, Engine, Exit, LogLine, LogOptions } from '../types.ts';
import { execInMemory } from './exec.ts';
import { createLives } from './lives.ts';
import { spawnInMemory } from './spawn.ts';
import { createMemoryMachine, type MemoryBehaviour, type MemoryContainer, type MemoryMachine, type MemoryNews } from './machine.ts';

/** Where the ranges of `userns: auto` begin, and how many ids each has. */
const AUTO_IDS = 1_073_741_824;
const IDS = 65_536;

export interface MemoryOptions {
  readonly instance: string;
  /** By image, command or name: what a container's process does. */
  readonly behave?: (spec: ContainerSpec) => MemoryBehaviour;
  /** Which references can be pulled; all by default. */
  readonly pullable?: (reference: string) => boolean;
  /** Shared with other engines; one of its own by default. */
  readonly machine?: MemoryMachine;
  readonly clock?: Clock;
}

export function createMemoryEngine(options: MemoryOptions): Engine {
  const { instance, behave = () => ({}), pullable = () => true, machine = createMemoryMachine(), clock = systemClock } = options;
  const lives = createLives({ machine, behave, clock });
  const mine = (): MemoryContainer[] => [...machine.containers.values()].filter((item) => item.instance === instance);

  function find(name: string): MemoryContainer {
    const found = machine.containers.get(name);
    if (found === undefined) throw new AntlerError('engines/not-found', `Cannot find the container ${name} as there is none of that name`);
    return found;
  }

  async function* news(signal: AbortSignal): AsyncGenerator<MemoryNews, void, void> {
    const bell = createBell();
    const heard: MemoryNews[] = [];
    const listen = (item: MemoryNews): void => {
      heard.push(item);
      bell.ring();
    };
    machine.listeners.add(listen);
    try {
      while (!signal.aborted) {
        yield* heard.splice(0);
        if (heard.length === 0) await bell.wait(signal);
      }
    } finally {
      machine.listeners.delete(listen);
    }
  }

  return {
    name: 'memory',
    info: async () => ({ version: '1', runtime: 'memory', cgroups: 'none', networkBackend: 'memory' }),
    async ensureNetwork(network) {
      const found = machine.networks.get(network.name);
      if (found !== undefined && found.instance !== instance) {
        throw new AntlerError('engines/refused', `Cannot make the network ${network.name} as another of that name is not ours`);
      }
      machine.networks.set(network.name, { ...network, instance });
    },
    networks: async () =>
      [...machine.networks.values()].filter((item) => item.instance === instance).map(({ name, subnet }) => ({ name, subnet })),
    async removeNetwork(name) {
      machine.networks.delete(name);
    },
    async pull(reference) {
      if (machine.images.has(reference)) return;
      if (!pullable(reference)) throw new AntlerError('engines/pull-failed', `Cannot pull ${reference} as no registry has it`);
      machine.images.add(reference);
    },
    hasImage: async (reference) => machine.images.has(reference),
    async removeImage(reference) {
      machine.images.delete(reference);
    },
    async create(spec) {
      if (machine.containers.has(spec.name)) throw new AntlerError('engines/refused', `Cannot create ${spec.name} as the name is taken`);
      if (!machine.images.has(spec.image))
        throw new AntlerError('engines/not-found', `Cannot create ${spec.name} as ${spec.image} is not there`);
      if (!machine.networks.has(spec.network)) {
        throw new AntlerError('engines/not-found', `Cannot create ${spec.name} as there is no network ${spec.network}`);
      }
      const id = randomBytes(32).toString('hex');
      const idBase = spec.userns === 'auto' ? freeRange(machine) : spec.idBase;
      const fresh = { idBase, state: { kind: 'created' } as const, logs: [], oomKills: 0, life: new AbortController() };
      machine.containers.set(spec.name, { id, spec, instance, labels: labelsOf(spec, instance), ...fresh });
      return id;
    },
    start: async (name) => lives.start(find(name)),
    stop: async (name, { graceMs, signal }) => lives.stop(find(name), { graceMs, signal }),
    kill: async (name, killSignal) => lives.kill(find(name), killSignal),
    async remove(name) {
      const found = machine.containers.get(name);
      if (found === undefined) return;
      lives.kill(found, 'SIGKILL', { evenIfStill: true });
      machine.containers.delete(name);
      for (const listener of machine.listeners) listener({ kind: 'removed', name });
    },
    list: async () => mine().map((item) => toContainer(item)),
    inspect: async (name) =>
      mine()
        .filter(({ spec }) => spec.name === name)
        .map((item) => toContainer(item))[0],
    async *logs(name, logOptions) {
      yield* readLogs(find(name), logOptions, news);
    },
    async *exec(name, execOptions) {
      const { state } = find(name);
      if (state.kind !== 'running') throw new AntlerError('engines/exec-failed', `Cannot run a command in ${name} as it is ${state.kind}`);
      yield* execInMemory(execOptions);
    },
    async spawn(name, spawnOptions) {
      const { state, life } = find(name);
      if (state.kind !== 'running') throw new AntlerError('engines/exec-failed', `Cannot run a command in ${name} as it is ${state.kind}`);
      return spawnInMemory(spawnOptions, life.signal);
    },
    place: async (name) => ({ idBase: find(name).idBase, env: find(name).spec.env, written: undefined }),
    async *exits(signal): AsyncGenerator<Exit, void, void> {
      for await (const item of news(signal)) if (item.kind === 'exit' && item.instance === instance) yield item.exit;
    },
    async memory(name) {
      const { state, spec, oomKills } = find(name);
      return state.kind === 'running' ? { bytes: Math.min(1024 * 1024, spec.memory), limit: spec.memory, oomKills } : undefined;
    },
    async ensureVolume(name) {
      machine.volumes.set(name, instance);
    },
    volumes: async () => [...machine.volumes].filter(([, owner]) => owner === instance).map(([name]) => name),
    async removeVolume(name) {
      machine.volumes.delete(name);
    },
    async [Symbol.asyncDispose]() {
      for (const { life } of mine()) life.abort();
    },
  };
}

async function* readLogs(
  container: MemoryContainer,
  { follow, tail, signal }: LogOptions,
  news: (signal: AbortSignal) => AsyncIterable<MemoryNews>,
): AsyncGenerator<LogLine, void, void> {
  const { name } = container.spec;
  let told = tail === undefined ? 0 : Math.max(0, container.logs.length - tail);
  for (; told < container.logs.length; told += 1) yield container.logs[told] as LogLine;
  if (!follow) return;
  for await (const item of news(signal)) {
    if (item.kind === 'exit' || item.name !== name) continue;
    for (; told < container.logs.length; told += 1) yield container.logs[told] as LogLine;
    if (item.kind === 'removed') return;
  }
}

function freeRange({ containers }: MemoryMachine): number {
  const taken = new Set([...containers.values()].map(({ idBase }) => idBase));
  let start = AUTO_IDS;
  while (taken.has(start)) start += IDS;
  return start;
}

function toContainer({ id, spec, labels, state }: MemoryContainer): Container {
  return { id, name: spec.name, image: spec.image, labels, address: spec.address, state };
}
