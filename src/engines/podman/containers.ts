/** The life of containers on Podman: create, start, stop, kill, remove, list. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { AntlerError, hasCode } from '../../kit/errors.ts';
import { isAlive } from '../../kit/processes.ts';
import { sleep } from '../../kit/wait.ts';
import type { Ulimits } from '../conf.ts';
import { LABELS } from '../labels.ts';
import { exitReason } from '../reason.ts';
import type { Container, ContainerPlace, Engine, Exit } from '../types.ts';
import type { PodmanClient } from './client.ts';
import { createBody } from './create.ts';
import { readExit, wasOom } from './ends.ts';
import { toContainer } from './listed.ts';
import { createNamespaces } from './namespaces.ts';
import { isolatePort } from './ports.ts';
import { freeReservation } from './reservations.ts';
import { firstId, parseEnv } from './spawn.ts';
import type { Tracker } from './tracker.ts';
import * as wire from './wire.ts';

/** A removal right after a kill finds parts of the container busy: tried again so often, so many milliseconds apart. */
const REMOVE_TRIES = 20;
const REMOVE_EVERY = 150;
/** Milliseconds that an address may stay taken after its container's end. */
const ADDRESS_PATIENCE = 5000;
/** Milliseconds after which nobody cleans up any more. */
const CLEANUP_PATIENCE = 1000;
/** Milliseconds that a container's monitor may take to tell Podman of its end. */
const MONITOR_PATIENCE = 2000;

export interface ContainersOptions {
  readonly podman: PodmanClient;
  readonly tracker: Tracker;
  readonly instance: string;
  readonly ulimits: Ulimits;
  readonly exitsFolder: string;
}

type End = Pick<Exit, 'exitCode' | 'reason' | 'at'>;

/** Nobody was there to note how it ended: the machine went down, or its monitor was killed, too. */
const UNCLEAN: End = { exitCode: 137, reason: 'killed', at: 0 };
/** Podman counts whole seconds, and some after the end. */
const SAME_END = 5000;

interface Details {
  readonly id: string;
  readonly pid: number;
  /** Path of its network namespace; undefined where it does not run. */
  readonly namespace: string | undefined;
  readonly logPath: string;
  readonly place: ContainerPlace;
}

type ContainerVerbs = Pick<Engine, 'create' | 'start' | 'stop' | 'kill' | 'remove' | 'inspect' | 'place'> & {
  list(signal: AbortSignal, name?: string): Promise<readonly Container[]>;
  details(name: string, signal: AbortSignal): Promise<Details>;
};

