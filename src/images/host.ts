/** Reads from the machine what images are made of and how its mirrors are reached. */

import { createRequire } from 'node:module';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import { AntlerError } from '../kit/errors.ts';
import { exec } from '../kit/exec.ts';
import { debianSources, INDEX_FORMAT, reachSettings } from './apt.ts';
import type { Ground } from './recipe.ts';

export interface HostPackages {
  /** One-line apt sources of Debian as the host has them. */
  readonly sources: readonly string[];
  /** apt settings with which the host reaches them. */
  readonly settings: readonly string[];
}

const OsRelease = /^VERSION_CODENAME="?([a-z]+)"?$/m;
const Version = z.object({ version: z.string() });

export async function readGround(nodeBinary: string, signal: AbortSignal): Promise<Ground> {
  const suite = OsRelease.exec(await readFile('/etc/os-release', 'utf8'))?.[1];
  if (suite === undefined) {
    throw new AntlerError('host/unsupported', 'Cannot make base images as /etc/os-release names no VERSION_CODENAME');
  }
  const arch = (await exec(['dpkg', '--print-architecture'], { signal })).stdout.trim();
  const node = (await exec([nodeBinary, '--version'], { signal })).stdout.trim();
  const npm = Version.parse(JSON.parse(await readFile(`${npmFolder()}/package.json`, 'utf8'))).version;
  return { suite, arch, node, npm };
}

export type ReadPackages = (suite: string, signal: AbortSignal) => Promise<HostPackages>;

/** Asks apt again only where its files changed: without a package cache on disk each question takes it up to a second. */
export function createPackagesReader(): ReadPackages {
  let known: { readonly key: string; readonly packages: HostPackages } | undefined;
  return async (suite, signal) => {
    const key = `${suite}\n${await fingerprint()}`;
    if (known?.key !== key) known = { key, packages: await readPackages(suite, signal) };
    return known.packages;
  };
}

async function readPackages(suite: string, signal: AbortSignal): Promise<HostPackages> {
  const [targets, dump] = await Promise.all([
    exec(['apt-get', 'indextargets', '--format', INDEX_FORMAT, 'Created-By: Packages'], { signal, accept: [100] }),
    exec(['apt-config', 'dump', 'Acquire'], { signal, accept: [100] }),
  ]);
  return { sources: debianSources(targets.stdout, suite), settings: reachSettings(dump.stdout) };
}

const APT_FOLDERS: readonly string[] = ['/etc/apt', '/etc/apt/apt.conf.d', '/etc/apt/sources.list.d'];

/** Of everything that apt's answer follows from: its settings, its sources, and what the last update fetched. */
async function fingerprint(): Promise<string> {
  const files: string[] = ['/var/lib/apt/lists'];
  for (const folder of APT_FOLDERS) files.push(...(await readdir(folder).catch(() => [])).map((name) => join(folder, name)));
  const marks = files.map(async (file) => {
    const found = await stat(file).catch(() => undefined);
    return `${file} ${found?.mtimeMs} ${found?.size} ${found?.ino}`;
  });
  return (await Promise.all(marks)).join('\n');
}

/** The npm that is pinned for the `node` base. */
export function npmFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('npm/package.json'));
}

const CA_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';

/** The host's CA bundle, with the certificates that its operator added; undefined where there is none. */
export async function caBundle(): Promise<string | undefined> {
  return access(CA_BUNDLE).then(
    () => CA_BUNDLE,
    () => undefined,
  );
}
