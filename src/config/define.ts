/** What an author of antler.config.ts imports: `defineConfig` and its types. Imports nothing, and does nothing: inside the sandbox evaluate.mjs says the same without types. */

/** A span of time: `500ms`, `30s`, `5m`, `2h`, `1d`. */
export type Duration = `${number}ms` | `${number}s` | `${number}m` | `${number}h` | `${number}d`;

/** An amount of memory in powers of 1024: `64M`, `1G`, `1.5G`. */
export type Size = `${number}K` | `${number}M` | `${number}G` | `${number}T`;

/** Permission bits as octal text, e.g. `0644`. */
export type Mode = `0${number}`;

export interface Config {
  /** The machine under the instance: applied by an operator (`antler up`, `antler host apply`), never by a push. */
  readonly machine?: MachineConfig;
  /** Name of the app: part of image names, container names and labels. */
  readonly app: string;
  /** Base images made from Debian packages, by name. `node` and `nginx` are built in. */
  readonly bases?: Readonly<Record<string, BaseConfig>>;
  /** What is delivered, by name: one container image per service. Other services find it under this name. */
  readonly services: Readonly<Record<string, ServiceConfig>>;
  /** Where it is delivered to, by name, in the order of promotion. */
  readonly environments: Readonly<Record<string, EnvironmentConfig>>;
  /** What is watched outside of the app, by name. The app’s own services are watched without a word here. */
  readonly monitors?: Readonly<Record<string, MonitorConfig>>;
  /** Who is told when an incident opens and closes. */
  readonly alerts?: AlertsConfig;
  /** The web console. */
  readonly console?: ConsoleConfig;
}

export interface MachineConfig {
  /** What runs the containers. */
  readonly engine?: 'podman';
  /** Packages, directories, files and services that the machine must have besides what Antler itself needs. */
  readonly resources?: readonly ResourceConfig[];
}

export type ResourceConfig = PackageConfig | DirectoryConfig | FileConfig | MachineServiceConfig;

export interface PackageConfig {
  /** What kind of resource it is. */
  readonly kind: 'package';
  /** Name of a Debian package. */
  readonly name: string;
}

export interface DirectoryConfig {
  /** What kind of resource it is. */
  readonly kind: 'directory';
  /** Absolute path on the machine. */
  readonly path: string;
  /** Permission bits as octal text. */
  readonly mode?: Mode;
  /** User that owns it. */
  readonly owner?: string;
  /** Group that owns it. */
  readonly group?: string;
}

export interface FileConfig {
  /** What kind of resource it is. */
  readonly kind: 'file';
  /** Absolute path on the machine. */
  readonly path: string;
  /** The whole content. */
  readonly content: string;
  /** Permission bits as octal text. */
  readonly mode?: Mode;
  /** User that owns it. */
  readonly owner?: string;
  /** Group that owns it. */
  readonly group?: string;
}

export interface MachineServiceConfig {
  /** What kind of resource it is. */
  readonly kind: 'service';
  /** Name of the supervised service. */
  readonly name: string;
  /** Program with an absolute path, and its arguments. */
  readonly command: readonly string[];
  /** Environment variables of the process. */
  readonly env?: Readonly<Record<string, string | number | boolean>>;
  /** User that it runs as. */
  readonly user?: string;
}

export interface BaseConfig {
  /** Debian packages that the image holds. */
  readonly packages?: readonly string[];
  /** With the pinned Node binary at /usr/local/bin/node. */
  readonly node?: boolean;
  /** Public images that this base stands for where they cannot be pulled, e.g. `docker.io/library/python:3.12-slim`. */
  readonly standsFor?: readonly string[];
}

export interface BuildConfig {
  /** Folder with the Dockerfile, relative to the config. */
  readonly context: string;
  /** The Dockerfile, relative to the context. */
  readonly dockerfile?: string;
  /** A key of `bases`, or `node` or `nginx`: handed in as the build argument `BASE`. */
  readonly base?: string;
  /** Build arguments. They stay in the image: no secrets. */
  readonly args?: Readonly<Record<string, string | number | boolean>>;
}

export interface HealthConfig {
  /** Answers 2xx or 3xx when the service can take requests. */
  readonly path?: string;
  /** How long a new container may take until its first passed check. */
  readonly start?: Duration;
  /** Time between two checks. */
  readonly interval?: Duration;
  /** How long one check may take. */
  readonly timeout?: Duration;
}

/** What may differ between environments. */
export interface RuntimeConfig {
  /** Environment variables; those of an environment win over those of the service. `ANTLER_*` are Antler’s own. */
  readonly env?: Readonly<Record<string, string | number | boolean>>;
  /** Containers side by side; 1 where neither service nor environment says more. */
  readonly replicas?: number;
  /** Memory limit of one container. */
  readonly memory?: Size;
  /** Cores that one container may use; fractions are fine. */
  readonly cpus?: number;
  /** Processes and threads that one container may have. */
  readonly pids?: number;
}

