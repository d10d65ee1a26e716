/** Wires workflow runs: the app's repository, its runs, and for each job a place with a socket of its own. */

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { createRuns, type OpenJob, type Runs, type RunsOptions } from '../actions/actions.ts';
import type { Sandbox, SandboxRequest } from '../actions/types.ts';
import { createJobHandlers, openApi, type GitOptions } from '../api/api.ts';
import type { Handlers } from '../api/types.ts';
import type { AppSpec } from '../config/types.ts';
import { systemClock } from '../kit/clock.ts';
import { AntlerError } from '../kit/errors.ts';
import type { Releases } from '../releases/releases.ts';
import { createRepository } from '../repos/repos.ts';
import type { Repository } from '../repos/types.ts';
import type { Platform } from '../store/store.ts';
import { buildCommit } from './commits.ts';

export interface WorkflowsOptions extends Pick<RunsOptions, 'secrets' | 'variables' | 'log' | 'signal'> {
  readonly store: Platform;
  readonly releases: Releases;
  readonly health: Handlers['health'];
  readonly status: Handlers['status'];
  readonly place: (spec: AppSpec) => Promise<unknown>;
  readonly folders: WorkflowFolders;
  readonly diskFloor: () => Promise<void>;
  readonly sandboxes: {
    /** A container with the socket in it, which is then its root's. */
    open(request: SandboxRequest, place: { readonly run: number; readonly socket: string; readonly signal: AbortSignal }): Promise<Sandbox>;
    /** What a killed daemon left. */
    removeAll(signal: AbortSignal): Promise<void>;
  };
  /** Where an environment's entry answers for jobs. */
  readonly entryOf: (environment: string) => string | undefined;
}

export interface WorkflowFolders {
  /** `<home>/repos`: one bare repository an app. */
  readonly repos: string;
  /** `<home>/runs`: logs, and checkouts while they are needed. */
  readonly runs: string;
  /** `<home>/run/jobs`: sockets of jobs; nobody else may enter. */
  readonly sockets: string;
}

export interface Workflows {
  readonly runs: Runs;
  /** The app's repository. Throws `instance/absent` before there is an app. */
  readonly repository: () => Repository;
  /** Pushes to it, and fetches. */
  readonly git: GitOptions;
  /** After a start of the daemon: what was left is removed, pushes that nobody recorded are, runs go on or are marked. */
  start(): Promise<void>;
}

export function createWorkflows(options: WorkflowsOptions): Workflows {
  const { store, releases, folders, log, signal } = options;
  let known: { readonly app: string; readonly repository: Repository } | undefined;
  const maybe = (): Repository | undefined => {
    const app = store.releases.app()?.name;
    if (app === undefined) return undefined;
    if (known?.app !== app) {
      known = { app, repository: createRepository({ path: join(folders.repos, `${app}.git`), diskFloor: options.diskFloor }) };
    }
    return known.repository;
  };
  const repository = (): Repository => {
    const found = maybe();
    if (found === undefined) throw new AntlerError('instance/absent', 'Cannot find a repository as this instance has no app yet');
    return found;
  };
  const runs: Runs = createRuns({
    store,
    clock: systemClock,
    repository: maybe,
    repositoryName: () => `antler/${store.releases.app()?.name ?? 'app'}`,
    folder: folders.runs,
    secrets: options.secrets,
    variables: options.variables,
    log,
    signal,
    protection: {
      admit: async (ask, gate) => releases.admitJob(ask, gate),
      urlOf: options.entryOf,
    },
    openJob: async (job, opening) => openJob(job, opening),
  });
  let sockets = 0;

  /** The socket is there before the job and gone after it: what comes through it is this job's, whatever it says. */
  const openJob = async ({ run, attempt, job, row, event, request }: OpenJob, opening: AbortSignal): Promise<Sandbox> => {
    await using stack = new AsyncDisposableStack();
    const actor = `${row.actor} (run ${run}, ${job})`;
    await mkdir(folders.sockets, { recursive: true, mode: 0o700 });
    const socket = join(folders.sockets, `${run}-${sockets++}.sock`);
    stack.defer(async () => rm(socket, { force: true }));
    stack.use(
      await openApi({
        socket,
        actor,
        group: undefined,
        signal,
        log,
        handlers: createJobHandlers({
          job: { run, attempt, job, ref: event.ref, environment: request.environment, stranger: event.name === 'pull_request', actor },
          releases,
          health: options.health,
          status: options.status,
          releaseOf: (id) => store.runs.get(id)?.release,
          build: async (work) => {
            const release = await buildCommit(
              { repository, app: () => store.releases.app(), releases, place: options.place, folder: folders.runs },
              { run, sha: event.sha, ref: event.ref, actor, ...work },
            );
            store.runs.setRelease(run, Number(release.id.slice(1)));
            return release;
          },
        }),
      }),
    );
    const sandbox = stack.use(await options.sandboxes.open(request, { run, socket, signal: opening }));
    const all = stack.move();
    return { ...sandbox, [Symbol.asyncDispose]: async () => all.disposeAsync() };
  };
  return {
    runs,
    repository,
    git: {
      repository: (app) => {
        const held = store.releases.app()?.name;
        if (held !== app)
          throw new AntlerError('repos/absent', `Cannot find the repository ${app}: this instance holds ${held ?? 'no app yet'}`);
        return repository();
      },
      onPushed: async (pushed, actor) => runs.pushed(pushed, actor),
    },
    async start() {
      await options.sandboxes.removeAll(signal);
      await rm(folders.sockets, { recursive: true, force: true });
      await repository().ensure(signal);
      await runs.start();
      await repository().recover(async (pushed, actor) => void (await runs.pushed(pushed, actor)), signal);
    },
  };
}
