/** Lines out of chunks that are cut anywhere. */

export interface LineReader {
  /** The whole lines that this chunk completes. */
  push(chunk: string): readonly string[];
}

export function createLineReader(): LineReader {
  let rest = '';
  return {
    push(chunk) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      return lines;
    },
  };
}
