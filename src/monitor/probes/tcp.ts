/** Does a port take connections? */

import { connect } from 'node:net';

import type { Target, TcpPlace } from '../types.ts';
import { answered, failed, silent, unresolved, type Look } from './look.ts';

export interface LookOptions {
  readonly target: Pick<Target, 'timeoutMs' | 'lateMs'>;
  readonly signal: AbortSignal;
}

export async function lookTcp({ host, port }: TcpPlace, { target, signal }: LookOptions): Promise<Look> {
  const { promise, resolve } = Promise.withResolvers<Look>();
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  let resolving = !/^[\d.]+$|:/.test(host);
  const socket = connect({ host, port, signal });
  const timer = setTimeout(
    () => setImmediate(() => resolve(resolving ? unresolved(elapsed()) : silent(target.timeoutMs, elapsed()))),
    target.timeoutMs,
  );
  socket.on('lookup', () => (resolving = false));
  socket.on('connect', () => resolve(answered(elapsed(), { lateMs: target.lateMs, detail: 'takes connections' })));
  socket.on('error', (error) => resolve(failed(error, elapsed())));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
