/** What an SSH client asks for, read as git writes it: two programs and one quoted path; nothing else, and no shell. Pure. */

import { basename } from 'node:path';

import { AntlerError } from '../kit/errors.ts';

export interface Wanted {
  readonly verb: 'receive' | 'upload';
  readonly app: string;
}

/** Throws `api/denied`. */
export function readSshCommand(line: string | undefined): Wanted {
  if (line === undefined || line === '') {
    throw new AntlerError('api/denied', 'Cannot open a shell as this key is for git only', {
      hint: 'Push: `git remote add antler USER@HOST:APP.git`, then `git push antler`',
    });
  }
  const [, verb, quoted = ''] = /^git[ -](receive|upload)-pack ('[^]*')$/.exec(line) ?? [];
  const path = unquote(quoted);
  const app = path === undefined ? undefined : /^([^\p{Cc}]+?)(?:\.git)?\/*$/u.exec(basename(path))?.[1];
  if ((verb !== 'receive' && verb !== 'upload') || app === undefined || app === '.' || app === '..')
    throw new AntlerError('api/denied', 'Cannot run this as this key is for `git push` and `git fetch` only', { hint: 'Use it with git' });
  return { verb, app };
}

/** A word in single quotes, in which git writes `'\''` for a quote and `'\!'` for an exclamation mark. */
function unquote(word: string): string | undefined {
  if (!/^'(?:[^'!]|'\\['!]')*'$/.test(word)) return undefined;
  return word.slice(1, -1).replaceAll(/'\\(['!])'/g, '$1');
}