export interface ServiceConfig extends RuntimeConfig {
  /** Folder with the Dockerfile, relative to the config; or more about the build. Either this or `image`. */
  readonly build?: string | BuildConfig;
  /** A public image, taken over by digest, e.g. `docker.io/library/redis:7`. Either this or `build`. */
  readonly image?: string;
  /** Port that the service listens on in its container. */
  readonly port: number;
  /** How the edge finds out that a container can take requests. */
  readonly health?: HealthConfig;
  /** The one service that the environments’ ports lead to; a single service is it anyway. */
  readonly expose?: boolean;
  /** Program and arguments instead of the image’s own. */
  readonly command?: readonly string[];
  /** Data that outlives a release: volume name → absolute path in the container. */
  readonly volumes?: Readonly<Record<string, string>>;
  /** Old and new may use the volumes at once; unset, the old one is stopped before the new one starts. */
  readonly overlap?: boolean;
  /** Read-only root file system and no capabilities. */
  readonly hardened?: boolean;
  /** How long open requests get before a replaced container’s connections are cut. */
  readonly drain?: Duration;
  /** Time between SIGTERM and SIGKILL. */
  readonly stop?: Duration;
}

export interface StrategyConfig {
  /** Percent of the traffic on the new release, ascending; the last is 100. */
  readonly steps?: readonly number[];
  /** How long each step is watched before the next one; a failure goes back. Unset: 5s in the last environment where it has `from`, else none. */
  readonly bake?: Duration;
}

export interface EnvironmentConfig {
  /** Port on the machine that leads to the exposed service. */
  readonly port: number;
  /** Who reaches the port: `any`, `loopback`, or one address of the machine. */
  readonly listen?: string;
  /** The upstream environment: only what was verified there comes in by promotion. */
  readonly from?: string;
  /** How long a release must have been well upstream before it may come. */
  readonly soak?: Duration;
  /** How many people must approve a rollout. */
  readonly approve?: number;
  /** Only workflow runs of these branches may deploy here; `*` stops at a slash. Unset: of every branch. */
  readonly branches?: readonly string[];
  /** Containers side by side, where a service does not say its own. */
  readonly replicas?: number;
  /** How traffic moves to a new release. */
  readonly strategy?: StrategyConfig;
  /** What differs here, by service: run-time facts only, as an image is built once and then only moved. */
  readonly services?: Readonly<Record<string, RuntimeConfig>>;
}

export type MonitorConfig = HttpMonitorConfig | TcpMonitorConfig | TlsMonitorConfig | DnsMonitorConfig;

interface MonitorTimes {
  /** Time between two looks. */
  readonly interval?: Duration;
  /** How long one look may take. */
  readonly timeout?: Duration;
}

export interface HttpMonitorConfig extends MonitorTimes {
  /** What is asked, with GET. */
  readonly http: string;
  /** What it may answer. */
  readonly status?: readonly (number | `${number}-${number}`)[];
  /** Text that the answer holds. */
  readonly body?: string;
  /** What the answer holds at a JSON path (RFC 9535), e.g. `{ "$.status": "ok" }`. */
  readonly json?: Readonly<Record<string, string | number | boolean>>;
  /** Sent with the question. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A slower answer makes it `degraded`; half of `timeout` unless said. */
  readonly late?: Duration;
}

export interface TcpMonitorConfig extends MonitorTimes {
  /** Where somebody shall listen. */
  readonly tcp: string;
}

export interface TlsMonitorConfig extends MonitorTimes {
  /** Whose certificate is looked at. */
  readonly tls: string;
  /** Fewer days until it ends make it `degraded`. */
  readonly days?: number;
}

export interface DnsMonitorConfig extends MonitorTimes {
  /** The name that is looked up. */
  readonly dns: string;
  /** Kind of record. */
  readonly type?: 'A' | 'AAAA' | 'CNAME' | 'MX' | 'TXT' | 'NS';
  /** One of the answers. */
  readonly expect?: string;
  /** Which server is asked; the machine’s own by default. */
  readonly server?: string;
}

export interface AlertsConfig {
  /** Web addresses that are told, by name. */
  readonly webhooks?: Readonly<Record<string, WebhookConfig>>;
  /** Programs that are started, by name: as the account `nobody`, without a shell, with `{{…}}` filled into their arguments, and the whole as JSON on standard input. */
  readonly commands?: Readonly<Record<string, readonly string[]>>;
  /** Told again after so long while nobody has acknowledged it. */
  readonly repeat?: Duration;
}

export interface WebhookConfig {
  /** Where it is posted to. Either this or `secret`. */
  readonly url?: string;
  /** A secret of the repository (`antler secrets set`) that holds the URL. */
  readonly secret?: string;
  /** Sent with it. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Template of the JSON body: `{{title}}`, `{{state}}`, `{{severity}}`, `{{environment}}`, `{{release}}`, `{{reason}}`, `{{subjects}}`, `{{since}}`, `{{url}}`, `{{id}}` stand for text that is escaped for JSON. Unset: an object of all of them. */
  readonly body?: string;
}

export interface ConsoleConfig {
  /** Port of the console. */
  readonly port?: number;
  /** `lan`: every address of the machine. Signing in is asked of everybody. */
  readonly listen?: 'loopback' | 'lan';
}

/** Gives the config back as it is; there for the types. */
export function defineConfig(config: Config): Config {
  return config;
}
