/** What every step on the machine may need. */

import type { SupervisorPlace } from './types.ts';

export interface HostOptions {
  readonly signal: AbortSignal;
  /** Where services are defined; needed where services are wanted. */
  readonly place?: SupervisorPlace;
  /** For people: lines of apt, who is waited for. */
  readonly onLine?: (line: string) => void;
  /** Milliseconds that another holder of the dpkg lock is waited for; five minutes by default (unattended upgrades). */
  readonly lockWaitMs?: number;
  /** Another apt configuration (`APT_CONFIG`). */
  readonly aptConfig?: string;
}
