/** Where a command's words go: standard output for results, standard error for progress and errors; colour only on a terminal. */

import process from 'node:process';
import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

export type Paint = (style: Style, text: string) => string;

export interface Output {
  /** Standard output is a terminal. */
  readonly terminal: boolean;
  /** Standard error is a terminal that can be drawn on. */
  readonly live: boolean;
  /** Columns of the terminal, now; 80 elsewhere. */
  readonly columns: number;
  readonly rows: number;
  /** One line on standard output. Say nothing with `--json` but objects. */
  line(text?: string): void;
  /** One JSON object on a line of standard output. */
  object(value: unknown): void;
  /** Bytes as they are, e.g. what `exec` passes on. */
  raw(stream: 'stdout' | 'stderr', bytes: string | Uint8Array): void;
  /** One line on standard error, for people, also while standard output is piped. */
  note(text: string): void;
  /** A promise where whoever reads standard output is slower than we: what waits for it does not heap up here. */
  room(): Promise<void> | undefined;
  /** The text in colour where standard output shows it. */
  readonly paint: Paint;
  /** The same for standard error. */
  readonly paintNote: Paint;
}

export function createOutput(): Output {
  const { stdout, stderr } = process;
  // A reader that has seen enough (`antler logs prod | head`) is no failure.
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }
  return Object.freeze({
    terminal: stdout.isTTY,
    live: stderr.isTTY && process.env['TERM'] !== 'dumb',
    get columns() {
      return (stdout.isTTY ? stdout.columns : stderr.columns) || 80;
    },
    get rows() {
      return (stdout.isTTY ? stdout.rows : stderr.rows) || 24;
    },
    line: (text = '') => void stdout.write(`${text}\n`),
    object: (value: unknown) => void stdout.write(`${JSON.stringify(value)}\n`),
    raw: (stream: 'stdout' | 'stderr', bytes: string | Uint8Array) => void process[stream].write(bytes),
    note: (text: string) => void stderr.write(`${text}\n`),
    room: () => (stdout.writableNeedDrain && !stdout.destroyed ? drained(stdout) : undefined),
    paint: (style: Style, text: string) => (wantsColour(stdout) ? styleText(style, text, { validateStream: false }) : text),
    paintNote: (style: Style, text: string) => (wantsColour(stderr) ? styleText(style, text, { validateStream: false }) : text),
  });
}

async function drained(stream: NodeJS.WriteStream): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.once('drain', resolve);
  stream.once('close', resolve);
  await promise;
  stream.off('drain', resolve);
  stream.off('close', resolve);
}

/** https://no-color.org, and `dumb` for editors that run commands. */
function wantsColour(stream: NodeJS.WriteStream): boolean {
  if (process.env['NO_COLOR'] !== undefined && process.env['NO_COLOR'] !== '') return false;
  return stream.isTTY && process.env['TERM'] !== 'dumb';
}
