/** Is a certificate valid, and for how many days yet? */

import process from 'node:process';

import type { ProbeSpec } from '../types.ts';
import { answered, failed, silent, unresolved, type Look } from './look.ts';
import type { LookOptions } from './tcp.ts';

const DAY_MS = 86_400_000;

export async function lookTls(probe: Extract<ProbeSpec, { kind: 'tls' }>, { target, signal }: LookOptions): Promise<Look> {
  const { host, port, servername, days } = probe;
  const { promise, resolve } = Promise.withResolvers<Look>();
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const isName = !/^[\d.]+$|:/.test(host);
  let resolving = isName;
  const named = /^[\d.]+$|:/.test(servername) ? {} : { servername };
  const socket = process.getBuiltinModule('node:tls').connect({ host, port, ...named }); // loaded by who has such a monitor
  const stop = (): void => void socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(
    () => setImmediate(() => resolve(resolving ? unresolved(elapsed()) : silent(target.timeoutMs, elapsed()))),
    target.timeoutMs,
  );
  socket.on('lookup', () => (resolving = false));
  socket.on('secureConnect', () => {
    const until = Date.parse(socket.getPeerCertificate().valid_to);
    const look = judge(Math.floor((until - Date.now()) / DAY_MS), days, answered(elapsed(), { lateMs: target.lateMs }));
    resolve(Number.isNaN(until) ? look : { ...look, expiresAt: until });
  });
  socket.on('error', (error) => resolve(failed(error, elapsed())));
  socket.on('close', () => resolve(failed(new Error('cut off'), elapsed())));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

/** Who is not trusted, or too old, has failed before. */
function judge(left: number, days: number, look: Look): Look {
  if (left < days) return { ...look, outcome: 'late', detail: left === 1 ? 'ends in a day' : `ends in ${left} days` };
  return look.outcome === 'late' ? look : { ...look, detail: `valid for ${left} days` };
}
