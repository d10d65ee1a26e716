/**
 * The only room that speaks SQL. platform.db: releases, rollouts, environments, approvals, runs, settings; precious, written at once.
 * metrics.db: what was watched; apart, so that no fault of it ever blocks a deploy.
 */

import { systemClock, type Clock } from '../kit/clock.ts';
import { approvalStore, type ApprovalStore } from './approvals.ts';
import { openDatabase } from './database.ts';
import { environmentStore, type EnvironmentStore } from './environments.ts';
import { explained } from './explained.ts';
import { PLATFORM } from './migrations.ts';
import { releaseStore, type ReleaseStore } from './releases.ts';
import { rolloutStore, type RolloutStore } from './rollouts.ts';
import { runStore, type RunStore } from './runs.ts';
import { sessionStore, type SessionStore } from './sessions.ts';
import { settingStore, type SettingStore } from './settings.ts';
import { watchStore, type WatchStore } from './watch.ts';

export { addHistograms, histogramBucket, histogramPercentile } from './metrics/histogram.ts';
export { openMetrics, type MetricsOptions } from './metrics/metrics.ts';
export { failureOf } from './metrics/schema.ts';

export interface Platform {
  readonly releases: ReleaseStore;
  readonly rollouts: RolloutStore;
  readonly environments: EnvironmentStore;
  readonly approvals: ApprovalStore;
  readonly runs: RunStore;
  readonly settings: SettingStore;
  readonly watch: WatchStore;
  readonly sessions: SessionStore;
  [Symbol.dispose](): void;
}

/** Opens `platform.db` at `path` (`:memory:` in tests). Throws `store/newer`, `store/failed`; what it gives throws `store/failed` where the disk is full or cannot be written. */
export function openPlatform(path: string, clock: Clock = systemClock): Platform {
  const db = openDatabase(path, PLATFORM);
  const of = <T extends object>(store: T): T => explained(store, path);
  return {
    releases: of(releaseStore(db, clock)),
    rollouts: of(rolloutStore(db, clock)),
    environments: of(environmentStore(db, clock)),
    approvals: of(approvalStore(db, clock)),
    runs: of(runStore(db, clock)),
    settings: of(settingStore(db, clock)),
    watch: of(watchStore(db, clock)),
    sessions: of(sessionStore(db)),
    [Symbol.dispose]: () => db.close(),
  };
}
