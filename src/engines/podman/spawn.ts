/** A command in a container by the runtime's own `exec`, as Podman would call it: half the time, its streams are pipes of ours, and its end does not wait for what it left running. */

import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { AntlerError } from '../../kit/errors.ts';
import { familyFinder, killAll, sendSignal } from '../../kit/processes.ts';
import type { SpawnedIn, SpawnInOptions } from '../types.ts';
import type { PodmanClient } from './client.ts';
import { closeWriters, type PipeStock } from './pipes.ts';
import { pump } from './pump.ts';
import * as wire from './wire.ts';

/** What of a container a command in it needs, constant for its life. */
export interface Place {
  readonly id: string;
  /** `runc`, `crun`: as the container was made with. */
  readonly runtime: string;
  /** First host id; 0 where nothing is mapped. */
  readonly idBase: number;
  /** The container's own process as its OCI config has it: user, capabilities, limits, label. */
  readonly process: Readonly<Record<string, unknown>>;
}

/** The runtime gives these to the command as they are; its own three streams it would copy, and wait for whoever holds them. */
const REDIRECT = 'exec "$@" >&3 2>&4 3>&- 4>&-';

export async function readPlace(podman: PodmanClient, name: string, signal: AbortSignal): Promise<Place> {
  const { body } = await podman.request({ method: 'GET', path: `/containers/${name}/json`, signal });
  const { Id, OCIRuntime, OCIConfigPath, HostConfig } = wire.inspected.parse(body);
  const text = await readFile(OCIConfigPath ?? '', 'utf8').catch(() => undefined);
  if (text === undefined) throw new AntlerError('engines/exec-failed', `Cannot run a command in ${name} as it was never started`);
  const { process: own } = wire.ociConfig.parse(JSON.parse(text));
  return { id: Id, runtime: OCIRuntime ?? 'runc', idBase: firstId(HostConfig.IDMappings?.UidMap) ?? 0, process: own };
}

/** Asked for once in a container's life. */
export function createPlaces(podman: PodmanClient): Places {
  const known = new Map<string, Place>();
  return {
    async of(name, signal) {
      const place = known.get(name) ?? (await readPlace(podman, name, signal));
      known.set(name, place);
      return place;
    },
    forget: (name) => void known.delete(name),
  };
}

export interface Places {
  of(name: string, signal: AbortSignal): Promise<Place>;
  forget(name: string): void;
}

/** Of `0:1073741824:65536`. */
export function firstId(map: readonly string[] | null | undefined): number | undefined {
  const line = map?.find((text) => text.startsWith('0:'));
  return line === undefined ? undefined : Number(line.split(':')[1]);
}

/** Of `NAME=value` lines. */
export function parseEnv(lines: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

export async function spawnIn(place: Place, stock: PipeStock, options: SpawnInOptions): Promise<SpawnedIn> {
  const { argv, cwd, onOutput } = options;
  options.signal.throwIfAborted();
  const folder = await stock.folder();
  const key = randomUUID();
  const pidFile = join(folder, `${key}.pid`);
  const pipes = await stock.take(options.together === true ? 1 : 2, place.idBase);
  const spec = openSpec(join(folder, `${key}.json`), {
    ...place.process,
    terminal: false,
    args: ['/bin/sh', '-c', REDIRECT, 'sh', ...argv],
    env: Object.entries(options.env).map(([key, value]) => `${key}=${value}`),
    cwd,
  });
  const args = ['exec', '--process', '/proc/self/fd/5', '--pid-file', pidFile, '--preserve-fds', '2', place.id];
  const [out, err = out] = pipes.map(({ writer }) => writer);
  // Nothing of our environment: with XDG_RUNTIME_DIR, which a login has, crun would look for its containers in another folder than under Podman.
  const env = { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin' };
  const child = spawn(place.runtime, args, { stdio: ['ignore', 'ignore', 'pipe', out, err, spec], cwd: '/', env });
  closeWriters(pipes);
  closeSync(spec);
  const told = pipes.map(({ reader }, index) => pump(reader, (bytes) => onOutput(bytes, index === 0 ? 'stdout' : 'stderr')));
  const life = { ended: false };

  const exit = (async (): Promise<number> => {
    try {
      const exitCode = await runtimeExit(child);
      life.ended = true;
      await Promise.all(told.map((each) => each.finish()));
      return exitCode;
    } finally {
      life.ended = true;
      await rm(pidFile, { force: true });
    }
  })();
  exit.catch(() => undefined); // whoever waits for it hears of it

  /** The process group's number on the machine; the runtime writes it when the command has started. */
  const leader = async (): Promise<number | undefined> => {
    while (!life.ended) {
      const pid = readPid(pidFile);
      if (pid !== undefined) return pid;
      await delay(5);
    }
    return undefined;
  };
  return {
    exit,
    kill(killSignal) {
      void leader().then((pid) => (pid === undefined || life.ended ? undefined : sendSignal(-pid, killSignal)));
    },
    async killTree() {
      const pid = await leader();
      if (pid !== undefined) await killAll(familyFinder(pid), AbortSignal.timeout(10_000));
    },
  };
}

/** An open file without a name: it carries secrets, and nothing of it is left whatever happens to us. */
function openSpec(path: string, spec: unknown): number {
  writeFileSync(path, JSON.stringify(spec), { mode: 0o600 });
  const descriptor = openSync(path, 'r');
  unlinkSync(path);
  return descriptor;
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** The command's exit code; what the runtime itself says is an error of ours. */
async function runtimeExit(child: ChildProcess): Promise<number> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < 10_000) said += text;
  });
  const [code] = (await once(child, 'close').catch((error: unknown) => {
    throw new AntlerError('engines/exec-failed', 'Cannot run a command as the container’s runtime cannot be started', { cause: error });
  })) as [number | null];
  if (said.trim() === '' && code !== null) return code;
  throw new AntlerError('engines/exec-failed', `Cannot run the command as the container's runtime said: ${lastLine(said)}`);
}

/** `time="…" level=error msg="exec failed: …"` → what it says. */
function lastLine(said: string): string {
  const line = said.trim().split('\n').at(-1) ?? '';
  return /msg="(.*)"$/.exec(line)?.[1] ?? (line === '' ? 'nothing, and was killed' : line);
}
