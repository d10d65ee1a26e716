/** Something that is asked for when a view opens, and again as long as it is open. */

import { useEffect, useState } from 'preact/hooks';

import { ApiError } from './api.ts';

export interface Loaded<T> {
  readonly value: T | undefined;
  readonly error: ApiError | undefined;
  readonly again: () => void;
}

/** Asks anew when `key` changes, and every so many milliseconds where that is given; what was there stays until the answer is. */
export function useLoad<T>(key: string, ask: (signal: AbortSignal) => Promise<T>, everyMs?: number): Loaded<T> {
  const [state, setState] = useState<{ readonly key: string; readonly value?: T; readonly error?: ApiError }>({ key });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      try {
        const value = await ask(abort.signal);
        if (!abort.signal.aborted) setState({ key, value });
      } catch (error) {
        if (abort.signal.aborted) return;
        const failed = error instanceof ApiError ? error : new ApiError({ message: String(error) });
        setState((before) => (before.key === key && before.value !== undefined ? { ...before, error: failed } : { key, error: failed }));
      }
      if (everyMs !== undefined && !abort.signal.aborted) timer = setTimeout(() => void look(), document.hidden ? everyMs * 5 : everyMs);
    };
    void look();
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key, turn, everyMs]);
  const own = state.key === key ? state : { key };
  return { value: own.value, error: own.error, again: () => setTurn((before) => before + 1) };
}
