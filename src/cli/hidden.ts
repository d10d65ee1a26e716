/** What was typed or pasted without being shown, sign by sign. Pure. */

export interface Typing {
  readonly text: string;
  /** In the middle of a key that is more than one sign, such as an arrow. */
  readonly key: 'none' | 'escape' | 'sequence';
  readonly end: 'none' | 'done' | 'interrupted';
}

export const NOTHING_TYPED: Typing = { text: '', key: 'none', end: 'none' };

/** Enter is part of the value, so that a pasted key of many lines comes whole; Ctrl-D ends it. */
export function type(typing: Typing, signs: string): Typing {
  let state = typing;
  for (const sign of signs) state = state.end === 'none' ? one(state, sign) : state;
  return state;
}

function one({ text, key, end }: Typing, sign: string): Typing {
  if (key === 'escape') return { text, key: sign === '[' || sign === 'O' ? 'sequence' : 'none', end };
  if (key === 'sequence') return { text, key: sign >= '@' && sign <= '~' ? 'none' : 'sequence', end };
  switch (sign) {
    case '\u0003': // Ctrl-C
      return { text: '', key, end: 'interrupted' };
    case '\u0004': // Ctrl-D
      return { text: withoutLineEnd(text), key, end: 'done' };
    case '\u001B':
      return { text, key: 'escape', end };
    case '\u007F': // Backspace
    case '\b':
      return { text: text.replace(/.$/su, ''), key, end };
    case '\u0015': // Ctrl-U
      return { text: text.slice(0, text.lastIndexOf('\n') + 1), key, end };
    case '\r':
      return { text: `${text}\n`, key, end };
    default:
      return { text: sign === '\n' || sign === '\t' || !/\p{Cc}/u.test(sign) ? text + sign : text, key, end };
  }
}

/** One, as `echo` and the Enter key add it. */
export function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}
