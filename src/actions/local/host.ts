/** What a run needs from its host where there is no daemon: secrets that were typed, jobs on this machine, the working tree. */

import { existsSync } from 'node:fs';

import { AntlerError } from '../../kit/errors.ts';
import { capture } from '../../kit/capture.ts';
import type {
  CheckedOut,
  CheckoutRequest,
  ConcurrencyRequest,
  Lease,
  RunHost,
  RunLine,
  RunRecord,
  Sandbox,
  SandboxRequest,
} from '../types.ts';
import { copyTree } from './copy.ts';
import type { LocalGit } from './git.ts';

export interface LocalHostOptions {
  readonly git: LocalGit;
  readonly secrets: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
  readonly origin: string;
  readonly record: (event: RunRecord) => void;
  readonly line: (line: RunLine) => void;
  /** The seam to other modes. */
  readonly openSandbox: (request: SandboxRequest, signal: AbortSignal) => Promise<Sandbox>;
}

/** Jobs for these run here, whatever version they name: it is this machine. */
const SERVED = /^(?:self-hosted|linux|x64|arm64|ubuntu(?:-latest|-\d\d\.\d\d|-slim)(?:-arm)?)$/i;

export function createLocalHost(options: LocalHostOptions): RunHost {
  const enter = createGroups();
  return {
    record: async (event) => options.record(event),
    line: (line) => options.line(line),
    // Nobody but the one who typed it is asked.
    gate: async () => ({}),
    secrets: async () => options.secrets,
    vars: async () => options.vars,
    sandbox: async (request, signal) => {
      refuseLabels(request.labels);
      return options.openSandbox(request, signal);
    },
    enter,
    checkout: async (request, signal) => checkoutTree(options, request, signal),
  };
}

function refuseLabels(labels: readonly string[]): void {
  const unknown = labels.find((label) => !SERVED.test(label));
  if (labels.length > 0 && unknown === undefined) return;
  const which = unknown === undefined ? '`runs-on` is empty' : `no runner here serves the label \`${unknown}\``;
  throw new AntlerError('actions/no-runner', `Cannot run the job as ${which}`);
}

async function checkoutTree(
  { git, origin }: LocalHostOptions,
  { directory, ref }: CheckoutRequest,
  signal: AbortSignal,
): Promise<CheckedOut> {
  const own = ref === undefined || [git.ref, git.sha, git.ref.replace(/^refs\/(?:heads|tags)\//, '')].includes(ref);
  await copyTree({ from: git, to: directory, origin }, signal);
  if (own) return { sha: git.sha, ref: git.ref };
  if (!existsSync(`${directory}/.git`))
    throw new AntlerError('actions/step-failed', `Cannot check out ${ref} as the folder is no git repository`);
  const found = await capture(['git', '-C', git.root, 'rev-parse', '--quiet', '--verify', '--end-of-options', `${ref}^{commit}`], {
    signal,
    accept: [1, 128],
  });
  const sha = found.stdout.trim();
  if (found.exitCode !== 0 || sha === '')
    throw new AntlerError('actions/step-failed', `Cannot check out ${ref} as there is no such branch, tag or commit here`);
  await capture(['git', '-C', directory, 'checkout', '--quiet', '--force', '--detach', sha], { signal });
  await capture(['git', '-C', directory, 'clean', '-fdq'], { signal });
  return { sha, ref };
}

/** Groups inside of one run: one job at a time, one waits, a newer one takes its place. */
function createGroups(): RunHost['enter'] {
  const running = new Map<string, { stop: AbortController; over: Promise<void> }>();
  const waiting = new Map<string, AbortController>();
  return async ({ group, cancelInProgress }: ConcurrencyRequest, signal: AbortSignal): Promise<Lease> => {
    const key = group.toLowerCase();
    waiting.get(key)?.abort();
    const mine = new AbortController();
    waiting.set(key, mine);
    for (let holder = running.get(key); holder !== undefined; holder = running.get(key)) {
      if (cancelInProgress) holder.stop.abort(`A newer job of the group ${group} took its place`);
      await Promise.race([holder.over, aborted(signal), aborted(mine.signal)]);
      signal.throwIfAborted();
      if (mine.signal.aborted)
        throw new AntlerError('actions/superseded', `Cannot run the job as a newer one of the group ${group} took its place`);
    }
    waiting.delete(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = new AbortController();
    running.set(key, { stop, over: promise });
    return {
      signal: stop.signal,
      [Symbol.dispose]: () => {
        running.delete(key);
        resolve();
      },
    };
  };
}

async function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
