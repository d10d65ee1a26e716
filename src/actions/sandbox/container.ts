/** The place where a workflow's job runs as a container: one for each job, nobody on the machine, removed with all its files when the job ends. */

import { randomBytes } from 'node:crypto';
import { chown } from 'node:fs/promises';
import { join } from 'node:path';

import { LABELS } from '../../engines/engines.ts';
import type { ContainerSpec, Engine } from '../../engines/types.ts';
import type { Images } from '../../images/types.ts';
import { isAbort } from '../../kit/errors.ts';
import type { AdmissionDesk, JobLimits } from '../admission.ts';
import type { DiskWatch } from '../disk-watch.ts';
import type { Sandbox, SandboxExec, SandboxExit, SandboxRequest } from '../types.ts';
import { createAddresses } from './addresses.ts';
import { emptyFolder, INSIDE, makeFolders, type JobFolders } from './folders.ts';
import { jobEnv, proxies } from './job-env.ts';
import { LADDER_TIMES, type LadderTimes } from './ladder.ts';
import { withLadder } from './rungs.ts';
import { checkLabels, runnerArch } from './labels.ts';

export interface ContainerSandboxOptions {
  readonly instance: string;
  readonly engine: Engine;
  readonly images: Pick<Images, 'provide' | 'reach'>;
  readonly admission: AdmissionDesk;
  readonly limits: JobLimits;
  /** The jobs' own; must exist. */
  readonly network: { readonly name: string; readonly subnet: string };
  /** Absolute; holds a folder for each running job and nothing else. */
  readonly folder: string;
  /** Absolute folder of the program's copy: `antler`, `bin/node`, `src`. */
  readonly program: string;
  /** Throws where too little disk is free for a job. */
  readonly diskFloor?: () => Promise<void>;
  /** Ends a job that fills the disk. */
  readonly disk?: DiskWatch;
  /** Lets the job call the environment's entry and nothing else of ours, until it is disposed. */
  readonly openEntry: (address: string, environment: string, signal: AbortSignal) => Promise<AsyncDisposable>;
  /** How long a cancelled step may take; GitHub's times by default. */
  readonly ladder?: LadderTimes;
}

export interface RunPlace {
  readonly run: number;
  /** The run's own socket on the machine, mounted alone; ANTLER_SOCKET says where. */
  readonly socket?: string;
  readonly signal: AbortSignal;
}

export interface ContainerSandboxes extends AsyncDisposable {
  /** Waits for room; makes image and place. Throws `actions/no-runner`, `images/…`, `engines/…`. */
  open(request: SandboxRequest, place: RunPlace): Promise<Sandbox>;
  /** What a killed daemon left: its jobs' containers and files. To be called before the first `open`. */
  removeAll(signal: AbortSignal): Promise<void>;
}

/** The base that jobs get who name no image. */
export const JOB_BASE = 'ci';
const SOCKET = '/run/antler.sock';
const PROGRAM = '/opt/antler';
const PATHS = { workspace: INSIDE.workspace, temp: INSIDE.temp, toolCache: INSIDE.toolCache, runner: INSIDE.runner };
/** Of what apps have: they win wherever both want the processor. */
const CPU_SHARES = 128;
/** When the machine's memory ends, a job goes before anything that is deployed. */
const OOM_SCORE = 500;

