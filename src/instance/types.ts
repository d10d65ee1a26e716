/** An instance: one home with its own daemon, edge, registry, address block and ports. */

import type { Undo } from '../host/types.ts';

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
  readonly metricsDb: string;
  /** The age identity that opens the secrets in platform.db; made with the first one. */
  readonly secretsKey: string;
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
  /** One bare repository an app. */
  readonly repos: string;
  /** Logs of workflow runs, and checkouts while a build needs them. */
  readonly runs: string;
  /** Folders of running jobs. */
  readonly jobs: string;
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

/** What an instance keeps for itself as long as its home is there; changes nothing on the machine. */
export type Reservation =
  | { readonly kind: 'address-block'; readonly block: number }
  | { readonly kind: 'id-block'; readonly start: number; readonly count: number }
  | { readonly kind: 'port'; readonly port: number };

export type LedgerEntry =
  | { readonly kind: 'reservation'; readonly what: Reservation; readonly users: readonly string[] }
  /** `undo` puts back what was there before the first claim; null where that was already as we want it. */
  | { readonly kind: 'resource'; readonly undo: Undo | null; readonly users: readonly string[] };

export interface Ledger {
  readonly version: 1;
  /** Instance id → home. */
  readonly homes: Readonly<Record<string, string>>;
  /** By key, e.g. `package:podman`. */
  readonly entries: Readonly<Record<string, LedgerEntry>>;
}
