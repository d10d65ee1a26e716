/** The machine as code: resources that are wanted, facts that are read, the changes between them. */

export type Resource =
  | PackageResource
  | DirectoryResource
  | FileResource
  | IdRangeResource
  | ServiceResource
  | AddressResource
  | FirewallResource
  | GroupResource;

export interface PackageResource {
  readonly kind: 'package';
  readonly name: string;
}

export interface DirectoryResource {
  readonly kind: 'directory';
  readonly path: string;
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
}

export interface FileResource {
  readonly kind: 'file';
  readonly path: string;
  readonly content: string;
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
}

/** A line of /etc/subuid and /etc/subgid. */
export interface IdRangeResource {
  readonly kind: 'id-range';
  readonly user: string;
  readonly start: number;
  readonly count: number;
}

/** A process that the machine's supervisor keeps: a systemd unit, else a runit service. */
export interface ServiceResource {
  readonly kind: 'service';
  /** `antler-<instance>-edge`. */
  readonly name: string;
  readonly description: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  /** Commands that run as root before each start; a failure is a failed start. */
  readonly before: readonly (readonly string[])[];
  /** Runs when the service stops or the machine goes down. */
  readonly after?: readonly string[];
  /** `always`: started at boot and again whenever it ends · `demand`: only when asked, may end by itself · `once`: runs to its end at boot and counts as active (ExecStop = `after`). */
  readonly mode: 'always' | 'demand' | 'once';
  /** Signal readiness: `notify` (HAProxy -Ws) or `exec`. */
  readonly ready: 'notify' | 'exec';
  readonly reload?: readonly string[];
  /** Seconds between SIGTERM and SIGKILL. */
  readonly stopSeconds: number;
  /** Soft and hard limit of open files; unset: inherited. */
  readonly openFiles?: number;
  /** Other service names that must be started before. */
  readonly afterServices: readonly string[];
  /** What a changed definition does to a running service: `restart` by default; `keep`: it counts from its next start (the edge loses no request). */
  readonly onChange?: 'restart' | 'keep';
}

/** A /32 on the loopback interface. */
export interface AddressResource {
  readonly kind: 'address';
  readonly address: string;
}

/** One nftables table, whole: removed and made in one transaction. */
export interface FirewallResource {
  readonly kind: 'firewall';
  readonly table: string;
  /** Body of `table inet <table> { … }`. */
  readonly rules: string;
}

export interface GroupResource {
  readonly kind: 'group';
  readonly name: string;
  /** Users that must be members. */
  readonly members: readonly string[];
}

/** One difference, with its own description: the shown plan is the run plan. */
export interface Change {
  readonly resource: Resource;
  readonly action: 'create' | 'update' | 'remove';
  /** `install haproxy 2.6.12-1+deb12u4`, `write /etc/…`. */
  readonly text: string;
  /** For people: what differs, old → new, a few lines at most. */
  readonly detail: readonly string[];
}

/** What was there before a change: JSON, for the ledger; `undoHost` puts it back. */
export type Undo =
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'directory'; readonly path: string; readonly before: PathBefore }
  | { readonly kind: 'file'; readonly path: string; readonly before: PathBefore }
  | { readonly kind: 'id-range'; readonly user: string; readonly start: number; readonly count: number }
  | { readonly kind: 'service'; readonly name: string; readonly place: SupervisorPlace }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'firewall'; readonly table: string; readonly before: string | null }
  | { readonly kind: 'group'; readonly name: string; readonly made: boolean; readonly added: readonly string[] };

export type PathBefore =
  | { readonly kind: 'absent' }
  | { readonly kind: 'file'; readonly base64: string; readonly mode: number; readonly uid: number; readonly gid: number }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'directory'; readonly mode: number; readonly uid: number; readonly gid: number };

/** What was read of the machine, for the wanted resources only. JSON, so that planner cases are data files. */
export interface Facts {
  readonly packages: Readonly<Record<string, PackageFact>>;
  readonly paths: Readonly<Record<string, PathFact>>;
  readonly groups: Readonly<Record<string, GroupFact | null>>;
  readonly idRanges: { readonly subuid: readonly IdRange[]; readonly subgid: readonly IdRange[] };
  /** IPv4 addresses on the loopback interface. */
  readonly addresses: readonly string[];
  readonly firewall: Readonly<Record<string, FirewallFact>>;
  readonly services: Readonly<Record<string, ServiceFact>>;
  /** Where services are defined; null where nobody said (no service is wanted). */
  readonly place: SupervisorPlace | null;
}

export interface PackageFact {
  readonly installed: string | null;
  /** The version that apt would install; null where apt knows none. Read for missing packages only. */
  readonly candidate: string | null;
}

export type PathFact =
  | { readonly kind: 'absent' }
  | { readonly kind: 'file'; readonly content: string; readonly mode: number; readonly owner: string; readonly group: string }
  | { readonly kind: 'directory'; readonly mode: number; readonly owner: string; readonly group: string }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'other' };

export interface GroupFact {
  readonly members: readonly string[];
}

export interface IdRange {
  readonly user: string;
  readonly start: number;
  readonly count: number;
}

/** Both as nft itself prints them, so that they compare whatever the spelling. */
export interface FirewallFact {
  readonly listed: string | null;
  readonly wanted: string;
}

export interface ServiceFact {
  /** Path → content of the definition's files that exist. */
  readonly files: Readonly<Record<string, string>>;
  /** Started at boot. */
  readonly enabled: boolean;
  readonly running: boolean;
  /** Somebody else's definition of this name: never overwritten. */
  readonly foreign?: string;
}

export type SupervisorKind = 'systemd' | 'runit';

/** Which supervisor, and where an instance's services are defined. */
export interface SupervisorPlace {
  readonly kind: SupervisorKind;
  /** The instance. */
  readonly id: string;
  readonly home: string;
  /** runit: one folder per service. Under systemd, units lie in /etc/systemd/system. */
  readonly servicesDir: string;
  /** runit: one folder of capped log files per service. Under systemd, the journal has them. */
  readonly logsDir: string;
}

/** Starts, stops and looks at supervised services; one per machine and instance. */
export interface Supervisor {
  readonly kind: SupervisorKind;
  /** Starts if it does not run; waits until it runs. Throws `host/service-failed` with its last log lines. */
  start(name: string, signal: AbortSignal): Promise<void>;
  stop(name: string, signal: AbortSignal): Promise<void>;
  restart(name: string, signal: AbortSignal): Promise<void>;
  /** Sends the service's reload command or signal. */
  reload(name: string, signal: AbortSignal): Promise<void>;
  state(name: string, signal: AbortSignal): Promise<ServiceState>;
  /** The last lines that the service printed, oldest first. */
  lines(name: string, count: number, signal: AbortSignal): Promise<readonly string[]>;
}

export interface ServiceState {
  readonly running: boolean;
  readonly pid: number | undefined;
  /** For people: `active (running)`, `run: 12 s`. */
  readonly text: string;
}
