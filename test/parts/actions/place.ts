/** The daemon's runs on real git and real processes, without a daemon: what is pushed there runs on this machine. */

import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { after } from 'node:test';

import { createHostSandbox, createRuns, type Runs, type RunsOptions } from '../../../src/actions/actions.ts';
import type { RunEvent } from '../../../src/contract/runs.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { AntlerError } from '../../../src/kit/errors.ts';
import { createRepository } from '../../../src/repos/repos.ts';
import type { Repository } from '../../../src/repos/types.ts';
import { openPlatform, type Platform } from '../../../src/store/store.ts';
import { personsCheckout, type Checkout } from '../repos/fixture.ts';

export const root = mkdtempSync('/var/tmp/antler-runs-');
after(() => rmSync(root, { recursive: true, force: true }));
let count = 0;

export interface Place extends AsyncDisposable {
  readonly runs: Runs;
  readonly store: Platform;
  readonly person: Checkout;
  readonly repository: Repository;
  readonly asked: string[];
  readonly folder: string;
  /** Commits the files, pushes them, tells the runs; ids and messages. */
  push(
    message: string,
    files: Readonly<Record<string, string>>,
  ): Promise<{ readonly runs: readonly number[]; readonly messages: readonly string[] }>;
  /** Another daemon on the same record. */
  again(): Promise<Runs>;
  stop(): Promise<void>;
}

export async function place(more: Partial<RunsOptions> = {}): Promise<Place> {
  const folder = join(root, String(count++));
  const person = await personsCheckout(join(folder, 'person'));
  const repository = createRepository({ path: join(folder, 'app.git') });
  await repository.ensure(new AbortController().signal);
  const store = openPlatform(join(folder, 'platform.db'));
  let stop = new AbortController();
  const asked: string[] = [];
  const create = (): Runs =>
    createRuns({
      store,
      clock: systemClock,
      repository: () => repository,
      repositoryName: () => 'antler/app',
      folder: join(folder, 'runs'),
      secrets: async () => ({ TOKEN: 's3cret-value' }),
      variables: async () => ({}),
      protection: {
        admit: async ({ environment }) => {
          asked.push(environment);
        },
        urlOf: () => 'http://10.0.0.1:8080',
      },
      openJob: async ({ run, job }) =>
        createHostSandbox({ root: join(folder, 'jobs', `${run}-${job}-${count++}`), name: job, repository: 'app', env: process.env }),
      log: () => undefined,
      signal: stop.signal,
      ...more,
    });
  let runs = create();
  let tip: string | undefined;
  return {
    get runs() {
      return runs;
    },
    store,
    person,
    repository,
    asked,
    folder,
    async push(message, files) {
      const sha = await person.commit(message, files);
      await person.git('push', '-q', '--force', repository.path, 'HEAD:refs/heads/main');
      const before = tip;
      tip = sha;
      return runs.pushed({ updates: [{ ref: 'refs/heads/main', before, after: sha, forced: false }], pullRequests: [] }, 'ann');
    },
    async again() {
      stop = new AbortController();
      runs = create();
      await runs.start();
      return runs;
    },
    async stop() {
      stop.abort(new AntlerError('daemon/stopping', 'The daemon stops'));
      await runs[Symbol.asyncDispose]();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await runs[Symbol.asyncDispose]();
      store[Symbol.dispose]();
    },
  };
}

export async function follow(runs: Runs, id: number): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of runs.follow(id, { follow: true, job: undefined, signal: AbortSignal.timeout(60_000) })) events.push(event);
  return events;
}

export const texts = (events: readonly RunEvent[]): readonly string[] =>
  events.flatMap((event) => (event.kind === 'line' ? [event.text] : []));
export const PATH = '.github/workflows/ci.yml';
export const TWO = `
on: push
jobs:
  one:
    runs-on: ubuntu-latest
    outputs:
      word: \${{ steps.say.outputs.word }}
    steps:
      - id: say
        run: |
          echo "hello from one; token \${{ secrets.TOKEN }}"
          echo word=moose >> "$GITHUB_OUTPUT"
  two:
    needs: one
    runs-on: ubuntu-latest
    environment: dev
    steps:
      - run: echo "two got \${{ needs.one.outputs.word }} at $ANTLER_URL"
`;
