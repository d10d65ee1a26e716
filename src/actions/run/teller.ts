/** What a job tells: records and lines, each masked on its way out. */

import type { JobRecord, RunHost, RunLine, StepRecord } from '../types.ts';
import type { Masks } from './masks.ts';

export interface Teller {
  readonly masks: Masks;
  readonly debugging: boolean;
  /** From now on `::debug::` is told. */
  debug(): void;
  line(step: number, line: Pick<RunLine, 'kind' | 'text' | 'where'>): Promise<void> | void;
  step(step: Omit<StepRecord, 'kind' | 'at' | 'job'>): Promise<void>;
  job(record: Omit<JobRecord, 'kind' | 'at'>): Promise<void>;
}

export interface TellerOptions {
  readonly host: RunHost;
  readonly key: string;
  readonly masks: Masks;
  readonly debugging: boolean;
}

export function createTeller({ host, key, masks, debugging: asked }: TellerOptions): Teller {
  let debugging = asked;
  return {
    masks,
    get debugging() {
      return debugging;
    },
    debug: () => void (debugging = true),
    line: (step, { kind, text, where }) => {
      if (kind === 'debug' && !debugging) return undefined;
      const places = where === undefined ? {} : { where: maskAll(where, masks) };
      return host.line({ at: Date.now(), job: key, step, kind, text: masks.mask(text), ...places });
    },
    step: async (step) => host.record({ ...step, kind: 'step', at: Date.now(), job: key, name: masks.mask(step.name) }),
    job: async (record) =>
      host.record({
        ...record,
        kind: 'job',
        at: Date.now(),
        name: masks.mask(record.name),
        ...(record.reason === undefined ? {} : { reason: masks.mask(record.reason) }),
      }),
  };
}

function maskAll(values: Readonly<Record<string, string>>, masks: Masks): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, masks.mask(value)]));
}
