/** The words in a commit's message that ask for no runs. */

const WORDS = /\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]/i;
/** The last trailer, after two empty lines. */
const TRAILER = /\n\n\n(?:[^\n]+\n)*(skip-checks: ?true)\s*$/;

/** The words as they stand there. */
export function skipWords(message: string): string | undefined {
  return WORDS.exec(message)?.[0] ?? TRAILER.exec(message)?.[1];
}