export function createContainers({ podman, tracker, instance, ulimits, exitsFolder }: ContainersOptions): ContainerVerbs {
  const namespaces = createNamespaces();

  async function rawList(signal: AbortSignal, name?: string): Promise<readonly wire.Listed[]> {
    const filters = { label: [`${LABELS.instance}=${instance}`], ...(name === undefined ? {} : { name: [`^${name}$`] }) };
    const query = { all: true, filters: JSON.stringify(filters) };
    return wire.listed.array().parse((await podman.request({ method: 'GET', path: '/containers/json', query, signal })).body ?? []);
  }

  async function list(signal: AbortSignal, name?: string): Promise<readonly Container[]> {
    const items = await rawList(signal, name);
    const ends = new Map(await Promise.all(items.map(async (item) => [item.Id, await endOf(item, signal)] as const)));
    const found = items.map((item) => toContainer(item, { alive: isAlive, end: ({ Id }) => ends.get(Id) ?? UNCLEAN }));
    for (const { id, name: itsName, state } of found) {
      if (state.kind === 'running') await tracker.running({ id, name: itsName, pid: state.pid });
      else if (tracker.byId(id)?.running !== true) tracker.known(id, itsName); // its exit is about to be heard
    }
    return found;
  }

  /** Podman believes that it runs, and its process is gone: for a moment after each end, for ever after an unclean stop. */
  function isBroken({ State, Pid }: wire.Listed): boolean {
    return (State === 'running' || State === 'stopping' || State === 'paused') && (Pid === 0 || !isAlive(Pid));
  }

  async function endOf(item: wire.Listed, signal: AbortSignal, begun = performance.now()): Promise<End | undefined> {
    if (item.State === 'exited' || item.State === 'stopped') {
      const at = item.ExitedAt * 1000;
      const heard = tracker.byId(item.Id)?.lastExit;
      if (heard !== undefined && heard.exitCode === item.ExitCode && Math.abs(heard.at - at) < SAME_END) return heard;
      return { exitCode: item.ExitCode, reason: exitReason(item.ExitCode, item.ExitCode !== 0 && wasOom(item.Id, at)), at };
    }
    if (!isBroken(item)) return undefined;
    const known = tracker.byId(item.Id);
    if (known?.running === false && known.lastExit !== undefined) return known.lastExit;
    const tracked = known ?? { id: item.Id, name: item.Names[0] ?? item.Id, memory: undefined };
    const exit = readExit(exitsFolder, tracked);
    if (exit !== undefined) return exit;
    // Its process is gone and nothing is noted: a monitor that lives is about to, or it has and Podman has taken the note in by now.
    // First whether it lives, then whether it has: it may do so, and end, in between.
    const monitored = await isMonitored(item.Id, signal);
    const noted = readExit(exitsFolder, tracked);
    if (noted !== undefined) return noted;
    const [now] = await rawList(signal, tracked.name);
    if (now !== undefined && !isBroken(now)) return endOf(now, signal, begun);
    if (!monitored || performance.now() - begun > MONITOR_PATIENCE) return { ...UNCLEAN, at: item.StartedAt * 1000 };
    await sleep(20, signal);
    return endOf(now ?? item, signal, begun);
  }

  async function isMonitored(id: string, signal: AbortSignal): Promise<boolean> {
    const { status, body } = await podman.request({ method: 'GET', path: `/containers/${id}/json`, accept: [404], signal });
    return status !== 404 && isAlive(wire.inspected.parse(body).State.ConmonPid ?? 0);
  }

  async function details(name: string, signal: AbortSignal): Promise<Details> {
    const { body } = await podman.request({ method: 'GET', path: `/containers/${name}/json`, signal });
    const { Id, State, NetworkSettings, HostConfig, Config, GraphDriver } = wire.inspected.parse(body);
    return {
      id: Id,
      pid: State.Pid,
      namespace: NetworkSettings.SandboxKey || undefined,
      logPath: HostConfig.LogConfig.Path ?? '',
      place: { idBase: firstId(HostConfig.IDMappings?.UidMap), env: parseEnv(Config.Env), written: GraphDriver?.Data?.UpperDir },
    };
  }

  /**
   * Waits until Podman has cleaned up after the last life: a start before that races with the cleanup for the network. Where nobody is left to clean up
   * (the monitor was killed, too), does it in its place.
   */
  async function settle(name: string, signal: AbortSignal): Promise<wire.Listed> {
    const until = performance.now() + MONITOR_PATIENCE;
    for (;;) {
      const [item] = await rawList(signal, name);
      if (item === undefined) throw new AntlerError('engines/not-found', `Cannot start ${name} as there is no container of that name`);
      const broken = isBroken(item);
      if (!broken && item.State !== 'stopped') return item; // Podman says "exited" after the cleanup, "stopped" before it
      if (performance.now() < until) {
        await sleep(50, signal);
        continue;
      }
      if (broken) {
        await podman.request({ method: 'POST', path: `/containers/${name}/stop`, query: { timeout: 0 }, accept: [304, 409, 500], signal });
        note(item.Id);
      }
      // Takes the old network down first, which a start does not.
      await podman.request({ method: 'POST', path: `/containers/${name}/restart`, query: { t: 0, timeout: 0 }, accept: [500], signal });
      return item;
    }
  }

  /** In the monitor's place: of an end that was told already, or is about to be forgotten by a start. */
  function note(id: string): void {
    writeFileSync(join(exitsFolder, id), String(UNCLEAN.exitCode));
    const tracked = tracker.byId(id);
    const exit = tracked === undefined ? undefined : readExit(exitsFolder, tracked);
    if (exit !== undefined) tracker.ended(id, exit); // before the watcher of the folder sees it
  }

  /** A container that has just ended keeps its address until Podman has cleaned up after it. */
  async function startOnce(item: wire.Listed, name: string, signal: AbortSignal): Promise<void> {
    const begun = performance.now();
    for (;;) {
      try {
        await podman.request({ method: 'POST', path: `/containers/${name}/start`, accept: [304], signal });
        return;
      } catch (error) {
        // Podman gives no code for it, only words: CNI's, then netavark's.
        const busy = error instanceof AntlerError && /IP address .* (?:is not available|already allocated)/i.test(error.message);
        const waited = performance.now() - begun;
        if (!busy || waited > ADDRESS_PATIENCE) throw error;
        const [network, address] = [item.Networks[0], item.Labels[LABELS.address]];
        if (waited > CLEANUP_PATIENCE && network !== undefined && address !== undefined) {
          await freeReservation(podman, { network, address, id: item.Id }, signal);
        }
        await sleep(50, signal);
      }
    }
  }

  return {
    list,
    details,
    inspect: async (name, signal) => (await list(signal, name))[0],
    place: async (name, signal) => (await details(name, signal)).place,
    async create(container, signal) {
      const request = createBody(container, { instance, ulimits });
      const { body } = await podman.request({ method: 'POST', path: '/containers/create', body: request, signal });
      const id = wire.created.parse(body).Id;
      tracker.known(id, container.name);
      return id;
    },
    async start(name, signal) {
      await namespaces.ensureShared(signal);
      const item = await settle(name, signal);
      await startOnce(item, name, signal);
      const { id, pid, namespace } = await details(name, signal);
      if (pid > 0) await tracker.running({ id, name, pid });
      const address = item.Labels[LABELS.address];
      if (address !== undefined && namespace !== undefined) await namespaces.proveAlone({ address, own: namespace }, signal);
      if (item.Labels[LABELS.alone] === 'true' && namespace !== undefined) await isolatePort(namespace, signal);
    },
    async stop(name, { graceMs, signal }) {
      const timeout = Math.ceil(graceMs / 1000);
      await podman.request({ method: 'POST', path: `/containers/${name}/stop`, query: { timeout }, accept: [304], signal });
    },
    async kill(name, killSignal, signal) {
      await podman.request({ method: 'POST', path: `/containers/${name}/kill`, query: { signal: killSignal }, signal });
    },
    async remove(name, signal) {
      const { namespace } = await details(name, signal).catch((error: unknown) => {
        // `refused`: somebody else is removing it right now
        if (hasCode(error, 'engines/not-found') || hasCode(error, 'engines/refused')) return { namespace: undefined };
        throw error;
      });
      for (let tries = 1; ; tries += 1) {
        const { status } = await podman.request({
          method: 'DELETE',
          path: `/containers/${name}`,
          query: { force: true, timeout: 0, v: true },
          accept: [404, 409, 500],
          signal,
        });
        if (status < 300 || status === 404) break;
        if (tries === REMOVE_TRIES)
          throw new AntlerError('engines/refused', `Cannot remove ${name} as Podman answers ${status} again and again`);
        await sleep(REMOVE_EVERY, signal);
      }
      tracker.removed(name);
      if (namespace !== undefined) await namespaces.ensureGone(namespace, signal);
    },
  };
}
