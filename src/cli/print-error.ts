/** One error as people read it, or as `{"error": …}` with `--json`. Pure. */

import type { ErrorBody } from '../kit/errors.ts';
import type { Paint } from './output.ts';

export function errorText(error: ErrorBody, paint: Paint): string {
  return [
    `${paint(['bold', 'red'], 'error')} ${paint('bold', error.message)}${error.at === undefined ? '' : paint('dim', ` (${error.at})`)}`,
    ...(error.lines ?? []).map((line) => paint('dim', `  │ ${line}`)),
    ...(error.problems ?? []).flatMap(({ at, message, hint }) => [
      `  ${paint('yellow', at)}: ${message}`,
      ...(hint === undefined ? [] : [paint('dim', `      ${hint}`)]),
    ]),
    `${paint('cyan', ' hint')} ${error.hint} ${paint('dim', `[${error.code}]`)}`,
  ].join('\n');
}
