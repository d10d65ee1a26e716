/** Words of alerts: what is told, through which channels, and what came of it. */

import type { AlertWords } from '../../contract/alert.ts';

export interface Alert {
  /** 0: of a test. */
  readonly id: number;
  readonly state: AlertWords['state'];
  readonly severity: AlertWords['severity'];
  readonly title: string;
  readonly environment: string;
  readonly release: string;
  readonly reason: string;
  readonly subjects: readonly string[];
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** What one try gave. `detail` is short, for people, and holds no address and no secret. */
export type Delivery =
  | { readonly ok: true; readonly detail: string }
  /** `again`: it may go better later. */
  | { readonly ok: false; readonly detail: string; readonly again: boolean };

export interface Told {
  readonly channel: string;
  readonly ok: boolean;
  readonly detail: string;
  /** Milliseconds until it is tried again; undefined: that was the last try. */
  readonly againMs: number | undefined;
}

export interface Tested {
  readonly channel: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly ms: number;
}
