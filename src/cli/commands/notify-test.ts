/** `antler notify test`. */

import { formatDuration } from '../../kit/units.ts';
import { createClient } from '../client.ts';
import type { Context } from '../command.ts';

export async function run(context: Context): Promise<number> {
  const { args, out, json, signal } = context;
  const channel = args.maybe('CHANNEL');
  const { results } = await createClient(context).call('testNotify', { body: channel === undefined ? {} : { channel } }, signal);
  if (json) out.object({ results });
  else if (results.length === 0) out.line('Nobody is told: `alerts` in antler.config.ts names no webhook and no command');
  for (const { channel: name, ok, detail, ms } of json ? [] : results) {
    out.line(`${ok ? out.paint('green', '✓') : out.paint('red', '✗')} ${name}: ${detail} ${out.paint('dim', formatDuration(ms))}`);
  }
  return results.every(({ ok }) => ok) ? 0 : 1;
}
