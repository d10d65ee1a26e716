/** Node's HTTP, taken without what it drags along. */

import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import process from 'node:process';

/**
 * An import of `node:http` evaluates every export, and with `http.WebSocket` all of Node's undici: 11 MB, and 80 of the 100 ms that a command takes.
 * `fetch` brings the same into a process that stays.
 */
export const { Agent, createServer, request } = process.getBuiltinModule('node:http');

export interface AskOptions {
  readonly signal: AbortSignal;
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
  /** So many bytes of the answer are read, then the connection is closed; all by default. */
  readonly maxBytes?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request on a connection of its own, and its answer as it is: no redirect is followed. Throws what Node throws. */
export async function ask(url: string, { method = 'GET', headers = {}, body, maxBytes, signal }: AskOptions): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const send = url.startsWith('https:') ? process.getBuiltinModule('node:https').request : request;
  send(url, { agent: false, method, headers, signal }).on('response', resolve).on('error', reject).end(body);
  const response = await promise;
  const text = await readText(response, maxBytes ?? Number.POSITIVE_INFINITY);
  return { status: response.statusCode ?? 0, headers: response.headers, body: text };
}

async function readText(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= maxBytes) break; // which destroys it
  }
  const all = Buffer.concat(chunks);
  return all.subarray(0, Math.min(all.length, maxBytes)).toString('utf8');
}
