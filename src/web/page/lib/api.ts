/** Speaks to the API by the contract's table; the schemas are types only here. */

import { signal } from '@preact/signals';

import type { BodyOf, EndpointName, EventOf, ParamsOf, QueryOf, ResponseOf, StreamName } from '../../../contract/endpoints.ts';
import { routes } from '../../../contract/routes.ts';
import { KEY } from './key.ts';

type Part<K extends string, V> = V extends undefined ? unknown : Readonly<Record<K, V>>;
export type Ask<N extends EndpointName> = Part<'params', ParamsOf<N>> & Part<'query', QueryOf<N>> & Part<'body', BodyOf<N>>;

/** The code of what the daemon did not say itself: it is not there, or it went in the middle of its answer. */
export const UNREACHABLE = 'daemon/unreachable';

/** What the daemon said, with the next thing to type. */
export class ApiError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(body: { readonly code?: string; readonly message?: string; readonly hint?: string }) {
    super(body.message ?? 'The daemon does not answer');
    this.code = body.code ?? UNREACHABLE;
    this.hint = body.hint ?? '';
  }
}

/** The session has ended: everything on the page is then old. */
export const signedOut = signal(false);

export async function call<N extends Exclude<EndpointName, StreamName>>(name: N, ask: Ask<N>, abort?: AbortSignal): Promise<ResponseOf<N>> {
  const response = await send(name, ask as object, abort);
  return (await response.json()) as ResponseOf<N>;
}

export interface Follow<N extends StreamName> {
  readonly onEvent?: (event: EventOf<N>) => void;
  /** Something came, if only to keep the connection. */
  readonly onPulse?: () => void;
  readonly signal?: AbortSignal;
}

/** Ends with the result; throws what ends it otherwise. */
export async function stream<N extends StreamName>(
  name: N,
  ask: Ask<N>,
  { onEvent, onPulse, signal: abort }: Follow<N> = {},
): Promise<ResponseOf<N>> {
  const response = await send(name, ask as object, abort);
  for await (const line of linesOf(response)) {
    onPulse?.();
    if (line === '') continue;
    const event = JSON.parse(line) as { readonly kind: string; readonly result?: unknown; readonly error?: object };
    if (event.kind === 'result') return event.result as ResponseOf<N>;
    if (event.kind === 'error') throw new ApiError(event.error ?? {});
    onEvent?.(event as EventOf<N>);
  }
  throw new ApiError({ message: 'The daemon ended in the middle of its answer' });
}

type Values = Readonly<Record<string, string | number | boolean | undefined>>;

interface Sent {
  readonly params?: Values;
  readonly query?: Values;
  readonly body?: unknown;
}

async function send(name: EndpointName, ask: object, abort: AbortSignal | undefined): Promise<Response> {
  const { params = {}, query = {}, body } = ask as Sent;
  const { method, path } = routes[name];
  const filled = path.replaceAll(/:(\w+)/g, (_all, key: string) => encodeURIComponent(String(params[key] ?? '')));
  const search = new URLSearchParams(Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])));
  const response = await fetch(search.size === 0 ? filled : `${filled}?${search}`, {
    method,
    headers: { 'x-antler-key': localStorage.getItem(KEY) ?? '', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(abort === undefined ? {} : { signal: abort }),
  }).catch((error: unknown) => {
    throw abort?.aborted === true ? error : new ApiError({});
  });
  if (response.ok) return response;
  if (response.status === 401) signedOut.value = true;
  const failed = (await response.json().catch(() => ({}))) as { readonly error?: object };
  throw new ApiError(failed.error ?? { message: `The daemon answers ${response.status}` });
}

/** Whole lines, over any cut of the bytes; empty ones only keep the connection. */
async function* linesOf(response: Response): AsyncGenerator<string> {
  if (response.body === null) return;
  let rest = '';
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + value).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

export interface Who {
  readonly actor: string;
  readonly expiresAt: string;
}

export async function who(): Promise<Who | undefined> {
  const response = await fetch('/session', { headers: { 'x-antler-key': localStorage.getItem(KEY) ?? '' } });
  if (response.status === 401) signedOut.value = true;
  return response.ok ? ((await response.json()) as Who) : undefined;
}

export async function signOut(): Promise<void> {
  await fetch('/session', { method: 'DELETE', headers: { 'x-antler-key': localStorage.getItem(KEY) ?? '' } });
  localStorage.removeItem(KEY);
  location.assign('/');
}
