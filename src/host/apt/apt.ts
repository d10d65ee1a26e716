/** Debian packages: what is installed, and installing what is missing in one transaction. */

import { readdir, stat } from 'node:fs/promises';

import { AntlerError, hasCode, isAbort } from '../../kit/errors.ts';
import { exec, type ExecResult } from '../../kit/exec.ts';
import type { HostOptions } from '../context.ts';
import type { PackageFact } from '../types.ts';
import { FREE_SUGGESTED, forgetGone, noteBrought, readBrought, removedIn } from './brought.ts';
import { waitForDpkg } from './lock.ts';
import { giveBack, machinePlace, maskFirst, type AptHook } from './mask-first.ts';
import { couldNotFetch, parseInstalled, parsePolicy, wasInterrupted } from './parse.ts';
import { denyServiceStarts, repairPolicy } from './policy.ts';
import { disableUnits, maskedUnits, readUnits, unitsBrought, unmaskGone } from './units.ts';

const LISTS = '/var/lib/apt/lists';
const LISTS_OLD_MS = 7 * 24 * 3600 * 1000;

/** Versions that are installed, and for the others what apt would install. */
export async function readPackages(names: readonly string[], options: HostOptions): Promise<Readonly<Record<string, PackageFact>>> {
  if (names.length === 0) return {};
  for (const name of names) checkName(name);
  const installed = await readInstalled(names, options.signal);
  const missing = names.filter((name) => !installed.has(name));
  const candidates = await readCandidates(missing, options);
  return Object.fromEntries(
    names.map((name) => [name, { installed: installed.get(name) ?? null, candidate: candidates.get(name) ?? null }]),
  );
}

/** Installs all of them at once. Throws `host/apt-unreachable`, `host/apt-failed`, `host/dpkg-locked`. */
export async function installPackages(names: readonly string[], options: HostOptions): Promise<void> {
  const { signal } = options;
  await waitForDpkg(options);
  const repaired = await repairPolicy();
  if (repaired) options.onLine?.('put back the policy-rc.d that an interrupted installation left');
  let updated = false;
  if ((await listsAreOld()) || (await unknownOf(names, options)).length > 0) {
    updated = true;
    await update(names, options);
  }
  const [before, known] = [await readUnits(signal), await readInstalled([], signal)];
  const place = machinePlace();
  const hook = maskFirst(place);
  {
    await using _quiet = await denyServiceStarts();
    await install(names, options, hook).catch(async (error: unknown) => {
      // the mirror moved on: the lists name files that are gone
      if (updated || !hasCode(error, 'host/apt-unreachable')) throw error;
      await update(names, options);
      await install(names, options, hook);
    });
  }
  await noteBrought(known, await readInstalled([], signal));
  await giveBack('installed', place, signal);
  await disableUnits(unitsBrought(before, await readUnits(signal)), signal); // what turns itself on in a way of its own
}

/** Takes packages away that we installed, with their configuration, with what only they needed, and with the masks of their units. */
export async function purgePackages(asked: readonly string[], options: HostOptions): Promise<void> {
  if (asked.length === 0) return;
  await waitForDpkg(options);
  const facts = await readPackages(asked, options);
  const names = asked.filter((name) => facts[name]?.installed !== null);
  const masked = names.length === 0 ? [] : await maskedUnits();
  if (names.length > 0) {
    await using _quiet = await denyServiceStarts();
    await apt(['purge', '--autoremove', ...names], options);
    await purgeBrought(options);
  }
  await unmaskGone(masked, options.signal);
  await giveBack('purged', machinePlace(), options.signal);
}

/** What came with ours and is needed no more, though something may suggest it. Nobody else's goes with it. */
async function purgeBrought(options: HostOptions): Promise<void> {
  const noted = await readBrought();
  const free = removedIn((await apt(['autoremove', '--simulate', ...FREE_SUGGESTED], options)).stdout).filter((name) => noted.has(name));
  const gone = free.length === 0 ? [] : removedIn((await apt(['purge', '--simulate', ...free], options)).stdout);
  if (gone.length > 0 && gone.every((name) => noted.has(name))) await apt(['purge', ...free], options);
  await forgetGone(await readInstalled([], options.signal));
}

/** Versions by name; of all packages where none is named. */
async function readInstalled(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const format = '${Package}\t${Version}\t${db:Status-Status}\n';
  return parseInstalled((await exec(['dpkg-query', '-W', '-f', format, ...names], { signal, accept: [1] })).stdout);
}

