/** Values from several sources in one stream: a slow reader slows the writers down. */

export interface Channel<T> extends AsyncIterable<T> {
  /** Waits while `limit` values are not read yet; false where nobody reads any more. */
  put(value: T): Promise<boolean>;
  /** No more values; what was put is still read. */
  close(): void;
}

export function createChannel<T>(limit: number): Channel<T> {
  const values: T[] = [];
  const state = { closed: false, readerGone: false };
  let changed = Promise.withResolvers<void>();
  const tell = (): void => {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  };
  return {
    async put(value) {
      while (values.length >= limit && !state.readerGone) await changed.promise;
      if (state.readerGone || state.closed) return false;
      values.push(value);
      tell();
      return true;
    },
    close() {
      state.closed = true;
      tell();
    },
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          while (values.length > 0) {
            const [value] = values.splice(0, 1) as [T];
            tell();
            yield value;
          }
          if (state.closed) return;
          await changed.promise;
        }
      } finally {
        state.readerGone = true;
        tell();
      }
    },
  };
}
