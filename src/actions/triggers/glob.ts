/** GitHub's glob dialect for branches, tags and paths. Matched state by state, so that no pattern can take long. */

/** One character, or as many as its marks allow; or a place from which some parts may be left out. */
type Part =
  | { readonly kind: 'one'; readonly fits: (letter: string) => boolean; readonly optional: boolean; readonly repeat: boolean }
  | { readonly kind: 'skip'; readonly parts: number };

export type Parsed = { readonly kind: 'glob'; readonly parts: readonly Part[] } | { readonly kind: 'wrong'; readonly why: string };

const anything = (): boolean => true;
const notSlash = (letter: string): boolean => letter !== '/';

/** Without the `!` in front, which is the list's business. */
export function parseGlob(pattern: string): Parsed {
  const parts: Part[] = [];
  const letters = Array.from(pattern);
  const add = (fits: (letter: string) => boolean): void => void parts.push({ kind: 'one', fits, optional: false, repeat: false });
  for (let index = 0; index < letters.length; index++) {
    const letter = letters[index] ?? '';
    const last = parts.at(-1);
    if (letter === '*') {
      if (letters[index + 1] !== '*') {
        parts.push({ kind: 'one', fits: notSlash, optional: true, repeat: true });
        continue;
      }
      const begins = index === 0 || letters[index - 1] === '/';
      while (letters[index + 1] === '*') index += 1;
      // `**/x` is also `x`: the folders in front may be none.
      if (begins && letters[index + 1] === '/') parts.push({ kind: 'skip', parts: 2 });
      parts.push({ kind: 'one', fits: anything, optional: true, repeat: true });
    } else if (letter === '?' || letter === '+') {
      if (last?.kind !== 'one') return { kind: 'wrong', why: `\`${letter}\` follows no character` };
      parts[parts.length - 1] = { ...last, ...(letter === '?' ? { optional: true } : { repeat: true }) };
    } else if (letter === '[') {
      const end = letters.indexOf(']', index + 1);
      if (end < 0) return { kind: 'wrong', why: '`[` is not closed' };
      const fits = classOf(letters.slice(index + 1, end));
      if (fits === undefined)
        return { kind: 'wrong', why: `\`[${letters.slice(index + 1, end).join('')}]\` is empty or has a range that runs backwards` };
      add(fits);
      index = end;
    } else if (letter === '\\') {
      const escaped = letters[++index];
      if (escaped === undefined) return { kind: 'wrong', why: 'it ends with `\\`' };
      add((other) => other === escaped);
    } else add((other) => other === letter);
  }
  return { kind: 'glob', parts };
}

function classOf(letters: readonly string[]): ((letter: string) => boolean) | undefined {
  if (letters.length === 0) return undefined;
  const ranges: (readonly [from: string, to: string])[] = [];
  for (let index = 0; index < letters.length; index++) {
    const from = letters[index] ?? '';
    const isRange = letters[index + 1] === '-' && letters[index + 2] !== undefined;
    const to = isRange ? (letters[index + 2] ?? '') : from;
    if (to < from) return undefined;
    ranges.push([from, to]);
    if (isRange) index += 2;
  }
  return (letter) => ranges.some(([from, to]) => letter >= from && letter <= to);
}

export function matches(parts: readonly Part[], text: string): boolean {
  let states = new Set<number>();
  enter(parts, states, 0);
  for (const letter of text) {
    const next = new Set<number>();
    for (const state of states) {
      const part = parts[state];
      if (part?.kind !== 'one' || !part.fits(letter)) continue;
      if (part.repeat) enter(parts, next, state);
      enter(parts, next, state + 1);
    }
    if (next.size === 0) return false;
    states = next;
  }
  return states.has(parts.length);
}

/** Adds a state, and those that it reaches without a letter. */
function enter(parts: readonly Part[], states: Set<number>, from: number): void {
  for (let state = from; !states.has(state); state += 1) {
    states.add(state);
    const part = parts[state];
    if (part?.kind === 'skip') enter(parts, states, state + 1 + part.parts);
    else if (part?.optional !== true) return;
  }
}
