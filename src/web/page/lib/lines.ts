/** Log lines as they come, faster than anybody reads: the newest are kept, and what the reader looks at stays still while it is paused. */

export interface Line {
  readonly time: string;
  readonly from: string;
  readonly loud: boolean;
  readonly text: string;
}

export interface LineStore {
  add(line: Line): void;
  /** Lines that hold the words; all by default. */
  search(words: string): void;
  /** Freezes what `lines` gives. */
  pause(paused: boolean): void;
  /** Oldest first. */
  lines(): readonly Line[];
  /** That came since the pause began. */
  waiting(): number;
  /** Ever, and let go since. */
  count(): { readonly all: number; readonly dropped: number };
}

/** Cut back to `keep` when twice as many have come: moving them one by one would cost more than reading them. */
export function createLines(keep: number): LineStore {
  let all: Line[] = [];
  let found: Line[] = all;
  let words = '';
  let frozen: readonly Line[] | undefined;
  let [total, since] = [0, 0];
  const holds = ({ text, from }: Line): boolean => text.toLowerCase().includes(words) || from.toLowerCase().includes(words);
  const refresh = (): void => {
    found = words === '' ? all : all.filter(holds);
  };
  return {
    add(line) {
      total += 1;
      if (frozen !== undefined) since += 1;
      all.push(line);
      if (all.length > keep * 2) {
        all = all.slice(-keep);
        refresh();
      } else if (words !== '' && holds(line)) found.push(line);
    },
    search(next) {
      words = next.trim().toLowerCase();
      refresh();
      if (frozen !== undefined) frozen = [...found];
    },
    pause(paused) {
      since = 0;
      frozen = paused ? [...found] : undefined;
    },
    lines: () => frozen ?? found,
    waiting: () => since,
    count: () => ({ all: total, dropped: total - all.length }),
  };
}

const ANSI = new RegExp(`${String.fromCodePoint(27)}\\[[0-9;?]*[A-Za-z]`, 'g');

/** Without what colours a terminal; control characters as what they are called. Pure. */
export function plain(text: string): string {
  return text
    .replace(ANSI, '')
    .replaceAll('\t', '    ')
    .replaceAll(/\p{Cc}/gu, '\uFFFD');
}
