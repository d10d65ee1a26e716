/** One HTTP request that proves which release answers at an address. */

import { request } from '../kit/http.ts';

export interface ProbeTarget {
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly timeoutMs: number;
}

export interface Answer {
  readonly status: number;
  /** The edge's `X-Release`; undefined where no edge is in between. */
  readonly release: string | undefined;
}

/** Undefined where nothing answers in time. */
export async function probe(target: ProbeTarget, signal: AbortSignal): Promise<Answer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
  const asked = request(
    {
      host: target.address,
      port: target.port,
      path: target.path,
      agent: false,
      timeout: target.timeoutMs,
      signal: AbortSignal.any([signal, AbortSignal.timeout(target.timeoutMs)]),
      headers: { 'user-agent': 'antler-probe' },
    },
    (answer) => {
      const release = answer.headers['x-release'];
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, release: typeof release === 'string' ? release : undefined });
    },
  );
  asked.on('error', () => resolve(undefined));
  asked.on('timeout', () => asked.destroy());
  asked.end();
  return promise;
}

export function isWell(answer: Answer | undefined): answer is Answer {
  return answer !== undefined && answer.status >= 200 && answer.status < 400;
}
