/** Answers as newline-delimited JSON: events, then one `result` or `error`. */

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

import { isAbort, toAntlerError } from '../kit/errors.ts';

export interface NdjsonStream {
  /** Writes one object; waits while the reader is slow. A reader who is gone is no error: the signal tells. */
  write(value: unknown): Promise<void>;
}

/** An empty line now and then, so that a dead reader is noticed. */
const KEEP_ALIVE_MS = 15_000;

/** Takes the response over, hands a writer to `work` and ends with what it gives or throws. */
export async function answerStream(
  response: ServerResponse,
  signal: AbortSignal,
  work: (stream: NdjsonStream) => Promise<unknown>,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' });
  response.flushHeaders();
  const write = async (value: unknown): Promise<void> => {
    if (response.destroyed || response.writableEnded) return;
    if (response.write(`${JSON.stringify(value)}\n`)) return;
    await once(response, 'drain', { signal }).catch(() => undefined);
  };
  const beat = (): void => {
    if (!response.writableNeedDrain) response.write('\n'); // for who does not read nothing is heaped up
  };
  const timer = setInterval(beat, KEEP_ALIVE_MS);
  try {
    await write({ kind: 'result', result: await work({ write }) });
  } catch (error) {
    if (!(isAbort(error) && response.destroyed)) await write({ kind: 'error', error: toAntlerError(error).toBody() });
  } finally {
    clearInterval(timer);
    response.end();
  }
}
