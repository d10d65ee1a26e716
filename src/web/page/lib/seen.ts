/** Whether anybody looks: a browser gives an origin six connections, so that a page in the background gives its streams back. */

import { effect, signal } from '@preact/signals';

const AWAY_MS = 20_000;

/** False after a while in the background, and in a page that was opened there; true at once when it is looked at. */
export const seen = signal(!document.hidden);

let timer: ReturnType<typeof setTimeout> | undefined;
document.addEventListener('visibilitychange', () => {
  clearTimeout(timer);
  if (document.hidden) timer = setTimeout(() => (seen.value = false), AWAY_MS);
  else seen.value = true;
});

/** Resolves when somebody looks. */
export async function whenSeen(): Promise<void> {
  await new Promise<void>((done) => {
    const stop = effect(() => {
      if (seen.value) queueMicrotask(() => (stop(), done()));
    });
  });
}
