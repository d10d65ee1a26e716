/** `antler status`: the board, asked now, or followed. */

import process from 'node:process';

import type { Status } from '../../contract/status.ts';
import { isAbort } from '../../kit/errors.ts';
import { createClient, type Client } from '../client.ts';
import type { Context } from '../command.ts';
import { statusLines } from '../status-lines.ts';

export async function run(context: Context): Promise<number> {
  const { out, json, signal, options, typed } = context;
  const client = createClient(context);
  const lines = (status: Status): string[] => statusLines(status, { paint: out.paint, now: Date.now(), columns: out.columns, typed });
  if (options.flag('watch')) return watch(context, { client, lines });
  const status = await client.call('status', {}, signal);
  if (json) out.object(status);
  else out.line(lines(status).join('\n'));
  return 0;
}

interface Watched {
  readonly client: Client;
  readonly lines: (status: Status) => string[];
}

/** Until Ctrl-C, a board at each change. On a terminal on a screen of its own; the last one stays when it ends. */
async function watch({ out, json, signal }: Context, { client, lines }: Watched): Promise<number> {
  const screen = out.terminal && !json;
  let last: Status | undefined;
  const draw = (): void => {
    if (last !== undefined) out.raw('stdout', over(lines(last).slice(0, out.rows - 1)));
  };
  const leave = (): void => {
    const kept = last === undefined ? [] : lines(last);
    out.raw('stdout', `${MAIN_SCREEN}${kept.map((line) => `${line}\n`).join('')}`);
  };
  const timer = screen ? setInterval(draw, EVERY_MS) : undefined; // times go on while nothing changes
  if (screen) {
    out.raw('stdout', OWN_SCREEN);
    process.once('exit', leave); // a second Ctrl-C ends us at once
  }
  try {
    await client.stream(
      'watch',
      {},
      {
        signal,
        onEvent({ status }) {
          last = status;
          if (json) out.object(status);
          else if (screen) draw();
          else out.line(`${lines(status).join('\n')}\n`);
        },
      },
    );
    return 130; // the daemon stops
  } catch (error) {
    if (isAbort(error) || signal.aborted) return 130;
    throw error;
  } finally {
    clearInterval(timer);
    process.off('exit', leave);
    if (screen) leave();
  }
}

/** How often times are drawn anew. */
const EVERY_MS = 1000;
const OWN_SCREEN = '\u001b[?1049h';
const MAIN_SCREEN = '\u001b[?1049l';

/** From the top, over what was there: no flicker. */
function over(lines: readonly string[]): string {
  return `\u001b[H${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`;
}
