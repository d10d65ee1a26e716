/** Proofs at the end of `up`: a container reaches a virtual address, and each environment answers. */

import type { Spec } from '../config/types.ts';
import type { OutputEvent, StepEvent } from '../contract/events.ts';
import { AntlerError, hasCode } from '../kit/errors.ts';
import { poll } from '../kit/wait.ts';
import { checkFirewall, refuseDropped } from './doctor/firewall-check.ts';
import type { EnvironmentUrl } from './routes.ts';
import { createSteps } from './steps.ts';
import type { Instance, Topology } from './types.ts';

/** Milliseconds until an environment that was rolled out has to answer from outside. */
const ANSWER = 15_000;

export interface ProvePathOptions {
  readonly instance: Instance;
  readonly topology: Topology;
  readonly spec: Pick<Spec, 'services'>;
  readonly signal: AbortSignal;
  readonly onEvent: (event: StepEvent | OutputEvent) => void;
}

/** Throws `edge/firewalled` with the line that opens the path. */
export async function provePath({ instance, topology, spec, signal, onEvent }: ProvePathOptions): Promise<void> {
  const ports = Object.fromEntries(spec.services.map(({ name, port }) => [name, port]));
  await createSteps(onEvent).run({ step: 'path', title: 'Prove that containers reach the edge' }, async (report) => {
    const verdict = await checkFirewall({ instance, topology, ports, signal });
    refuseDropped(verdict);
    if (verdict.kind === 'open') report.detail(`${verdict.from} reached ${verdict.to}`);
  });
}

export interface CheckAnswersOptions {
  readonly urls: readonly EnvironmentUrl[];
  /** Where the exposed service says that it is well: not every service has something to say at `/`. */
  readonly path: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: StepEvent | OutputEvent) => void;
}

/** An answer of the app itself, whatever it says: a service that a release did not change goes on answering as the one that made it. Throws `instance/no-answer`. */
export async function checkAnswers({ urls, path, signal, onEvent }: CheckAnswersOptions): Promise<void> {
  if (urls.length === 0) return;
  await createSteps(onEvent).run({ step: 'answers', title: 'Ask each environment' }, async (report) => {
    const answers = await Promise.all(
      urls.map(async (environment) => waitForAnswer({ name: environment.name, url: `${environment.url}${path}` }, signal)),
    );
    report.detail(answers.join(', '));
  });
}

/** For people, e.g. `dev 200`. */
async function waitForAnswer({ name, url }: EnvironmentUrl, signal: AbortSignal): Promise<string> {
  let last = 'nothing answers';
  const look = async (): Promise<string | undefined> => {
    try {
      const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]) });
      await answer.body?.cancel();
      const answering = answer.headers.get('x-release') ?? 'none';
      last = `the edge itself answers ${answer.status}`;
      return answering === 'none' ? undefined : `${name} ${answer.status}`;
    } catch (error) {
      signal.throwIfAborted();
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      last = cause instanceof Error ? cause.message : String(cause);
      return undefined;
    }
  };
  try {
    return await poll(look, { signal, timeoutMs: ANSWER, everyMs: 200, what: `${name} to answer` });
  } catch (error) {
    if (!hasCode(error, 'kit/timeout')) throw error;
    throw new AntlerError('instance/no-answer', `Cannot hear ${name} at ${url} as ${last}`, { cause: error });
  }
}
