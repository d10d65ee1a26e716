/** Reads from the machine what images are made of and how its mirrors are reached. */

import { createRequire } from 'node:module';
import { access, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

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

export async function readPackages(suite: string, signal: AbortSignal): Promise<HostPackages> {
  const targets = await exec(['apt-get', 'indextargets', '--format', INDEX_FORMAT, 'Created-By: Packages'], { signal, accept: [100] });
  const dump = await exec(['apt-config', 'dump', 'Acquire'], { signal, accept: [100] });
  return { sources: debianSources(targets.stdout, suite), settings: reachSettings(dump.stdout) };
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
