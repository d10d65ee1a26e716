/** Openings in the firewall: a job that is put behind an environment may call that environment's entry, as long as it runs, and nothing else of ours. */

import type { AppSpec } from '../config/types.ts';
import { exec } from '../kit/exec.ts';
import { AntlerError } from '../kit/errors.ts';
import { firewallTable } from './paths.ts';
import type { Instance, Topology } from './types.ts';

export interface EntriesOptions {
  readonly instance: Pick<Instance, 'id'>;
  /** As they are now. */
  readonly spec: () => Pick<AppSpec, 'services'> | undefined;
  readonly topology: () => Topology;
}

export interface OpenEntry extends AsyncDisposable {
  /** Where the job finds it. */
  readonly url: string;
}

export interface Entries {
  /** Where a job finds the environment's entry; undefined where the environment is not known or nothing is exposed. */
  urlOf(environment: string): string | undefined;
  /** Lets the job at this address of the jobs' network call that entry, until it is disposed. */
  open(address: string, environment: string, signal: AbortSignal): Promise<OpenEntry>;
  /** After the table was made anew: what is open is put back, and nothing else is open. */
  restore(signal: AbortSignal): Promise<void>;
}

interface Place {
  readonly address: string;
  readonly port: number;
}

/** Name of the set in the instance's table: `job address . entry's address . port`. */
export const JOBS_SET = 'jobs';

export function createEntries({ instance, spec, topology }: EntriesOptions): Entries {
  const table = firewallTable(instance.id);
  const opened = new Set<string>();

  const nft = async (script: string, signal: AbortSignal, accept: readonly number[] = []): Promise<void> => {
    await exec(['nft', '-f', '-'], { signal, input: script, accept });
  };
  const placeOf = (environment: string): Place | undefined => {
    const service = spec()?.services.find(({ expose }) => expose);
    const address = service === undefined ? undefined : topology().environments[environment]?.services[service.name];
    return service === undefined || address === undefined ? undefined : { address, port: service.port };
  };

  return {
    urlOf(environment) {
      const place = placeOf(environment);
      return place === undefined ? undefined : urlAt(place);
    },
    async open(address, environment, signal) {
      const place = placeOf(environment);
      if (place === undefined) {
        throw new AntlerError('releases/unknown-environment', `Cannot open the entry of ${environment} to a job as it has none`);
      }
      const element = elementOf(address, place);
      await nft(`add element inet ${table} ${JOBS_SET} { ${element} }\n`, signal);
      opened.add(element);
      return {
        url: urlAt(place),
        async [Symbol.asyncDispose]() {
          opened.delete(element);
          // The table may be gone, or new without it.
          await nft(`delete element inet ${table} ${JOBS_SET} { ${element} }\n`, AbortSignal.timeout(10_000), [1]);
        },
      };
    },
    async restore(signal) {
      const elements = opened.size === 0 ? '' : `add element inet ${table} ${JOBS_SET} { ${[...opened].join(', ')} }\n`;
      await nft(`flush set inet ${table} ${JOBS_SET}\n${elements}`, signal);
    },
  };
}

function urlAt({ address, port }: Place): string {
  return `http://${address}:${port}`;
}

/** What nft reads is made of numbers only. Pure. */
export function elementOf(job: string, { address, port }: Place): string {
  for (const each of [job, address]) {
    if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(each)) throw new AntlerError('internal/bug', `Cannot open an entry as ${each} is no address`);
  }
  return `${job} . ${address} . ${Math.trunc(port)}`;
}
