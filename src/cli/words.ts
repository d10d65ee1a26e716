/** Facts as people read them: commits, digests, times, verdicts. Pure. */

import type { RolloutVerdict } from '../contract/releases.ts';
import type { HealthVerdict } from '../contract/status.ts';
import type { Style } from './output.ts';

/** Nothing there. */
export const NONE = '–';

/** `3f2a91c`, `content 3f2a91c`. */
export function shortCommit(commit: string | null): string {
  if (commit === null) return NONE;
  return commit.startsWith('content:') ? `content ${commit.replace(/^content:(?:sha256:)?/, '').slice(0, 7)}` : commit.slice(0, 7);
}

/** `sha256:3f2a91c4…`. */
export function shortDigest(digest: string | null): string {
  return digest === null ? NONE : `${digest.slice(0, 'sha256:'.length + 12)}…`;
}

/** `5 s ago`, `3 min ago`, `2 h ago`, `12 d ago`. */
export function ago(time: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** `5 s`, `3 min`, `2 h`, `12 d`: how long it has been so. */
export function lasting(time: string, now: number): string {
  return ago(time, now).replace(' ago', '');
}

/** `0.4 ms`, `12 ms`, `1.2 s`. */
export function milliseconds(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** `0.2`, `14`, `1,200`: a second. */
export function rate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : count(Math.round(perSecond));
}

/** `100 %`, `99.95 %`: never rounded up to all. */
export function percent(share: number): string {
  return share === 1 ? '100 %' : `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}

/** `12,345`. */
export function count(number: number): string {
  return String(number).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

export const HEALTH_STYLE: Readonly<Record<HealthVerdict, Style>> = {
  up: 'green',
  deploying: 'cyan',
  degraded: 'yellow',
  drift: 'yellow',
  unknown: 'dim',
  down: 'red',
};

export const ROLLOUT_STYLE: Readonly<Record<RolloutVerdict, Style>> = {
  verified: 'green',
  running: 'cyan',
  waiting: 'yellow',
  undone: 'red',
  failed: 'red',
};

/** What an approval lets go: `r42`, else `run 7`. */
export function subjectName({ release, run }: { readonly release: string | null; readonly run: number | null }): string {
  return release ?? (run === null ? 'what waits' : `run ${run}`);
}
