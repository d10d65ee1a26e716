/** Words as each supervisor reads them back: nothing that a config says may become syntax. */

/** Stands for the main process in a reload command; each supervisor knows its own way to say it. */
export const MAIN_PID = '$MAINPID';

/** One word of a POSIX shell. A NUL byte cannot be in an argument of any program and is refused. */
export function quoteShell(word: string): string {
  refuseNul(word);
  if (/^[A-Za-z0-9_\-./:=@%+,]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

export function quoteShellArgv(argv: readonly string[]): string {
  return argv.map((word) => quoteShell(word)).join(' ');
}

/** One word of `Exec…=`: quotes, backslashes, specifiers (%) and variables ($) mean themselves. */
export function quoteExec(word: string): string {
  if (word === MAIN_PID) return word;
  return quoteUnit(word).replaceAll('$', '$$$$');
}

export function quoteExecArgv(argv: readonly string[]): string {
  return argv.map((word) => quoteExec(word)).join(' ');
}

/** One word of a unit file, as in `Environment=`. */
export function quoteUnit(word: string): string {
  refuseNul(word);
  const escaped = Array.from(word, escapeUnit).join('');
  return `"${escaped}"`;
}

/** Text of a unit file that is not split into words, as in `Description=`: one line, no specifiers. */
export function unitText(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .replaceAll('%', '%%')
    .trim()
    .replace(/\\+$/, '');
}

function escapeUnit(char: string): string {
  if (char === '\\' || char === '"') return `\\${char}`;
  if (char === '%') return '%%';
  const code = char.codePointAt(0) ?? 0;
  return code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, '0')}` : char;
}

function refuseNul(word: string): void {
  if (word.includes('\0')) throw new RangeError('Cannot quote a word as it holds a NUL byte');
}
