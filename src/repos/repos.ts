/** The door: one app's repository, the daemon's own. */

import { AntlerError } from '../kit/errors.ts';
import { checkOut } from './checkout.ts';
import { guarded } from './damage.ts';
import { ensureRepository } from './ensure.ts';
import { changedFiles, listCommits } from './history.ts';
import { headBranch, readFiles, resolveName } from './look.ts';
import { receivePush, recoverPushes } from './receive.ts';
import { serve } from './serve.ts';
import type { Repository } from './types.ts';

export interface RepositoryOptions {
  /** Absolute folder of the bare repository, `<home>/repos/<app>.git`; no link in it. */
  readonly path: string;
  /** HEAD of a new repository; the first pushed branch takes its place where it is never pushed. `main` by default. */
  readonly defaultBranch?: string;
  /** What `git remote get-url origin` says in checkouts: a name, nothing answers there. */
  readonly origin?: string;
  /** Throws where too little disk is free for a push. */
  readonly diskFloor?: () => Promise<void>;
}

export function createRepository(options: RepositoryOptions): Repository {
  const { path, defaultBranch = 'main', origin = 'http://antler.localhost/repository' } = options;
  let pushes = 0;
  const looking = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => guarded(path, signal, work);
  return Object.freeze<Repository>({
    path,
    ensure: async (signal) => ensureRepository(path, { defaultBranch, idle: pushes === 0, signal }),
    receive: async (push) => {
      await options.diskFloor?.();
      pushes++;
      try {
        return await guarded(path, push.signal, async () => receivePush(path, push));
      } finally {
        pushes--;
      }
    },
    recover: async (record, signal) => recoverPushes(path, record, signal),
    upload: async (stream) => {
      const { exitCode, lines } = await serve({ path, name: 'upload-pack', env: {} }, stream);
      if (exitCode === 0) return;
      throw new AntlerError('repos/receive-failed', `Cannot hand the repository out as git ended with ${exitCode}`, {
        lines: lines.slice(-5),
      });
    },
    resolve: async (name, signal) => looking(signal, async () => resolveName(path, name, signal)),
    defaultBranch: async (signal) => looking(signal, async () => headBranch(path, signal)),
    commits: async (before, after, signal) => looking(signal, async () => listCommits(path, { before, after }, signal)),
    changed: async (range, signal) => looking(signal, async () => changedFiles(path, range, signal)),
    read: async (sha, folder, signal) => looking(signal, async () => readFiles(path, { sha, folder }, signal)),
    checkout: async (request, signal) => looking(signal, async () => checkOut({ path, origin }, request, signal)),
  });
}
export { eventsOf } from './facts.ts';
export { personsGit, readCheckout } from './person.ts';
export { ensureRemote, pushTo } from './remote.ts';
