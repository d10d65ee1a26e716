/** `antler keys rm`. */

import { AntlerError } from '../../kit/errors.ts';
import { removeKey } from '../authorized-keys.ts';
import type { Context } from '../command.ts';
import { openKeysFile } from '../keys-file.ts';

export async function run(context: Context): Promise<void> {
  const { args, out, json } = context;
  const name = args.get('NAME');
  const file = await openKeysFile(context);
  const remove = (text: string): string => {
    const left = removeKey(text, name, file.place);
    if (left !== undefined) return left;
    throw new AntlerError('repos/key', `Cannot remove the key ${JSON.stringify(name.slice(0, 80))} as ${file.path} has none of this name`, {
      hint: 'Type `antler keys ls`',
    });
  };
  remove(file.text);
  await file.change(remove);
  if (json) out.object({ name, user: file.user, file: file.path });
  else out.line(`${out.paint('green', '✓')} ${name} may no longer push or fetch as ${file.user}`);
}
