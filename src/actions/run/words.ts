/** Small conversions between what expressions give and what processes take. Pure. */

import { AntlerError, hasCode } from '../../kit/errors.ts';

/** As GitHub turns a value into a string: null is empty, objects are their kind. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'Array' : 'Object';
}

/** What a mapping template gave, as strings; undefined and null give nothing. */
export function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, textOf(one)]));
}

export function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value.trim().toLowerCase() === 'true');
}

/** One line for people of whatever was thrown. */
export function errorText(error: unknown): string {
  if (error instanceof AntlerError) return error.at === undefined ? error.message : `${error.message} (${error.at})`;
  return error instanceof Error ? error.message : String(error);
}

/** Why something was cancelled; for people. */
export function cancelText(reason: unknown): string {
  if (typeof reason === 'string') return reason;
  return hasCode(reason, 'actions/superseded') ? errorText(reason) : 'The run was cancelled';
}
