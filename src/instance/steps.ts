/** Progress of what this room does, as the contract's events. */

import type { OutputEvent, StepEvent } from '../contract/events.ts';
import { isoTime, systemClock, type Clock } from '../kit/clock.ts';

export interface StepInfo {
  /** Stable key, e.g. `host/packages`. */
  readonly step: string;
  readonly title: string;
}

export interface Steps {
  /** Says start, runs `work`, says done or failed. What `work` returns as `detail` is shown. */
  run<T>(info: StepInfo, work: (report: Report) => Promise<T>): Promise<T>;
  /** A step that had nothing to do. */
  skip(info: StepInfo, detail?: string): void;
}

export interface Report {
  /** A line of output below the running step. */
  readonly line: (line: string) => void;
  /** Shown beside the step when it is done. */
  readonly detail: (text: string) => void;
}

export function createSteps(onEvent: (event: StepEvent | OutputEvent) => void, clock: Clock = systemClock): Steps {
  const time = (): string => isoTime(clock.now());
  return {
    async run(info, work) {
      const from = performance.now();
      let detail: string | undefined;
      const end = (state: 'done' | 'failed'): StepEvent => {
        const more = detail === undefined ? {} : { detail };
        return { kind: 'step', time: time(), ...info, state, ms: Math.round(performance.now() - from), ...more };
      };
      onEvent({ kind: 'step', time: time(), ...info, state: 'start' });
      try {
        const report: Report = {
          line: (line) => onEvent({ kind: 'output', time: time(), step: info.step, line }),
          detail: (text) => {
            detail = text;
          },
        };
        const result = await work(report);
        onEvent(end('done'));
        return result;
      } catch (error) {
        onEvent(end('failed'));
        throw error;
      }
    },
    skip(info, detail) {
      onEvent({ kind: 'step', time: time(), ...info, state: 'skipped', ...(detail === undefined ? {} : { detail }) });
    },
  };
}