export function createContainerSandboxes(options: ContainerSandboxOptions): ContainerSandboxes {
  const { engine, limits } = options;
  const arch = runnerArch(process.arch);
  const addresses = createAddresses(options.network.subnet);
  /** Removals that go on after their job has ended. */
  const leaving = new Set<Promise<void>>();

  function specOf(made: {
    readonly name: string;
    readonly image: string;
    readonly address: string;
    readonly folders: JobFolders;
  }): ContainerSpec {
    return {
      name: made.name,
      image: made.image,
      entrypoint: ['tail'],
      command: ['-f', '/dev/null'],
      init: true,
      env: {},
      labels: {},
      network: options.network.name,
      address: made.address,
      alone: true,
      hosts: { 'antler.localhost': '127.0.0.1' }, // github.server_url's host: the toolkit reads it, scripts may dial it
      userns: 'auto',
      ...limits,
      cpuShares: CPU_SHARES,
      oomScore: OOM_SCORE,
      hardened: false,
      volumes: [],
      mounts: [...made.folders.mounts, { source: options.program, path: PROGRAM, readOnly: true }],
    };
  }

  async function open(request: SandboxRequest, place: RunPlace): Promise<Sandbox> {
    const { signal } = place;
    const { job, onLine, onWait } = request;
    checkLabels(job, request.labels, process.arch);
    await options.diskFloor?.();
    const container = request.container;
    const image = await options.images.provide(
      container === undefined ? { kind: 'base', base: JOB_BASE } : { kind: 'public', image: container.image },
      { signal, onLine },
    );
    await using making = new AsyncDisposableStack();
    const slug = `${place.run}-${job
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, 30)}`;
    const name = `antler-${options.instance}-job-${slug}-${randomBytes(3).toString('hex')}`;
    const admitted = making.use(
      await options.admission.enter({
        memory: limits.memory,
        used: async () => (await engine.memory(name, AbortSignal.timeout(2000)))?.bytes ?? 0,
        signal,
        onWait,
      }),
    );
    const { address } = making.use(addresses.take());
    const folders = making.use(await makeFolders(options.folder, slug));
    const reach = await options.images.reach(join(folders.root, 'reach'), { debian: image.base !== undefined, signal });
    const reference = `${image.repository}@${image.digest}`;
    await engine.pull(reference, signal);
    await options.diskFloor?.(); // it may have waited for hours, and the image has taken its part
    const base = specOf({ name, image: reference, address, folders });
    making.defer(async () => engine.remove(name, AbortSignal.timeout(60_000)));
    await engine.create(
      {
        ...base,
        env: container?.env({ name, arch, paths: PATHS }) ?? {},
        labels: { [LABELS.kind]: 'job', [LABELS.run]: String(place.run), [LABELS.job]: job },
        mounts: [
          ...(base.mounts ?? []),
          { source: join(folders.root, 'reach'), path: reach.path, readOnly: true },
          ...(place.socket === undefined ? [] : [{ source: place.socket, path: SOCKET, readOnly: false }]),
        ],
      },
      signal,
    );
    const { idBase = 0, env, written } = await engine.place(name, signal);
    await folders.own(idBase);
    if (place.socket !== undefined) await chown(place.socket, idBase, idBase);
    const entry = new AsyncDisposableStack();
    making.use(entry);
    if (request.environment !== undefined) entry.use(await options.openEntry(address, request.environment, signal));
    await engine.start(name, signal);
    const ended = new AbortController();
    const stack = making.move();
    let removal: Promise<void> | undefined;
    let leaves: Promise<void> | undefined;
    let gone: Promise<void> | undefined;
    const leave = async (): Promise<void> => {
      await entry.disposeAsync();
      // Nothing of it runs on; the rest may take its time while the run, and the next job, go on.
      await engine.kill(name, 'SIGKILL', AbortSignal.timeout(10_000)).catch(() => undefined);
      admitted[Symbol.dispose]();
      const going = stack.disposeAsync().catch(() => undefined); // what stays is found by `removeAll`
      removal = going;
      leaving.add(going);
      void going.then(() => leaving.delete(going));
    };
    const vanish = async (): Promise<void> => {
      // No ladder: in its ten seconds it could write what is left.
      await engine.kill(name, 'SIGKILL', AbortSignal.timeout(10_000)).catch(() => undefined);
      await (leaves ??= leave());
      await removal;
    };
    const watched = options.disk?.add({
      run: place.run,
      folders: written === undefined ? [folders.root] : [folders.root, written],
      async end(error) {
        ended.abort(error);
        gone = vanish();
        await gone;
      },
    });
    if (watched !== undefined) entry.use(watched);
    return {
      kind: 'container',
      name,
      arch,
      paths: PATHS,
      env: jobEnv({
        image: env,
        reach: reach.env,
        proxies: proxies(process.env),
        home: INSIDE.home,
        program: PROGRAM,
        debian: image.base !== undefined,
        ...(place.socket === undefined ? {} : { socket: SOCKET }),
      }),
      memory: limits.memory,
      toHost: (path) => folders.toHost(path),
      handOver: async (hostPath, handing) => folders.handOver(hostPath, idBase, handing),
      ended: ended.signal,
      async exec(exec) {
        const exit = await execIn(name, exec);
        if (!ended.signal.aborted) return exit;
        await gone; // its space is free again: what is told now can be written down
        return { ...exit, reason: 'canceled' };
      },
      [Symbol.asyncDispose]: async () => (leaves ??= leave()),
    };
  }

  async function execIn(name: string, { signal, ...wanted }: SandboxExec): Promise<SandboxExit> {
    if (signal.aborted) return { exitCode: 130, reason: 'canceled' };
    const never = new AbortController().signal;
    const kills = async (): Promise<number | undefined> => (await engine.memory(name, never))?.oomKills;
    const before = (await kills()) ?? 0;
    const lastResort = async (): Promise<void> => engine.kill(name, 'SIGKILL', never).catch(() => undefined);
    const ladder = { ...(options.ladder ?? LADDER_TIMES), lastResort };
    /** The kernel killed something of the job for its memory: or all of it, and then nothing is left to be counted. */
    const wasOom = async (): Promise<boolean> => {
      const after = await kills();
      if (after !== undefined) return after > before;
      const state = (await engine.inspect(name, never))?.state;
      return state?.kind === 'exited' && state.reason === 'oom';
    };
    try {
      const running = await engine.spawn(name, { ...wanted, together: true, signal });
      const exitCode = await withLadder(running, ladder, signal);
      if (signal.aborted) return { exitCode, reason: 'canceled' };
      return { exitCode, reason: exitCode !== 0 && (await wasOom()) ? 'oom' : 'done' };
    } catch (error) {
      if (signal.aborted || isAbort(error)) return { exitCode: 130, reason: 'canceled' };
      if (await wasOom()) return { exitCode: 137, reason: 'oom' };
      throw error;
    }
  }

  return {
    open,
    async removeAll(signal) {
      const jobs = (await engine.list(signal)).filter(({ labels }) => labels[LABELS.kind] === 'job');
      await Promise.all(jobs.map(async ({ name }) => engine.remove(name, signal)));
      await emptyFolder(options.folder);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(leaving);
    },
  };
}
