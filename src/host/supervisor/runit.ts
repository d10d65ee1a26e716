/** The supervisor of machines without systemd: one runsvdir per instance, from Debian's runit. */

import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';

import { errnoOf } from '../../kit/errors.ts';
import { exec } from '../../kit/exec.ts';
import { writeFileAtomic } from '../../kit/files.ts';
import { poll } from '../../kit/wait.ts';
import type { ServiceFact, ServiceResource, ServiceState, SupervisorPlace } from '../types.ts';
import { runsvdirPidPath, runsvdirStarter, runsvdirWords } from './boot.ts';
import { readExisting } from './read-existing.ts';
import { logDir, reloadPath, runitFiles, serviceDir } from './runit-service.ts';
import { settle } from './settle.ts';
import type { SupervisorHands } from './hands.ts';

const START_MS = 5000;
const START_ONCE_MS = 30_000; // it counts as started when its command has ended
const OPTIONAL = ['down', 'check', 'control/d', 'control/x', 'reload']; // of a folder that a definition may lack

export function createRunit(place: SupervisorPlace): SupervisorHands {
  const dirOf = (name: string): string => serviceDir(place, name);
  const sv = async (args: readonly string[], signal: AbortSignal): Promise<string> => {
    const { stdout, stderr } = await exec(['sv', ...args], { signal, accept: Array.from({ length: 100 }, (_, index) => index) });
    return stdout + stderr;
  };
  const isOnce = (name: string): Promise<boolean> => exists(join(dirOf(name), 'check'));
  const isOnDemand = (name: string): Promise<boolean> => exists(join(dirOf(name), 'down'));
  const state = async (name: string, signal: AbortSignal): Promise<ServiceState> => {
    const seen = parseStatus(await sv(['status', dirOf(name)], signal));
    const ran = !(await isOnce(name)) || (await exists(join(dirOf(name), 'ran')));
    return { ...seen, running: seen.running && ran };
  };
  const lines = async (name: string, count: number): Promise<readonly string[]> => {
    const path = join(logDir(place, name), 'current');
    const text = (await readExisting([path]))[path] ?? '';
    return text
      .split('\n')
      .filter((line) => line !== '')
      .slice(-count);
  };
  const settled = async (name: string, signal: AbortSignal): Promise<void> => {
    const timeoutMs = (await isOnce(name)) ? START_ONCE_MS : START_MS;
    await settle({ name, signal, timeoutMs, state: () => state(name, signal), lines: () => lines(name, 20) });
  };
  const hands: SupervisorHands = {
    kind: 'runit',
    async start(name, signal) {
      await ensureRunsvdir(place, signal);
      await adopted(dirOf(name), signal);
      // what is up is started again at each end, and what ends itself when idle would never sleep
      await sv([(await isOnDemand(name)) ? 'once' : 'up', dirOf(name)], signal);
      await settled(name, signal);
    },
    async stop(name, signal) {
      await sv(['-w', '120', 'force-stop', dirOf(name)], signal);
    },
    async restart(name, signal) {
      await hands.stop(name, signal); // down and up, so that what runs at a stop does run
      await hands.start(name, signal);
    },
    async reload(name, signal) {
      const script = reloadPath(place, name);
      const own = (await readExisting([script]))[script] !== undefined;
      if (own) await exec([script], { signal });
      else await sv(['hup', dirOf(name)], signal);
    },
    state,
    lines,
    async facts(services, signal) {
      const facts: Record<string, ServiceFact> = {};
      for (const service of services) {
        const dir = dirOf(service.name);
        const paths = new Set([...Object.keys(runitFiles(service, place)), ...OPTIONAL.map((file) => join(dir, file))]);
        const files = await readExisting([...paths]);
        const running = Object.keys(files).length > 0 && (await hasSv()) && (await state(service.name, signal)).running;
        facts[service.name] = { files, enabled: files[join(dir, 'run')] !== undefined && files[join(dir, 'down')] === undefined, running };
      }
      return facts;
    },
    async define(services) {
      for (const service of services) await writeFolder(service, place);
    },
    async forget(names, signal) {
      const gone: string[] = [];
      for (const name of names) {
        const aside = join(place.servicesDir, `.gone-${name}`);
        await rm(aside, { recursive: true, force: true });
        if (await exists(dirOf(name))) {
          await rename(dirOf(name), aside); // else runsvdir would start it again
          gone.push(aside);
        }
      }
      if (gone.length > 0 && (await hasSv())) await sv(['-w', '60', 'force-shutdown', ...gone], signal);
      for (const dir of gone) await rm(dir, { recursive: true, force: true });
      for (const name of names) await rm(logDir(place, name), { recursive: true, force: true });
      if (!(await hasServices(place))) await stopRunsvdir(place);
    },
  };
  return hands;
}

