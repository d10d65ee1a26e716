/** An instance: one home with its own daemon, edge, registry, address block and ports. */

export interface Instance {
  /** Eight hex digits of the home's path: part of every name on the machine. */
  readonly id: string;
  /** Absolute, resolved. */
  readonly home: string;
  /** Added to every host port. */
  readonly portOffset: number;
  /** The second octet of `10.x.0.0/16`. */
  readonly block: number;
  /** First host id of the instance's own ids: 65,536 for builds, then 65,536 for each environment index. */
  readonly idBase: number;
  /** Plain HTTP, loopback only. */
  readonly registryPort: number;
  /** Users that may operate it without sudo. */
  readonly operators: readonly string[];
  /** ISO time. */
  readonly createdAt: string;
}

/** Every path in a home, so that no other file joins strings. */
export interface Paths {
  readonly home: string;
  /** instance.json */
  readonly record: string;
  /** topology.json: indexes of environments and services. */
  readonly topology: string;
  /** Sockets of ours; the group `antler` may enter. */
  readonly run: string;
  readonly platformDb: string;
  readonly apiSocket: string;
  readonly engineSocket: string;
  readonly engineConf: string;
  readonly edge: string;
  /** `ip -force -batch` file: the virtual addresses, put back at boot before the edge starts. */
  readonly addresses: string;
  /** `nft -f` file: the firewall table, put back at boot before the edge starts. */
  readonly firewall: string;
  readonly registry: string;
  readonly registryConf: string;
  readonly images: string;
  readonly services: string;
  readonly logs: string;
  readonly program: string;
}

/** What topology.json holds: indexes only, so that every address follows from it. An index is never given to another name while one is free. */
export interface RecordedTopology {
  readonly version: 1;
  readonly app: string;
  readonly environments: Readonly<Record<string, RecordedEnvironment>>;
}

export interface RecordedEnvironment {
  /** 1 to 90. */
  readonly index: number;
  /** Service name → 1 to 254. */
  readonly services: Readonly<Record<string, number>>;
}

/** Where everything of an instance lies on the network. The same shape as in `releases`, which may not know this room. */
export interface Topology {
  /** `antler-<instance>`: prefix of networks, containers and volumes. */
  readonly prefix: string;
  readonly environments: Readonly<Record<string, EnvironmentPlace>>;
}

export interface EnvironmentPlace {
  /** The engine's network. */
  readonly network: string;
  /** `10.x.101.0/24`; containers get .10 to .250. */
  readonly subnet: string;
  /** First host id of the environment's fixed range of 65,536. */
  readonly idBase: number;
  /** Virtual address by service. */
  readonly services: Readonly<Record<string, string>>;
  /** The host port with the offset added, and the address that people type. */
  readonly port: number;
  readonly listen: 'any' | 'loopback' | (string & {});
}

/** A network of the instance that belongs to no environment. */
export interface PlainNetwork {
  readonly name: string;
  readonly subnet: string;
}

/** A machine-wide thing that instances share. Its key in the ledger follows from it. */
export type Thing =
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'id-range'; readonly user: string; readonly start: number; readonly count: number }
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'service'; readonly name: string }
  | { readonly kind: 'mask'; readonly unit: string }
  | { readonly kind: 'sysctl'; readonly name: string }
  | { readonly kind: 'address-block'; readonly block: number }
  | { readonly kind: 'id-block'; readonly start: number; readonly count: number }
  | { readonly kind: 'port'; readonly port: number };

/** What was there before the first claim; put back when nobody claims any longer. */
export type Before =
  | { readonly kind: 'absent' }
  | { readonly kind: 'present' }
  | { readonly kind: 'file'; readonly base64: string; readonly mode: number; readonly uid: number; readonly gid: number };

export interface LedgerEntry {
  readonly thing: Thing;
  readonly before: Before;
  /** Ids of the instances that use it. */
  readonly users: readonly string[];
}

export interface Ledger {
  readonly version: 1;
  /** Instance id → home. */
  readonly homes: Readonly<Record<string, string>>;
  /** By key, e.g. `package:podman`. */
  readonly entries: Readonly<Record<string, LedgerEntry>>;
}

/** What the pure planners of this room need to know of the machine. */
export interface MachineFacts {
  readonly systemd: boolean;
  /** 12, 13 … */
  readonly debian: number | undefined;
  readonly cgroups: 'v1' | 'v2';
  /** Installed packages among those that choose: netavark, containernetworking-plugins, runc, crun. */
  readonly installed: ReadonlySet<string>;
}
