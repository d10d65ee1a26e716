/** Columns that line up. Pure. */

import type { Paint, Style } from './output.ts';

/** A cell: text, or text with its colour. */
export type Cell = string | readonly [text: string, style: Style];

export interface TableOptions {
  readonly paint: Paint;
  /** Titles, shown dim. */
  readonly head?: readonly string[];
  /** Columns with numbers: to the right. */
  readonly right?: readonly number[];
}

/** Lines without a trailing blank; the last column is never padded. */
export function table(rows: readonly (readonly Cell[])[], { paint, head, right = [] }: TableOptions): string[] {
  const all: readonly (readonly Cell[])[] = head === undefined ? rows : [head.map((title): Cell => [title, 'dim']), ...rows];
  const columns = Math.max(0, ...all.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) => Math.max(...all.map((row) => textOf(row[at] ?? '').length)));
  return all.map((row) => {
    const last = row.findLastIndex((cell) => textOf(cell) !== '');
    return row
      .slice(0, last + 1)
      .map((cell, at) => {
        const blank = ' '.repeat((widths[at] ?? 0) - textOf(cell).length);
        const shown = typeof cell === 'string' ? cell : paint(cell[1], cell[0]);
        if (right.includes(at)) return blank + shown;
        return at === last ? shown : shown + blank;
      })
      .join('  ');
  });
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell[0];
}
