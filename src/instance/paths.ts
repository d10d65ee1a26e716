/** Where things lie in a home, and the names that the instance has on the machine. Pure but for `realHome`. */

import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { apiSocketOf } from '../contract/routes.ts';
import { AntlerError } from '../kit/errors.ts';
import type { Paths } from './types.ts';

export const DEFAULT_HOME = '/var/lib/antler';

/** A unix socket's path holds 107 bytes; what a home adds for its sockets fits in the rest. */
const LONGEST_HOME = 60;

export function pathsOf(home: string): Paths {
  const at = (...parts: readonly string[]): string => join(home, ...parts);
  return {
    home,
    record: at('instance.json'),
    topology: at('topology.json'),
    run: at('run'),
    platformDb: at('platform.db'),
    metricsDb: at('metrics.db'),
    secretsKey: at('secrets.key'),
    apiSocket: apiSocketOf(home),
    engineSocket: at('run', 'engine.sock'),
    engineConf: at('containers.conf'),
    edge: at('edge'),
    addresses: at('edge', 'addresses'),
    firewall: at('edge', 'firewall.nft'),
    registry: at('registry'),
    registryConf: at('registry', 'config.yml'),
    images: at('images'),
    services: at('services'),
    logs: at('logs'),
    program: at('program'),
    repos: at('repos'),
    runs: at('runs'),
    jobs: at('jobs'),
  };
}

export function instanceId(home: string): string {
  return createHash('sha256').update(home).digest('hex').slice(0, 8);
}

/** `antler-<id>`: prefix of services, networks, containers and volumes. */
export function prefixOf(id: string): string {
  return `antler-${id}`;
}

export interface ServiceNames {
  readonly daemon: string;
  readonly edge: string;
  readonly registry: string;
  readonly engine: string;
  readonly containers: string;
}

export function serviceNames(id: string): ServiceNames {
  const prefix = prefixOf(id);
  return {
    daemon: `${prefix}-daemon`,
    edge: `${prefix}-edge`,
    registry: `${prefix}-registry`,
    engine: `${prefix}-engine`,
    containers: `${prefix}-containers`,
  };
}

/** `antler_<id>`: nftables allows no dash. */
export function firewallTable(id: string): string {
  return `antler_${id}`;
}

/** Absolute and without links, also where the last folders are not there yet. Throws `instance/home-too-long`. */
export function realHome(home: string): string {
  const absolute = realpathOfExisting(resolve(home));
  if (Buffer.byteLength(absolute) > LONGEST_HOME) {
    throw new AntlerError(
      'instance/home-too-long',
      `Cannot use the home as its path has ${Buffer.byteLength(absolute)} bytes, and a unix socket in it leaves room for ${LONGEST_HOME}: ${absolute}`,
    );
  }
  return absolute;
}

function realpathOfExisting(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realpathOfExisting(parent), basename(path));
  }
}