async function update(names: readonly string[], options: HostOptions): Promise<void> {
  try {
    await apt(['update', '-o', 'APT::Update::Error-Mode=any'], options);
  } catch (error) {
    // one broken source of somebody else's is no reason to stop as long as apt knows what we need
    const unknown = await unknownOf(names, options);
    if (unknown.length > 0 || isAbort(error)) throw error;
    options.onLine?.('apt could not read all of its lists anew; going on with those that are there');
    return;
  }
  const unknown = await unknownOf(names, options);
  if (unknown.length === 0) return;
  throw new AntlerError('host/apt-failed', `Cannot install ${unknown.join(', ')} as no package source knows it`, {
    hint: 'Check the name with `apt-cache search`, and /etc/apt/sources.list',
  });
}

async function install(names: readonly string[], options: HostOptions, hook: AptHook): Promise<void> {
  // what would push out somebody's package fails instead: nobody could put that back
  const argv = ['install', '--no-install-recommends', '--no-remove', ...names];
  await apt(argv, options, hook).catch(async (error: unknown) => {
    if (!hasCode(error, 'host/apt-failed') || !wasInterrupted(error instanceof AntlerError ? error.lines : [])) throw error;
    options.onLine?.('an earlier installation was interrupted: finishing it first');
    const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
    await exec(['dpkg', '--force-confold', '--configure', '-a'], { signal: options.signal, env });
    await apt(argv, options, hook);
  });
}

async function apt(args: readonly string[], options: HostOptions, hook: AptHook = { args: [], env: {} }): Promise<ExecResult> {
  const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8', ...aptEnv(options), ...hook.env };
  const [verb = '', ...rest] = args;
  // the lock may be taken between our look and apt's: apt waits as well
  const set = ['-o', 'DPkg::Lock::Timeout=60', '-o', 'Dpkg::Options::=--force-confold', ...hook.args];
  const argv = ['apt-get', verb, '-y', '-q', ...set, ...rest] as const;
  const { onLine, signal } = options;
  return exec([...argv] as [string, ...string[]], { signal, env, ...(onLine === undefined ? {} : { onLine }) }).catch(
    async (error: unknown) => {
      if (!hasCode(error, 'kit/exec-failed')) throw error;
      const lines = error instanceof AntlerError ? error.lines : [];
      if (couldNotFetch(lines))
        throw new AntlerError('host/apt-unreachable', `Cannot ${verb} packages as the mirror cannot be reached`, { lines, cause: error });
      await waitForDpkg({ ...options, lockWaitMs: 0 });
      throw new AntlerError('host/apt-failed', `Cannot ${verb} packages as apt-get failed`, { lines, cause: error });
    },
  );
}

async function readCandidates(names: readonly string[], options: HostOptions): Promise<ReadonlyMap<string, string>> {
  if (names.length === 0) return new Map();
  const env = { LC_ALL: 'C.UTF-8', ...aptEnv(options) };
  return parsePolicy((await exec(['apt-cache', 'policy', ...names], { signal: options.signal, env })).stdout);
}

async function unknownOf(names: readonly string[], options: HostOptions): Promise<readonly string[]> {
  const candidates = await readCandidates(names, options);
  return names.filter((name) => !candidates.has(name));
}

async function listsAreOld(): Promise<boolean> {
  const files = await readdir(LISTS).catch(() => []);
  const lists = files.filter((file) => /_(?:InRelease|Release)$/.test(file));
  if (lists.length === 0) return true;
  // apt touches the folder whenever it has read a mirror
  return Date.now() - (await stat(`${LISTS}/partial`).catch(() => stat(LISTS))).mtimeMs > LISTS_OLD_MS;
}

function aptEnv(options: HostOptions): Record<string, string> {
  return options.aptConfig === undefined ? {} : { APT_CONFIG: options.aptConfig };
}

/** A name with a star, or a trailing minus, is a command to apt. */
function checkName(name: string): void {
  if (name.length <= 100 && /^[a-z0-9][a-z0-9+.-]*[a-z0-9+]$/.test(name)) return;
  throw new AntlerError('host/apt-failed', `Cannot install ${JSON.stringify(name)} as it is no name of a Debian package`, {
    hint: 'Mend `machine.resources` in antler.config.ts',
  });
}
