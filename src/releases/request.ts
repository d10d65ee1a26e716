/** Turns what was asked (deploy, promote, rollback) into one release for one environment. */

import type { AppSpec, EnvironmentSpec } from '../config/types.ts';
import { AntlerError } from '../kit/errors.ts';
import type { Platform } from '../store/store.ts';
import type { ReleaseRow, RolloutKind } from '../store/types.ts';
import { releaseId } from './names.ts';

export type Ask =
  /** No `release`: the newest, or what upstream has verified where the environment has one; then it is a promotion. */
  | { readonly kind: 'deploy'; readonly release: number | undefined }
  /** `release`: what is meant to be promoted; what upstream has now by default. */
  | { readonly kind: 'promote'; readonly release?: number }
  | { readonly kind: 'rollback'; readonly to: number | undefined };

export interface Target {
  readonly environment: EnvironmentSpec;
  readonly release: ReleaseRow;
  readonly kind: RolloutKind;
}

/** Throws `releases/unknown-environment`, `releases/unknown-release`, `releases/not-verified-upstream`, `releases/nothing-before`. */
export function findTarget(store: Platform, app: AppSpec, request: { readonly environment: string; readonly ask: Ask }): Target {
  const environment = findEnvironment(app, request.environment);
  const { ask } = request;
  switch (ask.kind) {
    case 'deploy':
      if (ask.release === undefined && environment.from !== undefined)
        return { environment, release: upstreamRelease(store, environment), kind: 'promote' };
      return {
        environment,
        release: ask.release === undefined ? newest(store, environment) : known(store, ask.release, environment),
        kind: 'deploy',
      };
    case 'promote':
      return {
        environment,
        release: ask.release === undefined ? upstreamRelease(store, environment) : known(store, ask.release, environment),
        kind: 'promote',
      };
    case 'rollback':
      return {
        environment,
        release: ask.to === undefined ? before(store, environment) : known(store, ask.to, environment),
        kind: 'rollback',
      };
    default:
      throw new Error(ask satisfies never);
  }
}

export function findEnvironment(app: AppSpec, name: string): EnvironmentSpec {
  const environment = app.environments.find((each) => each.name === name);
  if (environment !== undefined) return environment;
  const names = app.environments.map((each) => each.name).join(', ');
  throw new AntlerError('releases/unknown-environment', `Cannot find the environment ${JSON.stringify(name)}: there are ${names}`);
}

function known(store: Platform, number: number, environment: EnvironmentSpec): ReleaseRow {
  const release = store.releases.get(number);
  if (release === undefined) throw new AntlerError('releases/unknown-release', `Cannot find the release ${releaseId(number)}`);
  if (!release.spec.environments.some((each) => each.name === environment.name)) {
    throw new AntlerError(
      'releases/unknown-environment',
      `Cannot move ${environment.name} to ${releaseId(number)} as that release’s config has no such environment`,
    );
  }
  return release;
}

function newest(store: Platform, environment: EnvironmentSpec): ReleaseRow {
  const release = store.releases.list()[0];
  if (release === undefined) {
    throw new AntlerError('releases/unknown-release', `Cannot deploy to ${environment.name} as there is no release yet`, {
      hint: 'Type `antler build`',
    });
  }
  return known(store, release.number, environment);
}

function upstreamRelease(store: Platform, environment: EnvironmentSpec): ReleaseRow {
  if (environment.from === undefined) {
    throw new AntlerError('releases/not-verified-upstream', `Cannot promote to ${environment.name} as it has no upstream environment`, {
      hint: `Type \`antler deploy ${environment.name}\``,
    });
  }
  const upstream = store.environments.get(environment.from);
  if (upstream.release === undefined || upstream.verifiedAt === undefined) {
    throw new AntlerError(
      'releases/not-verified-upstream',
      `Cannot move ${environment.name} as it takes what ${environment.from} has verified, and ${environment.from} has verified nothing yet`,
      {
        hint: `Type \`antler deploy ${environment.from}\` first`,
      },
    );
  }
  return known(store, upstream.release, environment);
}

function before(store: Platform, environment: EnvironmentSpec): ReleaseRow {
  const now = store.environments.get(environment.name).release;
  const rollout = store.rollouts.verified(environment.name).find((each) => each.release !== now);
  if (rollout === undefined)
    throw new AntlerError('releases/nothing-before', `Cannot roll ${environment.name} back as it has had no other verified release`);
  return known(store, rollout.release, environment);
}
