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
  /** Plain HTTP, loopback only. */
  readonly registryPort: number;
  /** Users that may operate it without sudo. */
  readonly operators: readonly string[];
}

/** Every path in a home, so that no other file joins strings. */
export interface Paths {
  readonly home: string;
  /** instance.json */
  readonly record: string;
  readonly platformDb: string;
  readonly apiSocket: string;
  readonly engineSocket: string;
  readonly engineConf: string;
  readonly edge: string;
  readonly registry: string;
  readonly images: string;
  readonly services: string;
  readonly logs: string;
  readonly program: string;
}
