/** docs/reference/errors.md: a fold over the table of codes. */

import { CODES } from '../../src/kit/codes.ts';
import { head, table } from './markdown.ts';

const INTRO = `
Every failure carries a code, a message ("Cannot *do* as *why*") and a hint: the next thing to type. Decide by the code, never by the message.

`;

export function errorsPage(): string {
  const rows = Object.entries(CODES).map(([code, { exit, when, hint }]) => [`\`${code}\``, String(exit), when, hint]);
  return head('Error codes', '`src/kit/codes.ts`') + INTRO + table(['code', 'exit', 'when', 'hint'], rows);
}
