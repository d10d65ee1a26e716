/** Rows and questions of metrics.db: the history that is watched, and the incidents. Times in milliseconds since 1970. */

/** As the monitor's target; `''` where there is none. */
export interface TargetKeyRow {
  readonly environment: string;
  readonly service: string;
  readonly release: string;
  readonly replica: string;
  readonly check: string;
}

/** What was seen of one target in one minute. Counts, never percentages. */
export interface ProbeMinuteRow extends TargetKeyRow {
  readonly up: number;
  readonly down: number;
  readonly late: number;
  readonly sumMs: number;
  readonly minMs: number;
  readonly maxMs: number;
}

/** What one version answered in one minute; `release` is `none` where the edge answered itself. */
export interface TrafficMinuteRow {
  readonly environment: string;
  readonly service: string;
  readonly release: string;
  readonly requests: number;
  /** The application's own 5xx. */
  readonly errors: number;
  readonly lost: number;
  /** Counts by the buckets of `HISTOGRAM_LIMITS_MS`. */
  readonly histogram: readonly number[];
}

/** What the machine itself was doing in one minute. */
export interface MachineMinuteRow {
  /** Share of all cores, 0 to 1. */
  readonly cpu: number;
  readonly memoryBytes: number;
  readonly diskFreeBytes: number;
  readonly temperature: number | undefined;
  readonly writtenBytes: number;
}

export interface ClosedMinute {
  /** Its begin, ms since 1970. */
  readonly at: number;
  readonly probes: readonly ProbeMinuteRow[];
  readonly traffic: readonly TrafficMinuteRow[];
  readonly machine: MachineMinuteRow | undefined;
}

export interface TransitionRow {
  readonly environment: string;
  readonly service: string;
  readonly release: string;
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly evidence: string;
}

export interface IncidentRow {
  readonly id: number;
  /** One incident is open per cause: `service prod/backend`, `part engine`, `monitor shop`. */
  readonly cause: string;
  readonly title: string;
  readonly severity: 'down' | 'degraded' | 'drift';
  readonly environment: string;
  /** What is affected: `prod/backend`. */
  readonly subjects: readonly string[];
  readonly release: string;
  readonly openedAt: number;
  readonly closedAt: number | undefined;
  readonly acknowledgedBy: string | undefined;
  readonly acknowledgedAt: number | undefined;
}

/** One line of an incident's timeline. */
export interface IncidentEntryRow {
  readonly incident: number;
  readonly at: number;
  readonly kind: 'opened' | 'transition' | 'affected' | 'deploy' | 'note' | 'acknowledged' | 'notified' | 'notify-failed' | 'closed';
  readonly text: string;
  readonly actor: string;
}

export interface HistoryQuery {
  readonly environment: string;
  readonly service: string;
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Points are at least so far apart; the store takes minutes, hours or days by it. */
  readonly stepMs: number;
  /** Of probes: all replicas and releases of a check in one sum, their names `''`. */
  readonly together?: boolean;
}

export interface ProbePoint extends TargetKeyRow {
  readonly at: number;
  readonly up: number;
  readonly down: number;
  readonly late: number;
  readonly sumMs: number;
  readonly maxMs: number;
}

export interface TrafficPoint extends Omit<TrafficMinuteRow, 'environment' | 'service'> {
  readonly at: number;
}

export interface UptimeRow {
  readonly environment: string;
  readonly service: string;
  readonly check: string;
  readonly up: number;
  readonly down: number;
}

/** How the database is: a verdict never depends on it. */
export interface MetricsState {
  readonly kind: 'ok' | 'full' | 'read-only' | 'failed';
  readonly detail: string;
  /** Minutes that were let go since the daemon started. */
  readonly droppedMinutes: number;
  /** Transitions that wait to be written. */
  readonly waiting: number;
  readonly bytes: number;
  readonly writtenBytes: number;
}

/** The history. It is written by a thread of its own: nothing here blocks the event loop. */
export interface Metrics {
  /** All of it or nothing, in one transaction; false where it was let go (full disk, read-only). Never throws. A minute that is there already is added to. */
  minute(minute: ClosedMinute): Promise<boolean>;
  /** Written at once; while that is not possible it waits in memory and is tried again. Resolves when it is written. */
  transition(row: TransitionRow): Promise<void>;
  /** Adds or changes; id 0 is new. Gives the id. Kept in memory while nothing can be written. */
  saveIncident(row: IncidentRow): Promise<number>;
  addEntry(row: IncidentEntryRow): Promise<void>;
  incidents(query: { readonly open?: boolean; readonly limit: number }): Promise<readonly IncidentRow[]>;
  incident(id: number): Promise<{ readonly incident: IncidentRow; readonly entries: readonly IncidentEntryRow[] } | undefined>;
  probes(query: HistoryQuery): Promise<readonly ProbePoint[]>;
  traffic(query: HistoryQuery): Promise<readonly TrafficPoint[]>;
  machine(query: Pick<HistoryQuery, 'from' | 'to' | 'stepMs'>): Promise<readonly (MachineMinuteRow & { readonly at: number })[]>;
  transitions(
    query: Pick<HistoryQuery, 'from' | 'to'> & Partial<Pick<HistoryQuery, 'environment' | 'service'>>,
  ): Promise<readonly TransitionRow[]>;
  /** Sums of probes since then, by service and check. */
  uptime(from: number): Promise<readonly UptimeRow[]>;
  state(): MetricsState;
  [Symbol.asyncDispose](): Promise<void>;
}
