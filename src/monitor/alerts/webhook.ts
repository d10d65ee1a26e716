/** One POST to a webhook, within ten seconds: what it answered, in words that give no address away. */

import { errnoOf } from '../../kit/errors.ts';
import { ask } from '../../kit/http.ts';
import type { Delivery } from './types.ts';

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** Answers are not read any further. */
const MAX_ANSWER = 64 * 1024;

/** Never throws; an address may hold a secret, so no message of Node's is passed on. */
export async function post({ url, headers, body, limitMs, signal }: Post): Promise<Delivery> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    const { status } = await ask(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'antler', ...headers },
      body,
      maxBytes: MAX_ANSWER,
      signal: AbortSignal.any([signal, limit]),
    });
    return judge(status);
  } catch (error) {
    if (limit.aborted) return { ok: false, again: true, detail: `no answer in ${limitMs / 1000} s` };
    return { ok: false, again: true, detail: FAILURES[errnoOf(error) ?? ''] ?? errnoOf(error) ?? 'the connection failed' };
  }
}

function judge(status: number): Delivery {
  if (status >= 200 && status < 300) return { ok: true, detail: `answers ${status}` };
  if (status >= 300 && status < 400) return { ok: false, again: false, detail: `answers ${status}: redirects are not followed` };
  return { ok: false, again: status >= 500 || status === 408 || status === 425 || status === 429, detail: `answers ${status}` };
}

const FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'the connection broke',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the resolver does not answer',
  EHOSTUNREACH: 'no way to the host',
  ENETUNREACH: 'no way to the network',
  ETIMEDOUT: 'no answer',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_INVALID_URL: 'its address is no URL',
};