async function writeFolder(service: ServiceResource, place: SupervisorPlace): Promise<void> {
  const dir = serviceDir(place, service.name);
  const files = runitFiles(service, place);
  const fresh = !(await exists(join(dir, 'run')));
  // made beside (runsvdir skips names with a dot), so that a half-written folder never runs
  const target = fresh ? join(place.servicesDir, `.new-${service.name}`) : dir;
  if (fresh) await rm(target, { recursive: true, force: true });
  for (const [path, content] of Object.entries(files)) {
    const plain = path.endsWith('/down') || path.endsWith('/config');
    await writeFileAtomic(path.replace(dir, target), content, { mode: plain ? 0o600 : 0o700 });
  }
  for (const file of OPTIONAL) if (files[join(dir, file)] === undefined) await rm(join(target, file), { force: true });
  if (fresh) await rename(target, dir);
}

/** `run: /path: (pid 123) 45s; run: log: (pid 124) 45s`. */
export function parseStatus(text: string): ServiceState {
  const own = text.split('; ')[0]?.trim() ?? '';
  const pid = /\(pid (\d+)\)/.exec(own)?.[1];
  const [, kind = 'down', rest = own] = /^(run|down|finish|warning|fail): [^:]*: (.*)$/s.exec(own) ?? [];
  return { running: kind === 'run', pid: kind === 'run' && pid !== undefined ? Number(pid) : undefined, text: `${kind}: ${rest}` };
}

/** Starts the instance's runsvdir where it does not run. */
async function ensureRunsvdir(place: SupervisorPlace, signal: AbortSignal): Promise<void> {
  if ((await runsvdirPid(place)) !== undefined) return;
  await mkdir(place.servicesDir, { recursive: true });
  await exec(runsvdirStarter(place), { signal, cwd: '/' });
  await poll(() => runsvdirPid(place), { signal, timeoutMs: 5000, everyMs: 20, what: 'runsvdir' });
}

async function runsvdirPid(place: SupervisorPlace): Promise<number | undefined> {
  const path = runsvdirPidPath(place);
  const pid = Number((await readExisting([path]))[path] ?? 0);
  if (pid > 0 && (await isRunsvdir(pid, place))) return pid;
  // a pid file outlives its process, and a process its pid file
  for (const entry of await readdir('/proc')) if (/^\d+$/.test(entry) && (await isRunsvdir(Number(entry), place))) return Number(entry);
  return undefined;
}

async function isRunsvdir(pid: number, place: SupervisorPlace): Promise<boolean> {
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // ended meanwhile
  return words === `${runsvdirWords(place).join('\0')}\0`;
}

async function stopRunsvdir(place: SupervisorPlace): Promise<void> {
  const pid = await runsvdirPid(place);
  if (pid !== undefined) process.kill(pid, 'SIGHUP'); // ends its runsv processes, then itself
  await rm(runsvdirPidPath(place), { force: true });
}

async function hasServices(place: SupervisorPlace): Promise<boolean> {
  const names = await readdir(place.servicesDir).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  return names.some((name) => !name.startsWith('.'));
}

/** runsvdir looks for new folders every five seconds. */
async function adopted(dir: string, signal: AbortSignal): Promise<void> {
  const seen = async (): Promise<true | undefined> => ((await runsvAlive(dir)) ? true : undefined);
  await poll(seen, { signal, timeoutMs: 12_000, everyMs: 50, what: `runsv of ${dir}` });
}

/** The fifo `supervise/ok` has a reader exactly while runsv lives. */
async function runsvAlive(dir: string): Promise<boolean> {
  try {
    await using _fifo = await open(join(dir, 'supervise/ok'), constants.O_WRONLY | constants.O_NONBLOCK);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENXIO' || errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Before the package is there, nothing runs. */
async function hasSv(): Promise<boolean> {
  return exists('/usr/bin/sv');
}
