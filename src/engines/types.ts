/** What runs containers: the interface that Podman and the in-memory engine fulfil, proved by one conformance suite. */

export interface Engine {
  readonly name: 'podman' | 'memory';
  /** Version and what the engine can do. Throws `engines/unreachable`. */
  info(signal: AbortSignal): Promise<EngineInfo>;
  /** Makes the bridge if it is absent; a bridge of that name with another subnet is made anew. */
  ensureNetwork(network: NetworkSpec, signal: AbortSignal): Promise<void>;
  networks(signal: AbortSignal): Promise<readonly NetworkSpec[]>;
  removeNetwork(name: string, signal: AbortSignal): Promise<void>;
  /** Pulls `reference` (with digest, from the instance's plain-HTTP registry) where it is not there yet. Throws `engines/pull-failed`. */
  pull(reference: string, signal: AbortSignal): Promise<void>;
  hasImage(reference: string, signal: AbortSignal): Promise<boolean>;
  removeImage(reference: string, signal: AbortSignal): Promise<void>;
  /** Makes, does not start. The name is unique: a second of the same name is refused. Returns the container's id. */
  create(container: ContainerSpec, signal: AbortSignal): Promise<string>;
  /** Starts a created or exited container, and proves that no other network namespace holds its address (`engines/ghost-address`). */
  start(name: string, signal: AbortSignal): Promise<void>;
  /** SIGTERM, after `graceMs` SIGKILL. A container that does not run is fine. */
  stop(name: string, options: StopOptions): Promise<void>;
  kill(name: string, killSignal: string, signal: AbortSignal): Promise<void>;
  /** Stops at once what runs, removes it and its namespaces. Absent is fine. */
  remove(name: string, signal: AbortSignal): Promise<void>;
  /** All containers of this instance, running or not. */
  list(signal: AbortSignal): Promise<readonly Container[]>;
  inspect(name: string, signal: AbortSignal): Promise<Container | undefined>;
  logs(name: string, options: LogOptions): AsyncIterable<LogLine>;
  exec(name: string, options: ExecInOptions): AsyncIterable<ExecEvent>;
  /**
   * Starts a command with an environment and a folder of its own, with the same rights as the container's first process. It ends when the command does, whatever
   * that left running. Needs /bin/sh in the image. Throws `engines/exec-failed`, `engines/not-found`.
   */
  spawn(name: string, options: SpawnInOptions): Promise<SpawnedIn>;
  /** Known once it is made. */
  place(name: string, signal: AbortSignal): Promise<ContainerPlace>;
  /** Every end of a container of this instance, as it happens, until the signal. Heard without an engine process. */
  exits(signal: AbortSignal): AsyncIterable<Exit>;
  /** Bytes in use now and at most, and the kernel's OOM kills; undefined where the container does not run. */
  memory(name: string, signal: AbortSignal): Promise<MemoryUse | undefined>;
  ensureVolume(name: string, signal: AbortSignal): Promise<void>;
  volumes(signal: AbortSignal): Promise<readonly string[]>;
  removeVolume(name: string, signal: AbortSignal): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface EngineInfo {
  readonly version: string;
  readonly runtime: string;
  readonly cgroups: 'v1' | 'v2' | 'none';
  readonly networkBackend: string;
}

export interface NetworkSpec {
  readonly name: string;
  /** `10.x.101.0/24`; the gateway is the first address. */
  readonly subnet: string;
}

/** Everything that makes a container; the planner compares by this. */
export interface ContainerSpec {
  /** `antler-<instance>-<env>-<service>-<release>-<replica>-<generation>`: also the key of everything below. */
  readonly name: string;
  /** Reference with digest. */
  readonly image: string;
  readonly command?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: string;
  /** Fixed bridge address. */
  readonly address: string;
  /** `name → address` lines for /etc/hosts. */
  readonly hosts: Readonly<Record<string, string>>;
  /** First host id of the 65,536 that container ids 0… map to; undefined for no mapping (the in-memory engine ignores it). */
  readonly idBase?: number;
  readonly memory: number;
  readonly cpus: number;
  readonly pids: number;
  readonly hardened: boolean;
  readonly volumes: readonly { readonly volume: string; readonly path: string }[];
  /** Folders and files of the machine; their owners must fit the range of ids. */
  readonly mounts?: readonly MountSpec[];
  /** `auto`: a range of 65,536 ids that no other container has, chosen by the engine; with it there is no `idBase`. */
  readonly userns?: 'auto';
  /** In place of the image's own. */
  readonly entrypoint?: readonly string[];
  /** A first process that reaps what is left without a parent. */
  readonly init?: boolean;
  /** Weight of its processor time against other containers'; 1024 by default. */
  readonly cpuShares?: number;
  /** −1000 to 1000: when the machine's memory ends, the greatest go first. */
  readonly oomScore?: number;
  /** Reaches nobody else on its bridge, only the machine and what lies behind it. */
  readonly alone?: boolean;
}

export interface MountSpec {
  /** Absolute, on the machine. */
  readonly source: string;
  /** Absolute, within. */
  readonly path: string;
  readonly readOnly: boolean;
}

export type ContainerState =
  | { readonly kind: 'created' }
  | { readonly kind: 'running'; readonly pid: number; readonly since: number }
  | { readonly kind: 'exited'; readonly exitCode: number; readonly reason: ExitReason; readonly at: number }
  | { readonly kind: 'removing' };

export type ExitReason = 'done' | 'crash' | 'oom' | 'killed';

export interface Container {
  readonly id: string;
  readonly name: string;
  /** As the engine has it; for ours with digest. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string | undefined;
  readonly state: ContainerState;
}

export interface Exit {
  readonly name: string;
  readonly exitCode: number;
  readonly reason: ExitReason;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface StopOptions {
  readonly graceMs: number;
  readonly signal: AbortSignal;
}

export interface LogOptions {
  readonly follow: boolean;
  /** Only the last so many lines; all by default. */
  readonly tail?: number;
  readonly signal: AbortSignal;
}

export interface LogLine {
  readonly at: number;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface ExecInOptions {
  readonly argv: readonly string[];
  readonly stdin?: AsyncIterable<Uint8Array>;
  readonly tty?: boolean;
  readonly signal: AbortSignal;
}

export type ExecEvent =
  | { readonly kind: 'output'; readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array }
  | { readonly kind: 'exit'; readonly exitCode: number };

/** What a command in a container meets. */
export interface ContainerPlace {
  /** First host id of the range that container ids map to; undefined where nothing is mapped. */
  readonly idBase: number | undefined;
  /** The image's and the spec's, as the first process has it. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder of the machine where that lies which it wrote to its own file system; undefined where nobody knows. */
  readonly written: string | undefined;
}

export interface SpawnInOptions {
  readonly argv: readonly [string, ...string[]];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute, within. */
  readonly cwd: string;
  /** Both streams come as `stdout`, in the order in which they were written: over two pipes nobody knows it. */
  readonly together?: boolean;
  /** The next piece is read when the promise is done. */
  readonly onOutput: (bytes: Uint8Array, stream: 'stdout' | 'stderr') => Promise<void> | void;
  /** Ends the starting; who aborts later kills. */
  readonly signal: AbortSignal;
}

export interface SpawnedIn {
  /** When the command has ended and its output is told; 128 + signal where it was killed. */
  readonly exit: Promise<number>;
  /** To the command and what it started in its process group. Nothing is there any more: fine. */
  kill(killSignal: NodeJS.Signals): void;
  /** SIGKILL to everything that descends from it, in other groups and sessions, too. */
  killTree(): Promise<void>;
}

export interface MemoryUse {
  readonly bytes: number;
  readonly limit: number | undefined;
  readonly oomKills: number;
}
