/** What `up` asks of the daemon: take the config over, build, and move the release through the environments in order. */

import type { ProgressEvent, WaitingEvent } from '../contract/events.ts';
import type { Receipt, Release } from '../contract/releases.ts';
import type { EnvironmentSpec } from '../config/types.ts';
import { AntlerError } from '../kit/errors.ts';
import { createAnswers, type AnswersOptions } from './answers.ts';

export interface DeliverOptions extends AnswersOptions {
  readonly onEvent: (event: ProgressEvent) => void;
}

export interface Delivered {
  readonly release: Release;
  /** Environments that took the release now. */
  readonly moved: readonly string[];
  /** Of the first that waits for an approval; nothing after it was moved. */
  readonly waiting: WaitingEvent | undefined;
}

/** Moves what is not there yet: what an environment has already is left alone. Throws what the daemon says when a rollout fails. */
export async function deliver(release: Release, environments: readonly EnvironmentSpec[], options: DeliverOptions): Promise<Delivered> {
  const moved: string[] = [];
  for (const environment of inOrder(environments)) {
    const { name } = environment;
    if (release.environments.includes(name)) {
      const time = new Date().toISOString();
      options.onEvent({
        kind: 'step',
        time,
        step: `${name}/release`,
        title: `${name}: ${release.id}`,
        state: 'skipped',
        detail: 'is there',
      });
      continue;
    }
    const waiting = await move(environment, release, options);
    if (waiting !== undefined) return { release, moved, waiting };
    moved.push(name);
  }
  return { release, moved, waiting: undefined };
}

/** Upstream first, otherwise as the config has them. */
export function inOrder(environments: readonly EnvironmentSpec[]): readonly EnvironmentSpec[] {
  const done: EnvironmentSpec[] = [];
  const add = (environment: EnvironmentSpec): void => {
    if (done.includes(environment)) return;
    const upstream = environments.find(({ name }) => name === environment.from);
    if (upstream !== undefined) add(upstream);
    done.push(environment);
  };
  for (const environment of environments) add(environment);
  return done;
}

/** Undefined when it is there; the event where it waits for somebody's approval. */
async function move(environment: EnvironmentSpec, release: Release, options: DeliverOptions): Promise<WaitingEvent | undefined> {
  const { client } = options;
  const answers = createAnswers(options);
  const onEvent = (event: ProgressEvent): void => {
    options.onEvent(event);
    if (event.kind === 'waiting') answers.due(event);
  };
  const begin = async (): Promise<Receipt> => {
    const follow = { signal: answers.signal, onEvent: (event: unknown) => onEvent(event as ProgressEvent) };
    const params = { environment: environment.name };
    if (environment.from === undefined) {
      return client.stream('deploy', { params, body: { release: release.id, wait: true, force: false } }, follow);
    }
    return client.stream('promote', { params, body: { wait: true, force: false } }, follow);
  };
  try {
    judge(await begin());
  } catch (error) {
    if (answers.left() === undefined) throw error;
  }
  await answers.given();
  return answers.left();
}

function judge({ verdict, environment, release, reason }: Receipt): void {
  if (verdict === 'verified') return;
  throw new AntlerError(
    'releases/failed',
    `Cannot bring ${release} to ${environment} as it ${verdict}${reason === null ? '' : `: ${reason}`}`,
  );
}
