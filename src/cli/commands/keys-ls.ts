/** `antler keys ls`. */

import { createHash } from 'node:crypto';

import { keysOf } from '../authorized-keys.ts';
import type { Context } from '../command.ts';
import { openKeysFile } from '../keys-file.ts';
import { table } from '../table.ts';

export async function run(context: Context): Promise<void> {
  const { out, json } = context;
  const file = await openKeysFile(context);
  const keys = keysOf(file.text, file.place).map(({ name, type, base64 }) => ({ name, type, fingerprint: fingerprint(base64) }));
  if (json) out.object({ user: file.user, file: file.path, keys });
  else if (keys.length === 0) out.line(`no key of this instance in ${file.path}`);
  else {
    const rows = keys.map(({ name, type, fingerprint: print }) => [name, type, print]);
    for (const line of table(rows, { paint: out.paint, head: ['NAME', 'TYPE', 'FINGERPRINT'] })) out.line(line);
  }
}

/** As `ssh-keygen -l` shows it. */
function fingerprint(base64: string): string {
  return `SHA256:${createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64').replace(/=+$/, '')}`;
}
