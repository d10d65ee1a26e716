/** Builds a pushed commit: from the daemon's own checkout of it, by the commit's config as far as a push may decide. */

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { CONFIG_FILE, loadConfig, toAppSpec } from '../config/config.ts';
import type { AppSpec } from '../config/types.ts';
import type { ProgressEvent } from '../contract/events.ts';
import type { Release } from '../contract/releases.ts';
import { isoTime, systemClock } from '../kit/clock.ts';
import { AntlerError } from '../kit/errors.ts';
import { mergePushed, type Releases } from '../releases/releases.ts';
import type { Repository } from '../repos/types.ts';
import type { AppRow } from '../store/types.ts';

export interface CommitsOptions {
  readonly repository: () => Repository;
  readonly app: () => AppRow | undefined;
  readonly releases: Releases;
  /** Addresses, networks and routes of every service that is now and that a deployed release still has. */
  readonly place: (spec: AppSpec) => Promise<unknown>;
  /** `<home>/runs`. */
  readonly folder: string;
}

export interface CommitBuild {
  readonly run: number;
  readonly sha: string;
  readonly ref: string;
  readonly actor: string;
  readonly report: (event: ProgressEvent) => void;
  readonly signal: AbortSignal;
}

/** Throws what config, images and releases throw; nothing is recorded then. */
export async function buildCommit(options: CommitsOptions, build: CommitBuild): Promise<Release> {
  const { releases, folder } = options;
  const { sha, ref, actor, report, signal } = build;
  const repository = options.repository();
  const directory = join(folder, String(build.run), 'source');
  const clean = async (): Promise<void> => rm(directory, { recursive: true, force: true });
  await clean();
  try {
    await repository.checkout({ directory, sha, ref: undefined, depth: 1, tags: false }, signal);
    // Its own, never one in a folder above, which belongs to somebody else.
    if (!existsSync(join(directory, CONFIG_FILE)))
      throw new AntlerError('config/missing', `Cannot build ${sha.slice(0, 7)} as there is no ${CONFIG_FILE} at the root of its tree`, {
        hint: 'Type `antler init` in the checkout, commit the file, then push again',
      });
    const { spec, notes } = mergePushed(releases.app(), toAppSpec((await loadConfig(directory, { signal })).spec));
    for (const line of notes) report({ kind: 'output', time: isoTime(systemClock.now()), step: 'config', line });
    const onDefault = ref === `refs/heads/${await repository.defaultBranch(signal)}`;
    const row = options.app();
    // What other branches want is theirs alone: the app is what its main branch says.
    if (onDefault && row !== undefined) releases.setApp({ spec, directory: row.directory });
    await options.place(onDefault ? spec : withOwn(releases.app(), spec));
    return await releases.build({ spec, directory, actor, report, signal });
  } finally {
    await clean();
  }
}

/** The app as it is, and what the branch adds. */
function withOwn(app: AppSpec, branch: AppSpec): AppSpec {
  const names = new Set(app.services.map(({ name }) => name));
  return {
    ...app,
    services: [...app.services, ...branch.services.filter(({ name }) => !names.has(name)).map((each) => ({ ...each, expose: false }))],
  };
}
