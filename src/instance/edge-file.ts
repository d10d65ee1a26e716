/** What the edge starts with, and what the daemon opens it with: the same words, so that taking it over changes nothing. */

import { access, readFile } from 'node:fs/promises';

import { edgeFile, edgePaths, type EdgeOptions } from '../edge/edge.ts';
import { writeFileAtomic } from '../kit/files.ts';
import { pathsOf } from './paths.ts';
import type { Instance } from './types.ts';

/** Debian's package makes it; HAProxy's workers need no more than it may. */
const WORKERS = 'haproxy';

export async function edgeOptions(
  instance: Pick<Instance, 'id' | 'home'>,
): Promise<Required<Pick<EdgeOptions, 'folder' | 'instance' | 'ipv6' | 'user'>>> {
  return { folder: pathsOf(instance.home).edge, instance: instance.id, ipv6: await speaksIpv6(), user: WORKERS };
}

/** HAProxy starts before anybody has configured a route. */
export async function ensureEdgeFile(instance: Pick<Instance, 'id' | 'home'>): Promise<void> {
  const { folder, ipv6, user } = await edgeOptions(instance);
  const { file, runtimeSocket } = edgePaths(folder);
  const there = await access(file).then(
    () => true,
    () => false,
  );
  if (!there) await writeFileAtomic(file, edgeFile([], [], { runtimeSocket, ipv6, user }));
}

/** An address at least: where IPv6 is switched off the file is empty or absent. */
async function speaksIpv6(): Promise<boolean> {
  return (await readFile('/proc/net/if_inet6', 'utf8').catch(() => '')).trim() !== '';
}
