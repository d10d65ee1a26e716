/** Progress of one piece of work: whoever comes later hears it from the beginning. It lives as long as the work. */

export interface Feed<T> {
  push(event: T): void;
  /** No more events. */
  close(): void;
  events(signal: AbortSignal): AsyncGenerator<T>;
}

export function createFeed<T>(): Feed<T> {
  const past: T[] = [];
  let closed = false;
  let wake = Promise.withResolvers<void>();
  const changed = (): void => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  return {
    push(event) {
      past.push(event);
      changed();
    },
    close() {
      closed = true;
      changed();
    },
    async *events(signal) {
      signal.addEventListener('abort', changed, { once: true });
      try {
        for (let next = 0; !signal.aborted;) {
          const waiting = wake.promise;
          for (; next < past.length; next += 1) yield past[next] as T;
          if (closed) return;
          await waiting;
        }
      } finally {
        signal.removeEventListener('abort', changed);
      }
    },
  };
}
