/** What both supervisors do for us. */

import type { ServiceFact, ServiceResource, Supervisor } from '../types.ts';

/** What the planner's acting side needs beyond starting and stopping. */
export interface SupervisorHands extends Supervisor {
  facts(services: readonly ServiceResource[], signal: AbortSignal): Promise<Readonly<Record<string, ServiceFact>>>;
  /** Writes the definitions; starts nothing that does not run. */
  define(services: readonly ServiceResource[], signal: AbortSignal): Promise<void>;
  /** Stops all of them at once, takes their definitions away. Absent is fine. */
  forget(names: readonly string[], signal: AbortSignal): Promise<void>;
}
