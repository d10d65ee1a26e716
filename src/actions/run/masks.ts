/** Takes secrets out of everything that is told: the one place where every line, name and output passes. */

import { variantsOf } from './mask-variants.ts';

export interface Masks {
  /** A secret, as a whole, line by line, and in every encoding in which programs print it. */
  add(secret: string): void;
  /** The text with `***` where a secret stood. */
  mask(text: string): string;
  /** Whether there is a secret in it. */
  holds(text: string): boolean;
  /** Characters of the longest form that is known. */
  readonly longest: number;
}

export function createMasks(secrets: Iterable<string> = []): Masks {
  const known = new Set<string>();
  let longest = 0;
  const masks: Masks = {
    get longest() {
      return longest;
    },
    add: (secret) => {
      for (const variant of variantsOf(secret)) {
        known.add(variant);
        longest = Math.max(longest, variant.length);
      }
    },
    mask: (text) => {
      if (text === '' || known.size === 0) return text;
      const found = ranges(text, known);
      return found.length === 0 ? text : replaced(text, found);
    },
    holds: (text) => {
      for (const variant of known) if (text.includes(variant)) return true;
      return false;
    },
  };
  for (const secret of secrets) masks.add(secret);
  return masks;
}

type Range = readonly [start: number, end: number];

/** One search a variant: on a long line that is far faster than one pattern of them all, and finds overlaps. */
function ranges(text: string, known: ReadonlySet<string>): Range[] {
  const found: Range[] = [];
  for (const variant of known) {
    for (let at = text.indexOf(variant); at >= 0; at = text.indexOf(variant, at + 1)) found.push([at, at + variant.length]);
  }
  return found.sort((a, b) => a[0] - b[0]);
}

/** Ranges that touch become one `***`. */
function replaced(text: string, found: readonly Range[]): string {
  const parts: string[] = [];
  let from = 0;
  for (let index = 0; index < found.length;) {
    const [start, first] = found[index] ?? [0, 0];
    let end = first;
    for (index++; index < found.length; index++) {
      const [nextStart, nextEnd] = found[index] ?? [0, 0];
      if (nextStart > end) break;
      end = Math.max(end, nextEnd);
    }
    parts.push(text.slice(from, start), '***');
    from = end;
  }
  parts.push(text.slice(from));
  return parts.join('');
}
