/** What the API needs from those who do the work: one handler per endpoint. */

import type { z } from 'zod';

import type { History, Machine, Range } from '../contract/watch.ts';
import type { endpoints, EndpointName, EventOf, ResponseOf, StreamName } from '../contract/endpoints.ts';
import type { Status } from '../contract/status.ts';

type Table = typeof endpoints;
/** What a handler gets: checked, defaults filled in. */
type Taken<N extends EndpointName, K extends string> =
  Table[N] extends Readonly<Record<K, infer S extends z.ZodType>> ? z.output<S> : undefined;

export interface Call<N extends EndpointName> {
  readonly params: Taken<N, 'params'>;
  readonly query: Taken<N, 'query'>;
  readonly body: Taken<N, 'body'>;
  /** The socket's peer. */
  readonly actor: () => Promise<string>;
  /** What was used to ask: `web` where it came by the console's door, else as it says of itself: `cli`, or `api`. */
  readonly via: 'cli' | 'api' | 'web';
  /** One event of the stream; waits while the reader is slow. Nothing where the endpoint does not stream. */
  readonly emit: (event: N extends StreamName ? EventOf<N> : never) => Promise<void>;
  /** Ends when the caller is gone or the daemon stops. */
  readonly signal: AbortSignal;
}

export type Handlers = { readonly [N in EndpointName]: (call: Call<N>) => Promise<ResponseOf<N>> };

/** Where the board comes from. */
export interface Board {
  /** Every service is asked now. */
  now(signal: AbortSignal): Promise<Status>;
  /** Of what was seen last; the same object until something changes. */
  last(): Status;
  /** At once, and whenever it has changed. */
  changes(signal: AbortSignal): AsyncIterable<void>;
}

/** What was. */
export interface Past {
  history(wanted: { readonly environment: string; readonly service: string; readonly range: Range }): Promise<History>;
  machine(range: Range): Promise<Machine>;
}
