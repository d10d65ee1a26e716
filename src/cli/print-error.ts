/** One error as people read it, or as `{"error": …}` with `--json`. Pure. */

import type { ErrorBody } from '../kit/errors.ts';
import type { Paint } from './output.ts';

export function errorText(error: ErrorBody, paint: Paint): string {
  return [
    `${paint(['bold', 'red'], 'error')} ${paint('bold', error.message)}${error.at === undefined ? '' : paint('dim', ` (${error.at})`)}`,
    ...(error.lines ?? []).map((line) => paint('dim', `  │ ${line}`)),
    ...(error.problems ?? []).flatMap(({ at, message, hint, source }) => [
      `  ${paint('yellow', at)}: ${message}`,
      ...(source === undefined ? [] : sourceLines(source, at).map((line) => paint('dim', line))),
      ...(hint === undefined ? [] : [paint('dim', `      ${hint}`)]),
    ]),
    `${paint('cyan', ' hint')} ${error.hint} ${paint('dim', `[${error.code}]`)}`,
  ].join('\n');
}

/** The line, and a mark under the column that `FILE:LINE:COLUMN` names. */
function sourceLines(source: string, at: string): readonly string[] {
  const column = Number(/:(\d+)$/.exec(at)?.[1] ?? 1);
  const indent = source.length - source.trimStart().length;
  return [`      │ ${source.slice(indent)}`, `      │ ${' '.repeat(Math.max(0, column - 1 - indent))}^`];
}
