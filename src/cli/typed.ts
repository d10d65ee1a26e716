/** Commands as the person can paste them into the same shell: the program as it was called, the home if it was named. Pure. */

import { basename, delimiter, dirname } from 'node:path';

export interface Shell {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What `--home` said; ANTLER_HOME stays in the shell by itself. */
  readonly home: string | undefined;
}

export function typed(line: string, { env, home }: Shell): string {
  const named = home === undefined ? '' : ` --home ${quoted(home)}`;
  const [before = '', ...after] = line.split(' -- '); // what follows `--` is not for us
  return [`${program(env)} ${before}${named}`, ...after].join(' -- ');
}

function program(env: Shell['env']): string {
  const called = env['ANTLER_TYPED'];
  if (called === undefined || called === '') return 'antler';
  if ((env['PATH'] ?? '').split(delimiter).includes(dirname(called))) return basename(called);
  return quoted(called);
}

/** What `--home` says in words that may not parse. */
export function homeOf(argv: readonly string[]): string | undefined {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const at = argv.slice(0, end).findLastIndex((word) => word === '--home' || word.startsWith('--home='));
  if (at === -1) return undefined;
  return argv[at] === '--home' ? argv[at + 1] : argv[at]?.slice('--home='.length);
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return /^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
