/** Addresses of the jobs' network: each has one job at a time, and the one given back last is given again last. */

import { AntlerError } from '../../kit/errors.ts';

const FIRST = 10;
const LAST = 250;

export interface JobAddresses {
  take(): { readonly address: string; [Symbol.dispose](): void };
}

/** `subnet`: `10.x.201.0/24`. */
export function createAddresses(subnet: string): JobAddresses {
  const net = subnet.split('.').slice(0, 3).join('.');
  const free = Array.from({ length: LAST - FIRST + 1 }, (_, index) => `${net}.${FIRST + index}`);
  return {
    take() {
      const address = free.shift();
      if (address === undefined)
        throw new AntlerError('instance/no-free-block', 'Cannot give the job an address as all are taken by running jobs');
      return { address, [Symbol.dispose]: () => void free.push(address) };
    },
  };
}
