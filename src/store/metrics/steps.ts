/** Work that lets the event loop go round in between. */

/** A generator whose steps take a few milliseconds at most. */
export type Steps<T> = Generator<undefined, T>;

const TURN_MS = 4;

/** Runs steps; after each few milliseconds others have their turn. */
export async function inSteps<T>(steps: Steps<T>): Promise<T> {
  for (let until = performance.now() + TURN_MS; ;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (performance.now() < until) continue;
    await new Promise((resolve) => setImmediate(resolve));
    until = performance.now() + TURN_MS;
  }
}
