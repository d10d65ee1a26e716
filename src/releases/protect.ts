/** Decides whether a rollout may go, and what it must wait for: hold, upstream, soak, approvals. Pure. */

import type { EnvironmentSpec } from '../config/types.ts';
import { AntlerError } from '../kit/errors.ts';
import { formatDuration } from '../kit/units.ts';
import type { EnvironmentRow, HoldRow, RolloutKind, RolloutRow } from '../store/types.ts';
import { releaseId } from './names.ts';

export interface ProtectInput {
  readonly environment: EnvironmentSpec;
  readonly release: number;
  readonly kind: RolloutKind;
  readonly force: boolean;
  readonly reason: string | undefined;
  readonly hold: HoldRow | undefined;
  /** The environment has never had a release. */
  readonly first: boolean;
  /** Verified rollouts of the upstream environment, newest first. */
  readonly upstream: readonly RolloutRow[];
  readonly upstreamNow: EnvironmentRow | undefined;
  readonly now: number;
}

export interface Protection {
  /** Milliseconds that the release must still be well upstream. */
  readonly soakMs: number;
  readonly approvals: number;
}

/** Throws `releases/reason-missing`, `releases/held`, `releases/not-verified-upstream`, `releases/soaking`. Going back is never refused. */
export function protect(input: ProtectInput): Protection {
  const { environment, kind } = input;
  if (input.force && (input.reason === undefined || input.reason.trim() === '')) {
    throw new AntlerError('releases/reason-missing', `Cannot force a rollout of ${environment.name} as no reason is given`);
  }
  if (kind === 'rollback') return { soakMs: 0, approvals: 0 };
  if (!input.force) refuseHeld(input.hold);
  return { soakMs: input.force ? 0 : upstreamSoak(input), approvals: environment.approve };
}

/** Throws `releases/held`. */
export function refuseHeld(hold: HoldRow | undefined): void {
  if (hold === undefined) return;
  const { environment, reason, actor } = hold;
  throw new AntlerError('releases/held', `Cannot move ${environment} as ${actor} put it on hold: ${reason}`, {
    hint: `Type \`antler hold ${environment} --lift\``,
    at: environment,
  });
}

function upstreamSoak(input: ProtectInput): number {
  const { environment, release, upstream, upstreamNow } = input;
  if (environment.from === undefined) return 0;
  const proved = upstream.find((each) => each.release === release);
  if (proved === undefined) {
    throw new AntlerError(
      'releases/not-verified-upstream',
      `Cannot move ${environment.name} to ${releaseId(release)} as ${environment.from} has not verified it`,
      { hint: `Type \`antler deploy ${environment.from} ${releaseId(release)}\` first, or \`--force --reason "…"\``, at: environment.name },
    );
  }
  if (environment.soakMs === 0 || input.first) return 0;
  const since = proved.endedAt ?? input.now;
  const here = upstreamNow?.release === release;
  const next = upstream.filter((each) => each.id > proved.id).at(-1);
  const until = here ? input.now : (next?.startedAt ?? input.now);
  const missing = environment.soakMs - (until - since);
  if (missing <= 0) return 0;
  if (here) return missing;
  throw new AntlerError(
    'releases/soaking',
    `Cannot move ${environment.name} to ${releaseId(release)} as it was in ${environment.from} for ${formatDuration(until - since)} only, not ${formatDuration(environment.soakMs)}`,
    { at: environment.name },
  );
}
