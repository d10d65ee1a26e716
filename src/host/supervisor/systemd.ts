/** The supervisor of machines that run systemd. */

import { rm } from 'node:fs/promises';

import { AntlerError, isAbort } from '../../kit/errors.ts';
import { exec } from '../../kit/exec.ts';
import { writeFileAtomic } from '../../kit/files.ts';
import { systemctl } from '../systemctl.ts';
import type { ServiceFact, ServiceState } from '../types.ts';
import { readExisting } from './read-existing.ts';
import { serviceFailed, settle } from './settle.ts';
import type { SupervisorHands } from './hands.ts';
import { isOurs, systemdFiles, unitPath } from './systemd-unit.ts';

const START_MS = 15_000;

export function createSystemd(): SupervisorHands {
  const state = async (name: string, signal: AbortSignal): Promise<ServiceState> => {
    const shown = (await show([name], signal)).get(name);
    return stateOf(shown ?? {});
  };
  const lines = async (name: string, count: number, signal: AbortSignal): Promise<readonly string[]> => {
    const argv = ['journalctl', '--no-pager', '-q', '-o', 'cat', '-n', String(count), '-u', `${name}.service`] as const;
    const { stdout } = await exec(argv, { signal, accept: [1] });
    return stdout.split('\n').filter((line) => line !== '');
  };
  const act = async (verb: 'start' | 'restart', name: string, signal: AbortSignal): Promise<void> => {
    const last = (): Promise<readonly string[]> => lines(name, 20, signal);
    try {
      await systemctl([verb, `${name}.service`], signal);
    } catch (error) {
      if (isAbort(error)) throw error;
      throw await serviceFailed({ name, lines: last }, (await state(name, signal)).text, error);
    }
    await settle({ name, signal, timeoutMs: START_MS, state: () => state(name, signal), lines: last });
  };
  return {
    kind: 'systemd',
    start: (name, signal) => act('start', name, signal),
    restart: (name, signal) => act('restart', name, signal),
    stop: async (name, signal) => void (await systemctl(['stop', `${name}.service`], signal)),
    reload: async (name, signal) => void (await systemctl(['reload', `${name}.service`], signal)),
    state,
    lines,
    async facts(services, signal) {
      const shown = await show(
        services.map(({ name }) => name),
        signal,
      );
      const facts: Record<string, ServiceFact> = {};
      for (const service of services) {
        const unit = shown.get(service.name) ?? {};
        const path = unitPath(service.name);
        const files = await readExisting([path]);
        const fragment = unit['FragmentPath'] ?? '';
        const theirs = files[path] === undefined ? fragment !== '' && fragment !== path : !isOurs(files[path]);
        const foreign = theirs ? { foreign: files[path] === undefined ? fragment : path } : {};
        facts[service.name] = { files, enabled: unit['UnitFileState'] === 'enabled', running: stateOf(unit).running, ...foreign };
      }
      return facts;
    },
    async define(services, signal) {
      for (const [path, content] of services.flatMap((service) => Object.entries(systemdFiles(service)))) {
        // readable by root alone: the environment may hold what is nobody's business
        await writeFileAtomic(path, content, { mode: 0o600 });
      }
      await systemctl(['daemon-reload'], signal);
      const units = Map.groupBy(services, ({ mode }) => (mode === 'demand' ? 'disable' : 'enable'));
      for (const [verb, group] of units) await systemctl([verb, '-q', ...group.map(({ name }) => `${name}.service`)], signal);
    },
    async forget(names, signal) {
      if (names.length === 0) return;
      const units = names.map((name) => `${name}.service`);
      // a unit that is not there any more is what is wanted
      await systemctl(['stop', ...units], signal).catch(unlessAborted);
      await systemctl(['disable', '-q', ...units], signal).catch(unlessAborted);
      for (const name of names) await rm(unitPath(name), { force: true });
      await systemctl(['daemon-reload'], signal);
      await systemctl(['reset-failed', ...units], signal).catch(unlessAborted);
    },
  };
}

type Shown = Readonly<Record<string, string>>;

/** `systemctl show` prints one block of `Key=value` lines per unit, in the order asked. */
export function parseShow(names: readonly string[], stdout: string): ReadonlyMap<string, Shown> {
  const blocks = stdout.trim().split(/\n\n+/);
  return new Map(
    names.map((name, index) => {
      const pairs = (blocks[index] ?? '').split('\n').map((line) => line.split(/=(.*)/s));
      return [name, Object.fromEntries(pairs.map(([key = '', value = '']) => [key, value]))];
    }),
  );
}

function stateOf(shown: Shown): ServiceState {
  const pid = Number(shown['MainPID'] ?? 0);
  const active = shown['ActiveState'] ?? 'unknown';
  return {
    running: active === 'active' || active === 'reloading',
    pid: pid > 0 ? pid : undefined,
    text: `${active} (${shown['SubState'] ?? '?'})`,
  };
}

async function show(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Shown>> {
  if (names.length === 0) return new Map();
  const units = names.map((name) => `${name}.service`);
  const { stdout } = await systemctl(['show', '-p', 'ActiveState,SubState,MainPID,UnitFileState,FragmentPath', ...units], signal);
  return parseShow(names, stdout);
}

function unlessAborted(error: unknown): void {
  if (isAbort(error) || !(error instanceof AntlerError)) throw error;
}
