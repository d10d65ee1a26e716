/** How RUN steps reach package mirrors as the host does: mounted while they run, never part of a layer. */

import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { arePublic } from './apt.ts';
import type { Mount } from './builder.ts';
import type { HostPackages } from './host.ts';

/** Where a RUN step finds the folder: every RUN sees the builder's own /dev, so no mount point is left in a layer. */
export const REACH_INSIDE = '/dev/antler';

export interface ReachOptions {
  readonly packages: HostPackages;
  /** The host's CA bundle, undefined where it has none. */
  readonly ca: string | undefined;
  /** The image is Debian of the host's suite: the host's sources fit it. */
  readonly debian: boolean;
}

export interface Reach {
  readonly files: Readonly<Record<string, string>>;
  readonly ca: string | undefined;
  /** Environment of RUN steps, by ARG: it ends with the build. */
  readonly env: Readonly<Record<string, string>>;
}

/** Every tool that has its own idea of a CA bundle. */
const CA_VARIABLES: readonly string[] = [
  'SSL_CERT_FILE',
  'NODE_EXTRA_CA_CERTS',
  'REQUESTS_CA_BUNDLE',
  'PIP_CERT',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'CARGO_HTTP_CAINFO',
];

export function planReach(options: ReachOptions): Reach {
  const { packages, ca } = options;
  const settings = packages.settings.filter((line) => !/CaInfo/i.test(line));
  if (ca !== undefined) settings.push(`Acquire::https::CaInfo "${REACH_INSIDE}/ca.crt";`);
  const files: Record<string, string> = {};
  if (options.debian && !arePublic(packages.sources)) {
    files['sources.list'] = `${packages.sources.join('\n')}\n`;
    settings.push(`Dir::Etc::sourcelist "${REACH_INSIDE}/sources.list";`, 'Dir::Etc::sourceparts "/dev/null";');
  }
  files['apt.conf'] = `${settings.join('\n')}\n`;
  const env: Record<string, string> = { APT_CONFIG: `${REACH_INSIDE}/apt.conf` };
  if (ca !== undefined) for (const name of CA_VARIABLES) env[name] = `${REACH_INSIDE}/ca.crt`;
  return { files, ca, env };
}

/** Writes the folder that is mounted; world-readable, as the builder is nobody on the machine. */
export async function writeReach(folder: string, reach: Reach): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  for (const [name, content] of Object.entries(reach.files)) await writeFile(join(folder, name), content);
  if (reach.ca !== undefined) await copyFile(reach.ca, join(folder, 'ca.crt'));
}

/** The folder as the builder gets it. */
export function reachMount(folder: string): Mount {
  return { source: folder, target: REACH_INSIDE };
}

/** The line that hands the environment to a stage; it goes behind its FROM. */
export function reachLine(reach: Reach): string {
  return `ARG ${Object.entries(reach.env)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')}`;
}
