/** The k8s-file log format, line by line: `2026-11-23T12:46:40.606368633+00:00 stdout F text`. */

import type { LogLine } from '../types.ts';

export interface LogParser {
  /** Whole lines in these characters; a rest without line end waits for the next piece. */
  push(piece: string): LogLine[];
}

export function createLogParser(): LogParser {
  let rest = '';
  // A long line comes in parts (P … P, F), each stream's parts apart from the other's.
  const parts: Record<LogLine['stream'], string> = { stdout: '', stderr: '' };

  function parseLine(line: string): LogLine | undefined {
    const match = /^(\S+) (stdout|stderr) ([FP]) (.*)$/s.exec(line);
    if (match === null) return undefined;
    const [, time = '', name, flag, text = ''] = match;
    const stream = name === 'stderr' ? 'stderr' : 'stdout';
    if (flag === 'P') {
      parts[stream] += text;
      return undefined;
    }
    const whole = parts[stream] + text;
    parts[stream] = '';
    return { at: Date.parse(time), stream, text: whole };
  }

  return {
    push(piece) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      return lines.map((line) => parseLine(line)).filter((line) => line !== undefined);
    },
  };
}
