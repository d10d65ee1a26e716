/** Concurrency groups of the daemon's runs: the decision is `plan/concurrency`'s, here is the waiting. */

import { AntlerError } from '../../kit/errors.ts';
import { enterGroup, groupKey } from '../plan/concurrency.ts';
import type { ConcurrencyRequest, Lease } from '../types.ts';

export interface Groups {
  /** Ends when the group is free. Throws `actions/superseded` where a newer one took its place. `who` is for its message. */
  enter(request: ConcurrencyRequest & { readonly who: string }, signal: AbortSignal): Promise<Lease>;
}

interface Place {
  readonly id: string;
  state: 'running' | 'waiting';
  readonly end: AbortController;
  readonly turn: PromiseWithResolvers<void>;
}

export function createGroups(): Groups {
  const groups = new Map<string, Place[]>();
  let count = 0;

  const leave = (key: string, place: Place): void => {
    const rest = (groups.get(key) ?? []).filter((each) => each !== place);
    groups.set(key, rest);
    if (rest.length === 0) groups.delete(key);
    const [next] = rest;
    if (next === undefined || rest.some(({ state }) => state === 'running')) return;
    next.state = 'running';
    next.turn.resolve();
  };

  return {
    async enter({ group, cancelInProgress, who }, signal) {
      const key = groupKey(group);
      const members = groups.get(key) ?? [];
      const { kind, cancel } = enterGroup(members, cancelInProgress);
      const place: Place = {
        id: String(count++),
        state: kind === 'run' ? 'running' : 'waiting',
        end: new AbortController(),
        turn: Promise.withResolvers<void>(),
      };
      groups.set(key, [...members, place]);
      for (const old of members.filter(({ id }) => cancel.includes(id))) {
        const why = new AntlerError('actions/superseded', `Cannot go on as ${who} of the same concurrency group took its place`);
        if (old.state === 'running') old.end.abort(why);
        else old.turn.reject(why);
      }
      if (place.state === 'running') place.turn.resolve();
      const stop = (): void => place.turn.reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      try {
        await place.turn.promise;
      } catch (error) {
        leave(key, place);
        throw error;
      } finally {
        signal.removeEventListener('abort', stop);
      }
      return { signal: place.end.signal, [Symbol.dispose]: () => leave(key, place) };
    },
  };
}
