/** The resolved config: what every other room reads. JSON only; units resolved (bytes, milliseconds); defaults filled in. */

export interface Spec {
  readonly version: 1;
  readonly app: string;
  readonly machine: MachineSpec;
  readonly bases: Readonly<Record<string, BaseSpec>>;
  readonly services: readonly ServiceSpec[];
  /** In the order of the config file. */
  readonly environments: readonly EnvironmentSpec[];
  readonly watch: WatchSpec;
}

/** What a release carries: the whole resolved config without what is the operators' alone. */
export type AppSpec = Omit<Spec, 'machine' | 'watch'>;

/** `monitors`, `alerts` and `console` of the config. */
export interface WatchSpec {
  readonly monitors: readonly MonitorSpec[];
  readonly webhooks: readonly WebhookSpec[];
  readonly commands: readonly { readonly name: string; readonly argv: readonly string[] }[];
  /** Unset: told once. */
  readonly repeatMs?: number;
  readonly console: { readonly port: number; readonly listen: 'loopback' | 'lan' };
}

interface MonitorBase {
  readonly name: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

export type MonitorSpec = MonitorBase &
  (
    | {
        readonly kind: 'http';
        readonly url: string;
        /** Inclusive ranges. */
        readonly status: readonly (readonly [number, number])[];
        readonly body?: string;
        readonly json?: Readonly<Record<string, string>>;
        readonly headers: Readonly<Record<string, string>>;
        readonly lateMs: number;
      }
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'tls'; readonly host: string; readonly port: number; readonly days: number }
    | {
        readonly kind: 'dns';
        readonly host: string;
        readonly type: 'A' | 'AAAA' | 'CNAME' | 'MX' | 'TXT' | 'NS';
        readonly expect?: string;
        readonly server?: string;
      }
  );

export interface WebhookSpec {
  readonly name: string;
  /** Exactly one of `url` and `secret`. */
  readonly url?: string;
  readonly secret?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface MachineSpec {
  readonly engine: 'podman';
  readonly resources: readonly MachineResource[];
}

/** The kinds that `machine.resources` may name. */
export type MachineResource =
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number; readonly owner: string; readonly group: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly content: string;
      readonly mode: number;
      readonly owner: string;
      readonly group: string;
    }
  | {
      readonly kind: 'service';
      readonly name: string;
      readonly command: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly user: string;
    };

export interface BaseSpec {
  /** Debian package names. */
  readonly packages: readonly string[];
  /** With the pinned Node binary at /usr/local/bin/node. */
  readonly node: boolean;
  /** Public image names that this base stands for where they cannot be pulled. */
  readonly standsFor: readonly string[];
}

export interface BuildSpec {
  /** Relative to the config's folder. */
  readonly context: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  /** Key of `bases` or a built-in; handed in as the build argument BASE. */
  readonly base?: string;
  readonly args: Readonly<Record<string, string>>;
}

export interface HealthSpec {
  readonly path: string;
  /** Milliseconds a new container may take until its first passed check. */
  readonly startMs: number;
  /** Milliseconds between two checks in steady state. */
  readonly intervalMs: number;
  /** Milliseconds one check may take. */
  readonly timeoutMs: number;
}

export interface VolumeSpec {
  readonly name: string;
  /** Absolute path in the container. */
  readonly path: string;
}

/** What may differ between environments. */
export interface RuntimeSpec {
  readonly env: Readonly<Record<string, string>>;
  readonly replicas: number;
  /** Bytes. */
  readonly memory: number;
  /** Cores, e.g. 0.5. */
  readonly cpus: number;
  /** Processes and threads. */
  readonly pids: number;
}

export interface ServiceSpec extends RuntimeSpec {
  readonly name: string;
  /** Exactly one of `build` and `image`. */
  readonly build?: BuildSpec;
  /** A public image, e.g. `docker.io/library/redis:7`. */
  readonly image?: string;
  readonly port: number;
  /** The one service that the environments' ports lead to. */
  readonly expose: boolean;
  readonly health: HealthSpec;
  readonly command?: readonly string[];
  readonly volumes: readonly VolumeSpec[];
  /** Old and new may run at once although there is a volume. True where there is none. */
  readonly overlap: boolean;
  /** Read-only root file system, no capabilities. */
  readonly hardened: boolean;
  /** Milliseconds that open connections get before they are cut. */
  readonly drainMs: number;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly stopMs: number;
}

export interface EnvironmentSpec {
  readonly name: string;
  readonly port: number;
  /** Unset: decided on the machine (design: `any`, but with a public address only the last environment is). */
  readonly listen?: 'any' | 'loopback' | (string & {});
  /** The upstream environment. */
  readonly from?: string;
  readonly soakMs: number;
  /** Approvals needed; 0 for none. */
  readonly approve: number;
  /** Globs of the branches whose runs may deploy here; unset: all. */
  readonly branches?: readonly string[];
  readonly strategy: StrategySpec;
  /** By service name: only what differs. */
  readonly services: Readonly<Record<string, Partial<RuntimeSpec>>>;
  /** Environment-wide replicas, where a service does not say its own. */
  readonly replicas?: number;
}

export interface StrategySpec {
  /** Percent of traffic on the new release, ascending, the last is 100. */
  readonly steps: readonly number[];
  /** Milliseconds of watching after each step below 100, and after the last before the old is drained. */
  readonly bakeMs: number;
}
