/** The instance's own containers.conf and its engine service's command line: nothing under /etc/containers is touched. */

import type { EngineFacts } from './facts.ts';

/** What an ordinary container may open and start, where our own hard limits are not lower. */
const NOFILE = 524_288;
const NPROC = 1_048_576;
const IDLE_SECONDS = 60;
export const LOG_BYTES = 10 * 1024 * 1024;

export interface Ulimits {
  readonly nofile: number;
  readonly nproc: number;
}

/** Never above our own hard limits: the runtime could not set them ("rlimit type 7"). */
export function ulimitsOf(facts: EngineFacts): Ulimits {
  return { nofile: Math.min(facts.nofile ?? NOFILE, NOFILE), nproc: Math.min(facts.nproc ?? NPROC, NPROC) };
}

/** The runtime to name; undefined where Podman's own choice works. crun from Debian refuses hybrid and v1 cgroups without systemd. */
export function runtimeOf(facts: EngineFacts): 'runc' | undefined {
  return (facts.cgroups === 'hybrid' || facts.cgroups === 'v1') && facts.runc !== undefined ? 'runc' : undefined;
}

/** Content of the instance's containers.conf. */
export function containersConf(facts: EngineFacts): string {
  const { nofile, nproc } = ulimitsOf(facts);
  const runtime = runtimeOf(facts);
  const lines = [
    '# Written by Antler; read through CONTAINERS_CONF, so that nothing under /etc/containers counts here or is changed by us.',
    '[containers]',
    // What Debian ships in /usr/share/containers, which is not read beside ours.
    `default_capabilities = [${CAPABILITIES.map((name) => `"${name}"`).join(', ')}]`,
    'default_sysctls = ["net.ipv4.ping_group_range=0 0"]',
    `default_ulimits = ["nofile=${nofile}:${nofile}", "nproc=${nproc}:${nproc}"]`,
    // journald where systemd runs: lines would leave by another door than everywhere else.
    'log_driver = "k8s-file"',
    `log_size_max = ${LOG_BYTES}`,
    // The host's names are not the container's.
    'base_hosts_file = "none"',
    '',
    '[engine]',
    'events_logger = "file"',
    ...(runtime === undefined ? [] : [`runtime = "${runtime}"`]),
    ...(facts.systemd ? [] : ['cgroup_manager = "cgroupfs"']),
    '',
  ];
  return lines.join('\n');
}

export interface EngineServicePaths {
  readonly socket: string;
  /** Where the content of `containersConf` lies. */
  readonly conf: string;
}

/** The supervised service (on demand): it ends itself when nobody has asked for a minute. */
export function engineService(paths: EngineServicePaths): {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
} {
  return {
    command: ['podman', 'system', 'service', '--time', String(IDLE_SECONDS), `unix://${paths.socket}`],
    env: { CONTAINERS_CONF: paths.conf },
  };
}

const CAPABILITIES = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
] as const;
