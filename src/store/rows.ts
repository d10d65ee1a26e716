/** Typed reading of SQLite rows: a column that is not what the schema says is a bug, told at once. */

import type { SQLOutputValue } from 'node:sqlite';

export type Row = Record<string, SQLOutputValue>;

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} is ${typeof value}, not text`);
  return value;
}

export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`column ${column} is ${typeof value}, not an integer`);
  return value;
}

export function textOr(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : text(row, column);
}

export function integerOr(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : integer(row, column);
}

/** JSON that this room wrote itself, so its shape is known. */
export function parseJson<T>(json: string): T {
  return JSON.parse(json) as T;
}
