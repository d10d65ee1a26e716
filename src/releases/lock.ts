/** One rollout at a time in an environment: the second waits, and is told who holds it. */

import { AntlerError } from '../kit/errors.ts';

export interface EnvironmentLocks {
  /** Waits for the environment; `onWait` hears the holder once. Throws on abort. */
  acquire(environment: string, options: AcquireOptions): Promise<Disposable>;
  holder(environment: string): string | undefined;
}

export interface AcquireOptions {
  /** For people: `deploy of r4 by root`. */
  readonly holder: string;
  readonly onWait: (holder: string) => void;
  readonly signal: AbortSignal;
}

export function createLocks(): EnvironmentLocks {
  const held = new Map<string, { readonly holder: string; readonly released: Promise<void> }>();
  return {
    holder: (environment) => held.get(environment)?.holder,
    async acquire(environment, options) {
      for (let now = held.get(environment); now !== undefined; now = held.get(environment)) {
        options.onWait(now.holder);
        await Promise.race([now.released, aborted(options.signal)]);
      }
      options.signal.throwIfAborted();
      const { promise, resolve } = Promise.withResolvers<void>();
      held.set(environment, { holder: options.holder, released: promise });
      return {
        [Symbol.dispose]() {
          held.delete(environment);
          resolve();
        },
      };
    },
  };
}

async function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(new AntlerError('kit/aborted', 'Cannot wait longer as it was interrupted'));
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return promise;
}
