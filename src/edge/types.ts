/** The edge's words: routes that stand in HAProxy's file, servers that come and go at run time, traffic by version. */

/** One per (environment, service): HAProxy listens on `address:port`; what comes there goes to this service's servers. */
export interface Route {
  readonly environment: string;
  readonly service: string;
  /** Virtual IPv4 address of the service in this environment. */
  readonly address: string;
  readonly port: number;
  /** The environment's bridge, whose containers may call (`10.x.101.0/24`); the others are refused. */
  readonly subnet: string;
  /** Another network whose containers may call as well, on the exposed service only: a run's jobs, of which the firewall lets those pass that may. */
  readonly jobs?: string;
  /** The environment's entry for the outside, on its exposed service only. */
  readonly entry?: RouteEntry;
  /** `path` is asked of servers that bring none of their own. */
  readonly health: { readonly path: string; readonly intervalMs: number; readonly timeoutMs: number };
  readonly drainMs: number;
  /** A one-writer volume: the edge holds requests while old stops and new starts (`retries 30`). */
  readonly stopFirst: boolean;
}

export interface RouteEntry {
  readonly port: number;
  /** `any`, `loopback` or an address. */
  readonly listen: 'any' | 'loopback' | (string & {});
}

/** `<release>.<replica>.<generation>`, never reused. */
export interface ServerId {
  readonly environment: string;
  readonly service: string;
  readonly name: string;
}

export interface Server extends ServerId {
  readonly release: string;
  readonly address: string;
  readonly port: number;
  /** Asked for its health; its release's own, so that the next release may have another. Unset: the route's. */
  readonly healthPath?: string;
}

/** As read back from HAProxy. */
export interface ServerState extends ServerId {
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  /** `up` only after a passed check (L7OK). */
  readonly state: 'starting' | 'up' | 'down' | 'drain' | 'maintenance';
  /** What the last check said, e.g. `L7OK/200`, `L4CON`. */
  readonly check: string;
  /** Open sessions, summed over all workers. */
  readonly sessions: number;
}

export interface ServerWeight {
  readonly name: string;
  /** 0–256. */
  readonly weight: number;
}

/** What one server answered since it was added; from the log ring, cross-checked with the counters. */
export interface Traffic {
  readonly environment: string;
  readonly service: string;
  /** Release id, or `none` where HAProxy answered itself. */
  readonly release: string;
  /** Whole responses. */
  readonly served: number;
  /** Of those: the app's own 5xx. */
  readonly errors: number;
  /** See the design's word *lost*. */
  readonly lost: number;
  /** Client aborts and denials: neither served nor lost. */
  readonly aborted: number;
  /** Counted by HAProxy but never seen in the ring. */
  readonly unseen: number;
  /** Log-bucketed milliseconds of the served ones, for percentiles; bucket i holds values up to `bucketLimit(i)`. */
  readonly latency: readonly number[];
}

export interface Edge {
  /** Writes the file for these routes (with the servers that it has now) and reloads only where HAProxy has to read it again; a health path alone does not need that. True where the file changed. Throws `edge/invalid-config`, `edge/port-taken`. */
  routes(routes: readonly Route[], signal: AbortSignal): Promise<boolean>;
  /** Adds with weight 0 and checks on; not yet in the file. Adding what is there already is fine. */
  add(server: Server, signal: AbortSignal): Promise<void>;
  /** Waits until the check passes (L7OK), then records it in the file. Throws `edge/never-ready` with what the last check said. */
  ready(server: ServerId, options: ReadyOptions): Promise<void>;
  /** Sets weights of one route's servers: runtime, read back, file. */
  weights(route: Pick<Route, 'environment' | 'service'>, weights: readonly ServerWeight[], signal: AbortSignal): Promise<void>;
  /** No new requests, out of the file; waits for open ones over all workers up to the limit, then closes them. Returns how many were cut. */
  drain(server: ServerId, options: DrainOptions): Promise<{ readonly cut: number }>;
  /** Takes a drained server away; its counters are read before. Absent is fine. */
  remove(server: ServerId, signal: AbortSignal): Promise<void>;
  /** Stop-first: requests wait in the edge until `unhold`, then go on within a second. */
  hold(route: Pick<Route, 'environment' | 'service'>, signal: AbortSignal): Promise<void>;
  unhold(route: Pick<Route, 'environment' | 'service'>, signal: AbortSignal): Promise<void>;
  servers(signal: AbortSignal): Promise<readonly ServerState[]>;
  /** Brings HAProxy's run-time servers to the file's after HAProxy was restarted or the daemon was away; takes away what the file does not know. */
  reconcile(signal: AbortSignal): Promise<void>;
  /** Totals since the edge was opened, by environment × service × release. Asks the counters first, so nothing that ended before the call is missing. */
  traffic(signal: AbortSignal): Promise<readonly Traffic[]>;
  /** Does HAProxy answer? */
  alive(signal: AbortSignal): Promise<boolean>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ReadyOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface DrainOptions {
  readonly limitMs: number;
  readonly signal: AbortSignal;
}
