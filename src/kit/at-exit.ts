/** What is done when our own process ends: one listener for all, as Node warns of more than ten. */

import process from 'node:process';

const all = new Set<() => void>();

/** Disposed where there is nothing to do any more. */
export function atExit(act: () => void): Disposable {
  if (all.size === 0) process.on('exit', actAll);
  all.add(act);
  return {
    [Symbol.dispose]() {
      all.delete(act);
      if (all.size === 0) process.off('exit', actAll);
    },
  };
}

function actAll(): void {
  for (const act of all) act();
}
