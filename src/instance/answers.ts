/** Proofs at the end of `up`: a container reaches a virtual address, and each environment answers with its release. */

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
  readonly release: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: StepEvent | OutputEvent) => void;
}

/** Throws `instance/no-answer` for the first environment that does not answer with the release. */
export async function checkAnswers({ urls, release, signal, onEvent }: CheckAnswersOptions): Promise<void> {
  if (urls.length === 0) return;
  await createSteps(onEvent).run({ step: 'answers', title: `Ask each environment for ${release}` }, async () => {
    await Promise.all(urls.map(async (environment) => waitForAnswer(environment, release, signal)));
  });
}

async function waitForAnswer({ name, url }: EnvironmentUrl, release: string, signal: AbortSignal): Promise<void> {
  let last = 'nothing answers';
  const look = async (): Promise<true | undefined> => {
    try {
      const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]) });
      await answer.body?.cancel();
      const answering = answer.headers.get('x-release') ?? 'none';
      last = `it answers ${answer.status} as ${answering}`;
      return answering === release ? true : undefined;
    } catch (error) {
      signal.throwIfAborted();
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      last = cause instanceof Error ? cause.message : String(cause);
      return undefined;
    }
  };
  try {
    await poll(look, { signal, timeoutMs: ANSWER, everyMs: 200, what: `${name} to answer` });
  } catch (error) {
    if (!hasCode(error, 'kit/timeout')) throw error;
    throw new AntlerError('instance/no-answer', `Cannot hear ${release} from ${name} at ${url} as ${last}`, { cause: error });
  }
}
