/** One HTTP request: is the answer the one that is expected, and how long did it take? */

import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { connect } from 'node:net';
import process from 'node:process';
import { urlToHttpOptions } from 'node:url';

import { Agent, request } from '../../kit/http.ts';
import { onAbort } from '../../kit/wait.ts';
import type { HttpProbe, Target } from '../types.ts';
import { answered, EVIDENCE_BYTES, failed, silent, unresolved, type Look } from './look.ts';
import { matchBody } from './match.ts';

/** More of a body is not read. */
const BODY_BYTES = 256 * 1024;

export interface HttpLookOptions {
  readonly target: Pick<Target, 'timeoutMs' | 'lateMs'>;
  /** Connections that are kept; a new one that is closed afterwards where there is none. */
  readonly agent: InstanceType<typeof Agent> | undefined;
  readonly signal: AbortSignal;
}

/** A connection of its own, without an agent, which would cost a fifth of the look. */
const createConnection: RequestOptions['createConnection'] = ({ hostname, port }) =>
  connect({ host: hostname ?? '', port: Number(port ?? 80) });

/** Towards addresses of our own: a kept connection costs a third of a new one. */
export function createKept(): InstanceType<typeof Agent> {
  return new Agent({ keepAlive: true, maxFreeSockets: 1, scheduling: 'lifo' });
}

export async function lookHttp(probe: HttpProbe, options: HttpLookOptions): Promise<Look> {
  const { agent } = options;
  const first = await ask(probe, options);
  // The other side may close a kept connection in the moment in which we write on it: that is no failure.
  if (agent !== undefined && first.stale) return (await ask(probe, { ...options, agent: undefined })).look;
  return first.look;
}

interface Asked {
  readonly look: Look;
  readonly stale: boolean;
}

async function ask(probe: HttpProbe, { target, agent, signal }: HttpLookOptions): Promise<Asked> {
  const { promise, resolve } = Promise.withResolvers<Asked>();
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  let resolving = !/^https?:\/\/(?:[\d.]+|\[)/.test(probe.url);
  let answering = false;
  const secure = probe.url.startsWith('https:');
  const send = secure ? process.getBuiltinModule('node:https').request : request;
  const how = agent === undefined ? (secure ? { agent: false } : { createConnection }) : { agent };
  const asked: ClientRequest = send({ ...toOf(probe), ...how });
  // The request's own `signal` would cost a fifth of the look.
  const abort = onAbort(signal, () => asked.destroy(signal.reason as Error));
  const end = (look: Look, stale = false): void => {
    clearTimeout(timer);
    abort[Symbol.dispose]();
    resolve({ look, stale });
  };
  const timer = setTimeout(() => {
    // What has arrived while our own loop stood still counts: it is read before this.
    setImmediate(() => {
      end(resolving ? unresolved(elapsed()) : silent(target.timeoutMs, elapsed()));
      asked.destroy();
    });
  }, target.timeoutMs);
  if (resolving)
    asked.on('socket', (socket) => socket.once('lookup', () => (resolving = false)).once('connect', () => (resolving = false)));
  asked.on('response', (response) => {
    answering = true;
    void judge(probe, response, { elapsed, lateMs: target.lateMs }).then(end);
  });
  asked.on('error', (error) => end(failed(error, elapsed()), !answering && asked.reusedSocket));
  asked.end();
  return promise;
}

const known = new WeakMap<HttpProbe, RequestOptions>();

/** Where a request goes and what it says, taken apart once. */
function toOf(probe: HttpProbe): RequestOptions {
  const before = known.get(probe);
  if (before !== undefined) return before;
  const headers = { 'user-agent': 'antler-probe', accept: '*/*', ...probe.headers };
  const to = { ...urlToHttpOptions(new URL(probe.url)), method: probe.method, headers };
  known.set(probe, to);
  return to;
}

interface Time {
  readonly elapsed: () => number;
  readonly lateMs: number;
}

async function judge(probe: HttpProbe, response: IncomingMessage, { elapsed, lateMs }: Time): Promise<Look> {
  const status = response.statusCode ?? 0;
  const release = probe.tellsRelease ? releaseOf(response) : {};
  const ms = elapsed();
  if (!probe.status.some(([low, high]) => status >= low && status <= high)) {
    const evidence = await read(response, EVIDENCE_BYTES);
    return { outcome: 'bad', ms, detail: `answers ${status}`, evidence: evidence.text, ...release };
  }
  if (probe.body === undefined && probe.json === undefined) {
    leave(response);
    return { ...answered(ms, { lateMs, detail: `answers ${status}` }), ...release };
  }
  const { text, whole } = await read(response, BODY_BYTES);
  const wrong = await matchBody(probe, text);
  if (wrong !== undefined) {
    const detail = whole ? wrong : `${wrong} in the first ${BODY_BYTES / 1024} KB`;
    return { outcome: 'bad', ms: elapsed(), detail, evidence: text.slice(0, EVIDENCE_BYTES), ...release };
  }
  return { ...answered(elapsed(), { lateMs, detail: `answers ${status}` }), ...release };
}

function releaseOf({ headers }: IncomingMessage): { readonly release?: string } {
  const release = headers['x-release'];
  return typeof release === 'string' && /^r[1-9]\d*$/.test(release) ? { release } : {};
}

/** So that the connection can be used again, where the rest is small; else it is closed. */
function leave(response: IncomingMessage): void {
  let bytes = 0;
  response.on('error', () => undefined);
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > BODY_BYTES) response.destroy();
  });
  // A body that never ends must not hold a connection for ever.
  const timer = setTimeout(() => response.destroy(), 2000);
  response.on('close', () => clearTimeout(timer));
}

/** As much as `limit` bytes; what comes later is not waited for. Never throws: what was cut off is what came. */
async function read(response: IncomingMessage, limit: number): Promise<{ readonly text: string; readonly whole: boolean }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let whole = true;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= limit) {
        whole = false;
        break;
      }
    }
  } catch {
    whole = false;
  }
  return { text: Buffer.concat(chunks).subarray(0, limit).toString(), whole };
}
