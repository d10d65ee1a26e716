/** Pull requests: what `refs/for/BASE/TOPIC` means, and where numbers are kept (in refs, so that git's own locks guard them). */

import { createHash } from 'node:crypto';

import { hasCode } from '../kit/errors.ts';
import { git } from './git.ts';
import { isRefName, ZERO } from './names.ts';
import { INTERNAL_REFS } from './settings.ts';

/** `refs/pull/3/head`: what a run of a pull request is about. */
export function pullRef(number: number): string {
  return `refs/pull/${number}/head`;
}

export function pullNumber(ref: string): number | undefined {
  const digits = /^refs\/pull\/([1-9]\d*)\/head$/.exec(ref)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export interface Wish {
  readonly base: string;
  readonly topic: string;
}

/** Pure. The longest branch that the ref begins with is the base; what is left is the topic. Undefined: there is no such branch. */
export function parseWish(ref: string, branches: ReadonlySet<string>, otherwise: string): Wish | undefined {
  const parts = ref.slice('refs/for/'.length).split('/');
  for (let count = parts.length; count > 0; count--) {
    const base = parts.slice(0, count).join('/');
    if (!branches.has(base)) continue;
    const topic = parts.slice(count).join('/');
    return { base, topic: topic === '' ? otherwise : topic };
  }
  return undefined;
}

/** Pure: what the pusher said with `-o topic=…`, else who they are, as a name that a branch could have. */
export function topicOf(options: readonly string[], actor: string): string {
  const said = options.find((option) => option.startsWith('topic='))?.slice('topic='.length);
  if (said !== undefined && isRefName(said)) return said;
  const plain = actor.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^[-.]+|[-.]+$/g, '');
  return isRefName(plain) ? plain : 'someone';
}

export interface Stored {
  readonly number: number;
  readonly before: string | undefined;
}

/** Moves the pull request of this base and topic to `sha`, or makes it. All refs at once, or none. */
export async function storePull(path: string, wish: Wish & { readonly sha: string }, signal: AbortSignal): Promise<Stored> {
  const topicRef = `${INTERNAL_REFS}/topic/${createHash('sha256').update(`${wish.base}\0${wish.topic}`).digest('hex')}`;
  for (let tries = 0; ; tries++) {
    const known = await readWords(path, topicRef, signal);
    try {
      if (known !== undefined) {
        const before = await valueOf(path, pullRef(known.number), signal);
        await update(path, [`update ${pullRef(known.number)}\0${wish.sha}\0${before ?? ZERO}`], signal);
        return { number: known.number, before };
      }
      const number = (await highest(path, signal)) + 1;
      const words = JSON.stringify({ number, base: wish.base, topic: wish.topic });
      const { stdout: blob } = await git(path, ['hash-object', '-w', '--stdin'], { signal, input: words });
      const refs = [
        [pullRef(number), wish.sha],
        [`${INTERNAL_REFS}/pull/${number}`, blob.trim()],
        [topicRef, blob.trim()],
      ];
      await update(
        path,
        refs.map(([ref, value]) => `create ${ref}\0${value}`),
        signal,
      );
      return { number, before: undefined };
    } catch (error) {
      // Another push took the number in this moment, or moved the ref.
      if (!hasCode(error, 'kit/exec-failed') || tries >= 5) throw error;
    }
  }
}

/** Base and topic of a pull request. */
export async function readPull(path: string, number: number, signal: AbortSignal): Promise<Wish | undefined> {
  return readWords(path, `${INTERNAL_REFS}/pull/${number}`, signal);
}

async function readWords(path: string, ref: string, signal: AbortSignal): Promise<(Wish & { readonly number: number }) | undefined> {
  if ((await valueOf(path, ref, signal)) === undefined) return undefined;
  const { stdout } = await git(path, ['cat-file', 'blob', ref], { signal });
  return JSON.parse(stdout) as Wish & { readonly number: number };
}

async function valueOf(path: string, ref: string, signal: AbortSignal): Promise<string | undefined> {
  const { exitCode, stdout } = await git(path, ['rev-parse', '--verify', '--quiet', ref], { signal, accept: [1] });
  return exitCode === 0 ? stdout.trim() : undefined;
}

async function highest(path: string, signal: AbortSignal): Promise<number> {
  const { stdout } = await git(path, ['for-each-ref', '--format=%(refname)', `${INTERNAL_REFS}/pull/`, 'refs/pull/'], { signal });
  return Math.max(0, ...stdout.split('\n').map((ref) => Number(/\/pull\/(\d+)/.exec(ref)?.[1] ?? 0)));
}

async function update(path: string, commands: readonly string[], signal: AbortSignal): Promise<void> {
  await git(path, ['update-ref', '-z', '--stdin'], { signal, input: commands.map((command) => `${command}\0`).join('') });
}
