/** `antler logs`. */

import { stripVTControlCharacters } from 'node:util';

import type { LogEvent } from '../../contract/events.ts';
import { AntlerError, isAbort } from '../../kit/errors.ts';
import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import type { Style } from '../output.ts';

const COLOURS: readonly Style[] = ['cyan', 'magenta', 'yellow', 'green', 'blue'];

export async function run(context: Context): Promise<number> {
  const { args, options, out, json, signal } = context;
  const service = args.maybe('SERVICE');
  const query = {
    ...(service === undefined ? {} : { service }),
    ...(options.flag('follow') ? { follow: 'true' } : {}),
    ...tailOf(options.text('tail')),
  };
  const colours = new Map<string, Style>();
  const show = (event: LogEvent): void => {
    const who = `${event.service} ${event.release} ${event.replica}`;
    if (!colours.has(who)) colours.set(who, COLOURS[colours.size % COLOURS.length] ?? 'cyan');
    // A terminal must not obey what an app prints; a file gets the bytes as they were.
    const words = out.terminal ? stripVTControlCharacters(event.text) : event.text;
    const text = event.stream === 'stderr' ? out.paint('red', words) : words;
    out.line(`${out.paint('dim', event.time.slice(11, 23))} ${out.paint(colours.get(who) ?? 'cyan', who)} │ ${text}`);
  };
  const onEvent = (event: LogEvent): void => (json ? out.object(event) : show(event));
  try {
    await createClient(context).stream('logs', { params: { environment: args.get('ENV') }, query }, { signal, onEvent });
    return 0;
  } catch (error) {
    if (options.flag('follow') && (isAbort(error) || signal.aborted)) return 130; // how following ends
    throw error;
  }
}

function tailOf(text: string | undefined): { readonly tail?: number } {
  if (text === undefined) return {};
  const tail = Number(text);
  if (/^\d+$/.test(text) && tail <= 100_000) return { tail };
  throw new AntlerError('cli/usage', 'Cannot take `--tail` as it is no number from 0 to 100000', {
    hint: 'Type `antler logs ENV --tail 100`',
  });
}
