/** A load of GETs and POSTs on kept connections that never tries again: what it calls lost was lost. */

import process from 'node:process';
import { parseArgs } from 'node:util';

import { Client } from 'undici';

export interface LoadOptions {
  /** Origin of the front end, e.g. `http://127.0.0.1:30010`. */
  readonly url: string;
  readonly signal: AbortSignal;
  /** Ends after so many milliseconds; what is in flight then is still waited for. */
  readonly durationMs: number;
  /** Ends after so many requests, if that is sooner; ten million by default. */
  readonly maxRequests?: number;
  /** Connections, each with one request at a time; 32 by default. */
  readonly connections?: number;
  /** No answer within so many milliseconds is a loss; 10 seconds by default. */
  readonly timeoutMs?: number;
  /** Requests in turn, on every connection; by default the mix of the sample. */
  readonly mix?: readonly LoadRequest[];
}

export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

export interface LoadResult {
  readonly sent: number;
  /** Whole answers below 400. */
  readonly ok: number;
  /** No answer, half an answer, or 502, 503, 504. */
  readonly lost: number;
  /** Other answers from 400 on: the application's own, or a request that it does not know. */
  readonly errors: number;
  /** What was lost, by kind: an error code or a status. */
  readonly lostBy: Readonly<Record<string, number>>;
  /** The first losses, for looking them up in the edge's log. */
  readonly losses: readonly { readonly at: string; readonly kind: string; readonly request: string }[];
  readonly posts: number;
  /** By `X-Release`; `none` where an answer has none. */
  readonly releases: Readonly<Record<string, ReleaseShare>>;
  readonly ms: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
}

export interface ReleaseShare {
  readonly answers: number;
  /** Milliseconds since 1970 of the first and the last answer. */
  readonly first: number;
  readonly last: number;
}

/** One POST in four; all but the page itself go on to the back end. */
export const MIX: readonly LoadRequest[] = [
  { method: 'GET', path: '/' },
  { method: 'GET', path: '/api/facts/random' },
  { method: 'POST', path: '/api/votes', body: '{"factId":"bell"}' },
  { method: 'GET', path: '/api/version' },
  { method: 'GET', path: '/random-moose-fact' },
  { method: 'POST', path: '/api/votes', body: '{"factId":"nostrils"}' },
  { method: 'GET', path: '/api/facts/bell' },
  { method: 'GET', path: '/image-version' },
];

const LOST_STATUS = new Set([502, 503, 504]);
const KEPT_LOSSES = 20;

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const mix = options.mix ?? MIX;
  const timeoutMs = options.timeoutMs ?? 10_000;
  const limit = options.maxRequests ?? 10_000_000;
  const tally = createTally();
  const started = performance.now();
  const until = started + options.durationMs;
  let sent = 0;

  const connection = async (offset: number): Promise<void> => {
    // One request at a time and no pipelining: a failed connection fails exactly the request that was on it.
    const client = new Client(options.url, { pipelining: 1, headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connectTimeout: timeoutMs });
    try {
      for (let turn = offset; performance.now() < until && sent < limit && !options.signal.aborted; turn += 1) {
        const request = mix[turn % mix.length];
        if (request === undefined) throw new RangeError('Cannot send a load as its mix is empty');
        sent += 1;
        const before = performance.now();
        const outcome = await send(client, request);
        tally.add(request, outcome, performance.now() - before);
        // A refused connection comes back at once: without a pause the loop would count thousands of losses of one moment.
        if (outcome.kind === 'lost') await new Promise((done) => setTimeout(done, 50));
      }
    } finally {
      await client.destroy();
    }
  };
  await Promise.all(Array.from({ length: options.connections ?? 32 }, (_unused, index) => connection(index)));
  return tally.result(performance.now() - started);
}

type Outcome =
  | { readonly kind: 'answered'; readonly status: number; readonly release: string }
  | { readonly kind: 'lost'; readonly why: string; readonly release: string | undefined };

async function send(client: Client, request: LoadRequest): Promise<Outcome> {
  try {
    const answer = await client.request({
      method: request.method,
      path: request.path,
      ...(request.body === undefined ? {} : { body: request.body, headers: { 'content-type': 'application/json' } }),
    });
    await answer.body.arrayBuffer(); // rejects where it ends before its length: half an answer is a loss
    const named = answer.headers['x-release'];
    const release = typeof named === 'string' ? named : 'none';
    const { statusCode: status } = answer;
    return LOST_STATUS.has(status) ? { kind: 'lost', why: String(status), release } : { kind: 'answered', status, release };
  } catch (error) {
    const why = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
    return { kind: 'lost', why, release: undefined };
  }
}

interface Tally {
  add(request: LoadRequest, outcome: Outcome, ms: number): void;
  result(ms: number): LoadResult;
}

function createTally(): Tally {
  let [ok, lost, errors, posts] = [0, 0, 0, 0];
  const lostBy: Record<string, number> = {};
  const losses: { at: string; kind: string; request: string }[] = [];
  const releases = new Map<string, { answers: number; first: number; last: number }>();
  const latencies: number[] = [];

  const count = (release: string): void => {
    const now = Date.now();
    const share = releases.get(release);
    if (share === undefined) releases.set(release, { answers: 1, first: now, last: now });
    else {
      share.answers += 1;
      share.last = now;
    }
  };

  return {
    add(request, outcome, ms) {
      if (request.method === 'POST') posts += 1;
      if (outcome.release !== undefined) count(outcome.release);
      switch (outcome.kind) {
        case 'answered':
          latencies.push(ms);
          if (outcome.status >= 400) errors += 1;
          else ok += 1;
          break;
        case 'lost':
          lost += 1;
          lostBy[outcome.why] = (lostBy[outcome.why] ?? 0) + 1;
          if (losses.length < KEPT_LOSSES)
            losses.push({ at: new Date().toISOString(), kind: outcome.why, request: `${request.method} ${request.path}` });
          break;
        default:
          outcome satisfies never;
      }
    },
    result(ms) {
      const sorted = Float64Array.from(latencies).sort();
      const at = (share: number): number => Math.round((sorted[Math.ceil(sorted.length * share) - 1] ?? 0) * 100) / 100;
      return {
        sent: ok + lost + errors,
        ok,
        lost,
        errors,
        lostBy,
        losses,
        posts,
        releases: Object.fromEntries(releases),
        ms: Math.round(ms),
        latencyMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
      };
    },
  };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '30' },
      connections: { type: 'string', default: '32' },
      max: { type: 'string', default: '10000000' },
    },
  });
  const [url] = positionals;
  if (url === undefined) {
    process.stderr.write('Usage: node bench/load.ts URL [--seconds 30] [--connections 32] [--max REQUESTS]\n');
    process.exitCode = 64;
    return;
  }
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const result = await runLoad({
    url,
    signal: stop.signal,
    durationMs: Number(values.seconds) * 1000,
    connections: Number(values.connections),
    maxRequests: Number(values.max),
  });
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  process.exitCode = result.lost + result.errors === 0 ? 0 : 1;
}

if (import.meta.main) await main();
