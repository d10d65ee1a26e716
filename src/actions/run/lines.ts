/** Bytes of a process to lines of text, as they come: any bytes, any length, characters cut between two chunks. */

import { StringDecoder } from 'node:string_decoder';

import type { Masks } from './masks.ts';

export interface LineSplitter {
  /** The lines that this chunk completes. */
  push(chunk: Uint8Array): readonly string[];
  /** What is left without a newline at the end, if anything. */
  end(): string | undefined;
}

export interface SplitOptions {
  readonly maxChars?: number;
  /** What must not be seen in a piece's end and the next one's begin. */
  readonly masks?: Pick<Masks, 'mask' | 'longest'>;
}

/**
 * A line ends with \n or \r\n. Longer ones than `maxChars` are handed out in pieces, masked: memory stays bounded whatever is printed. Of each so much
 * stays back that a secret of which only the begin has come is found with the rest.
 */
export function createLineSplitter({ maxChars = 4 * 1024 * 1024, masks }: SplitOptions = {}): LineSplitter {
  const decoder = new StringDecoder('utf8'); // bytes that are no UTF-8 become U+FFFD
  let pending: string[] = []; // joined once, when the line ends: a long line costs no more than its length
  let length = 0;
  const take = (tail: string): string => {
    const line = pending.length === 0 ? tail : pending.join('') + tail;
    pending = [];
    length = 0;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  };
  const keep = (text: string): readonly string[] => {
    if (text === '') return [];
    pending.push(text);
    length += text.length;
    return length >= maxChars ? [piece()] : [];
  };
  const piece = (): string => {
    const all = pending.join('');
    const text = masks?.mask(all) ?? all;
    const back = Math.min(Math.max(0, (masks?.longest ?? 0) - 1), Math.floor(maxChars / 2));
    let cut = Math.max(0, text.length - back);
    if (/[\uDC00-\uDFFF]/.test(text.charAt(cut))) cut -= 1; // not through a character
    pending = cut === text.length ? [] : [text.slice(cut)];
    length = text.length - cut;
    return text.slice(0, cut);
  };
  return {
    push: (chunk) => {
      const text = decoder.write(chunk);
      let from = text.indexOf('\n');
      if (from < 0) return keep(text);
      const lines = [take(text.slice(0, from))];
      for (let to = text.indexOf('\n', ++from); to >= 0; to = text.indexOf('\n', (from = to + 1))) lines.push(take(text.slice(from, to)));
      lines.push(...keep(text.slice(from)));
      return lines;
    },
    end: () => {
      const rest = decoder.end();
      return pending.length === 0 && rest === '' ? undefined : take(rest);
    },
  };
}
