/** Globs over files as `hashFiles()` takes them: `*`, `?`, `[…]`, `**` and `\`, dotfiles like all others. Pure; no pattern can take long. */

type Many = 'many';
/** Whether one character, or one name, fits. */
type Fits = (one: string) => boolean;
type Part = Fits | Many;

export interface TreeGlob {
  /** Its names up to the first that is a pattern: where to look. */
  readonly base: readonly string[];
  /** The path as its names. */
  matches(names: readonly string[]): boolean;
  /** Whether anything below this folder may match. */
  reaches(names: readonly string[]): boolean;
}

/** `**` alone is any number of names. */
export function treeGlob(segments: readonly string[]): TreeGlob {
  const parts: readonly Part[] = segments.map((segment) => (segment === '**' ? 'many' : nameFits(segment)));
  const patterned = segments.findIndex((segment) => literalOf(segment) === undefined);
  const firstMany = parts.indexOf('many');
  const fixed = firstMany < 0 ? parts : parts.slice(0, firstMany);
  return {
    base: segments.slice(0, patterned < 0 ? undefined : patterned).map((segment) => literalOf(segment) ?? segment),
    matches: (names) => fitsAll(parts, names),
    reaches: (names) =>
      (firstMany >= 0 || names.length <= fixed.length) && names.slice(0, fixed.length).every((name, index) => (fixed[index] as Fits)(name)),
  };
}

/** The name that a segment means where it is no pattern. */
export function literalOf(segment: string): string | undefined {
  const letters = lettersOf(segment);
  return letters.every((letter) => typeof letter === 'string') ? letters.join('') : undefined;
}

function nameFits(segment: string): Fits {
  const parts = lettersOf(segment).map((letter): Part => {
    if (typeof letter === 'string') return (other) => other === letter;
    switch (letter.kind) {
      case 'many':
        return 'many';
      case 'any':
        return () => true;
      case 'set':
        return letter.fits;
      default:
        return letter satisfies never;
    }
  });
  return (name) => fitsAll(parts, name.split(''));
}

type Letter = string | { readonly kind: 'many' } | { readonly kind: 'any' } | { readonly kind: 'set'; readonly fits: Fits };

function lettersOf(segment: string): Letter[] {
  const letters: Letter[] = [];
  for (let index = 0; index < segment.length; index++) {
    const letter = segment[index] ?? '';
    if (letter === '*') letters.push({ kind: 'many' });
    else if (letter === '?') letters.push({ kind: 'any' });
    else if (letter === '\\' && index + 1 < segment.length) letters.push(segment[++index] ?? '');
    else if (letter === '[') {
      const set = setAt(segment, index);
      letters.push(set === undefined ? letter : set.one);
      index = set?.end ?? index;
    } else letters.push(letter);
  }
  return letters;
}

/** `[abc]`, `[a-z]`, `[!a]`, `[^a]`; one that is not closed is a plain `[`, one of a single character is that. */
function setAt(segment: string, start: number): { readonly one: Letter; readonly end: number } | undefined {
  let index = start + 1;
  const not = segment[index] === '!' || segment[index] === '^';
  if (not) index += 1;
  const ranges: (readonly [from: string, to: string])[] = [];
  const first = index;
  const next = (): string => (segment[index] === '\\' && index + 1 < segment.length ? segment[++index] : segment[index]) ?? '';
  for (; index < segment.length && (segment[index] !== ']' || index === first); index++) {
    const from = next();
    if (segment[index + 1] !== '-' || segment[index + 2] === undefined || segment[index + 2] === ']') ranges.push([from, from]);
    else {
      index += 2;
      ranges.push([from, next()]);
    }
  }
  if (index >= segment.length || ranges.length === 0) return undefined;
  const [only] = ranges;
  if (!not && ranges.length === 1 && only !== undefined && only[0] === only[1]) return { one: only[0], end: index };
  return { one: { kind: 'set', fits: (letter) => ranges.some(([from, to]) => from <= letter && letter <= to) !== not }, end: index };
}

/** One look back at the last `many` is enough: the work grows with the product of both lengths at most. */
function fitsAll(parts: readonly Part[], items: readonly string[]): boolean {
  let part = 0;
  let item = 0;
  let manyAt = -1;
  let taken = 0;
  while (item < items.length) {
    const want = parts[part];
    if (want === 'many') {
      manyAt = part++;
      taken = item;
    } else if (want?.(items[item] ?? '') === true) {
      part++;
      item++;
    } else if (manyAt >= 0) {
      part = manyAt + 1;
      item = ++taken;
    } else return false;
  }
  return parts.slice(part).every((rest) => rest === 'many');
}
