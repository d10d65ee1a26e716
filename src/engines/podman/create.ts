/** A ContainerSpec as libpod's SpecGenerator: pure, so that a table of cases can read it. */

import { LOG_BYTES, type Ulimits } from '../conf.ts';
import { labelsOf } from '../spec.ts';
import type { ContainerSpec } from '../types.ts';

/** Ids in one environment's range. */
const IDS = 65_536;
const CPU_PERIOD = 100_000;
/** The kernel refuses a smaller quota. */
const CPU_QUOTA_FLOOR = 1000;
/** Folders that programs expect to write to, in memory where the root is read-only. */
const SCRATCH = ['/tmp', '/run', '/var/tmp'] as const;

export interface CreateContext {
  readonly instance: string;
  readonly ulimits: Ulimits;
}

/** The body of `POST /containers/create`. */
export function createBody(spec: ContainerSpec, context: CreateContext): Record<string, unknown> {
  const { nofile, nproc } = context.ulimits;
  return {
    name: spec.name,
    image: spec.image,
    ...(spec.command === undefined ? {} : { command: spec.command }),
    ...(spec.entrypoint === undefined ? {} : { entrypoint: spec.entrypoint }),
    ...(spec.init === true ? { init: true } : {}),
    env: spec.env,
    labels: labelsOf(spec, context.instance),
    netns: { nsmode: 'bridge' },
    Networks: { [spec.network]: { static_ips: [spec.address], static_mac: macOf(spec.address) } },
    hostadd: Object.entries(spec.hosts).map(([name, address]) => `${name}:${address}`),
    // As under Docker: an image that runs as another user than root may listen on 80.
    sysctl: { 'net.ipv4.ip_unprivileged_port_start': '0' },
    resource_limits: {
      memory: { limit: spec.memory, swap: spec.memory }, // the sum of both: no swap beyond the memory
      cpu: {
        quota: Math.max(CPU_QUOTA_FLOOR, Math.round(spec.cpus * CPU_PERIOD)),
        period: CPU_PERIOD,
        ...(spec.cpuShares === undefined ? {} : { shares: spec.cpuShares }),
      },
      pids: { limit: spec.pids },
    },
    r_limits: [
      { type: 'nofile', soft: nofile, hard: nofile },
      { type: 'nproc', soft: nproc, hard: nproc },
    ],
    ...(spec.oomScore === undefined ? {} : { oom_score_adj: spec.oomScore }),
    no_new_privileges: true,
    // The daemon starts again what died: an engine's own policy leaves network namespaces behind.
    restart_policy: 'no',
    // The edge checks; an image's HEALTHCHECK would start a Podman process each time.
    healthconfig: { Test: ['NONE'] },
    log_configuration: { driver: 'k8s-file', size: LOG_BYTES },
    volumes: spec.volumes.map(({ volume, path }) => ({ Name: volume, Dest: path, Options: ['rw'] })),
    ...(spec.idBase === undefined ? {} : mappedRoot(spec.idBase)),
    ...(spec.userns === 'auto' ? ownRange() : {}),
    ...(spec.hardened ? { cap_drop: ['ALL'], read_only_filesystem: true } : {}),
    ...mountsOf(spec),
  };
}

/**
 * The hardware address follows from the address, as under Docker. A new one at each start would leave the host's neighbour entry wrong: whoever had called
 * the container shortly before could not reach it for up to half a minute.
 */
export function macOf(address: string): string {
  const octets = address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  return `02:42:${octets.join(':')}`;
}

function mappedRoot(idBase: number): Record<string, unknown> {
  const map = [{ container_id: 0, host_id: idBase, size: IDS }];
  return {
    userns: { nsmode: 'private' },
    idmappings: { HostUIDMapping: false, HostGIDMapping: false, UIDMap: map, GIDMap: map },
  };
}

/** Of the `containers` line in /etc/subuid; the same size each time, so that no image needs more. */
function ownRange(): Record<string, unknown> {
  return {
    userns: { nsmode: 'auto', value: `size=${IDS}` },
    idmappings: { AutoUserNs: true, AutoUserNsOpts: { Size: IDS, InitialSize: IDS }, HostUIDMapping: false, HostGIDMapping: false },
  };
}

function mountsOf(spec: ContainerSpec): Record<string, unknown> {
  const bound = (spec.mounts ?? []).map(({ source, path, readOnly }) => ({
    destination: path,
    type: 'bind',
    source,
    options: ['rbind', 'nosuid', 'nodev', readOnly ? 'ro' : 'rw'],
  }));
  const mounts = [...bound, ...(spec.hardened ? scratch(spec) : [])];
  return mounts.length === 0 ? {} : { mounts };
}

function scratch(spec: ContainerSpec): readonly Record<string, unknown>[] {
  const taken = new Set([...spec.volumes, ...(spec.mounts ?? [])].map(({ path }) => path));
  return SCRATCH.filter((path) => !taken.has(path)).map((path) => ({
    destination: path,
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['rw', 'nosuid', 'nodev', 'mode=1777'],
  }));
}
