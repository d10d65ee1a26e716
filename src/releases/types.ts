/** What the releases room needs from its neighbours, handed in by daemon.ts. */

/** Where everything of an instance lies on the network; planned by `instance`, recorded, never guessed. */
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

/** What shall serve now, by the record, and what is on its way. */
export interface Serving {
  readonly services: readonly ServingService[];
  /** At work; those that wait for an approval are not. */
  readonly rollouts: readonly { readonly environment: string; readonly startedAt: number }[];
}

export interface ServingService {
  readonly environment: string;
  readonly service: string;
  /** That of what serves; where nothing has ever served, of what is coming. */
  readonly release: string;
  /** Through the edge; undefined where it has no virtual address yet, and as long as a rollout has nothing there that serves. */
  readonly edge: ServingPlace | undefined;
  readonly replicas: readonly ServingReplica[];
  /** What a rollout has started; by the record it does not serve yet. */
  readonly coming: readonly ServingReplica[];
}

interface ServingPlace {
  readonly address: string;
  readonly port: number;
  /** Asked for readiness. */
  readonly path: string;
  readonly timeoutMs: number;
}

export interface ServingReplica extends ServingPlace {
  /** `<release>.<replica>.<generation>` */
  readonly name: string;
  readonly release: string;
  readonly digest: string;
  readonly container: string;
}
