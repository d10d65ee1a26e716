/** One question to one of HAProxy's unix sockets, and its whole answer. */

import { connect } from 'node:net';

import { AntlerError, hasCode } from '../kit/errors.ts';
import { poll } from '../kit/wait.ts';

/** HAProxy that was killed is back within a second: a verb in the middle of its work waits for it. */
const PATIENCE_MS = 5000;
const ANSWER_MS = 5000;

/** Throws `edge/unreachable`. */
export async function askOnce(socketPath: string, command: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ path: socketPath, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  const abort = (): void => {
    socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  };
  signal.addEventListener('abort', abort, { once: true });
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer for ${ANSWER_MS} ms`)));
  // The master's socket keeps a connection open after its answer unless we close our half.
  socket.on('connect', () => socket.end(`${command}\n`));
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', (cause) => reject(signal.aborted ? cause : unreachable(socketPath, cause)));
  socket.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

/** Asks again for some seconds while nobody answers. */
export async function ask(socketPath: string, command: string, signal: AbortSignal): Promise<string> {
  let last: unknown;
  const until = performance.now() + PATIENCE_MS;
  return poll(
    async () => {
      try {
        return await askOnce(socketPath, command, signal);
      } catch (error) {
        if (!hasCode(error, 'edge/unreachable')) throw error;
        last = error;
        if (performance.now() > until) throw last;
        return undefined;
      }
    },
    { signal, everyMs: 100, what: 'HAProxy' },
  );
}

function unreachable(socketPath: string, cause: Error): AntlerError {
  return new AntlerError('edge/unreachable', `Cannot ask HAProxy as ${socketPath} does not answer: ${cause.message}`, { cause });
}
