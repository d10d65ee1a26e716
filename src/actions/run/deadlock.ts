/** A job that asks for the concurrency group which its own run holds could wait for ever: as on GitHub it is cancelled, and says why. */

import { AntlerError } from '../../kit/errors.ts';
import { groupKey } from '../plan/concurrency.ts';
import type { RunHost } from '../types.ts';

/** The host of a run that holds this group. Its `enter` throws `actions/deadlock` where a job asks for the same one. */
export function refuseOwnGroup(host: RunHost, held: string): RunHost {
  return {
    ...host,
    async enter(request, signal) {
      const { group, job } = request;
      if (job !== undefined && groupKey(group) === groupKey(held))
        throw new AntlerError(
          'actions/deadlock',
          `Canceling since a deadlock for concurrency group '${group}' was detected between 'top level workflow' and '${job}'`,
        );
      return host.enter(request, signal);
    },
  };
}
