/** Bytes of a process to lines of text, as they come: any bytes, any length, characters cut between two chunks. */

import { StringDecoder } from 'node:string_decoder';

export interface LineSplitter {
  /** The lines that this chunk completes. */
  push(chunk: Uint8Array): readonly string[];
  /** What is left without a newline at the end, if anything. */
  end(): string | undefined;
}

/** A line ends with \n or \r\n. Longer ones than `maxChars` are handed out in pieces: memory stays bounded whatever is printed. */
export function createLineSplitter(maxChars = 4 * 1024 * 1024): LineSplitter {
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
    return length >= maxChars ? [take('')] : [];
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
