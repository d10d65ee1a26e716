/** Shows a run as it comes: live on a terminal, plain lines elsewhere, NDJSON with `--json`. */

import process from 'node:process';

import type { RunLine, RunRecord } from '../../actions/types.ts';
import type { Context } from '../command.ts';
import type { Output } from '../output.ts';
import { foldLine, foldRecord, movingLines, NO_RUN, type Folded } from './view.ts';

export interface RunShow extends Disposable {
  record(record: RunRecord): void;
  /** A promise where the next line must wait for the reader. */
  line(line: RunLine): Promise<void> | undefined;
}

export interface RunShowOptions extends Pick<Context, 'out' | 'json'> {
  readonly verbose: boolean;
}

/** Dispose before anything else is printed. */
export function createRunShow({ out, json, verbose }: RunShowOptions): RunShow {
  if (json) {
    return {
      record: (record) => out.object({ record }),
      line: (line) => {
        out.object({ line });
        return out.room();
      },
      [Symbol.dispose]: () => undefined,
    };
  }
  let view = NO_RUN;
  const live = out.live && out.terminal ? createLive(out, () => view) : undefined;
  const plain = createBatch(out);
  const print = (folded: Folded): void => {
    view = folded.view;
    if (live !== undefined) live.print(folded.lines);
    else plain.print(folded.lines);
  };
  return {
    record: (record) => print(foldRecord(view, record, out.paint)),
    line: (line) => {
      print(foldLine(view, line, { paint: out.paint, verbose }));
      return out.room();
    },
    [Symbol.dispose]: () => {
      plain[Symbol.dispose]();
      live?.[Symbol.dispose]();
    },
  };
}

interface Printer extends Disposable {
  print(lines: readonly string[]): void;
}

/** Lines that come together are written together: a job that prints a million of them must not wait for a million writes. */
function createBatch(out: Output): Printer {
  let waiting: string[] = [];
  const flush = (): void => {
    if (waiting.length > 0) out.raw('stdout', `${waiting.join('\n')}\n`);
    waiting = [];
  };
  process.once('exit', flush); // also where a second Ctrl-C ends us at once
  return {
    print: (lines) => {
      if (waiting.length === 0 && lines.length > 0) setImmediate(flush);
      waiting.push(...lines);
      if (waiting.length > 500) flush();
    },
    [Symbol.dispose]: () => {
      process.off('exit', flush);
      flush();
    },
  };
}

const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
const NO_WRAP = '\u001B[?7l';
const WRAP = '\u001B[?7h';

/** Lines go up, what moves stays below them. */
function createLive(out: Output, view: () => typeof NO_RUN): Printer {
  let height = 0;
  let waiting: string[] = [];
  const clear = (): string => (height === 0 ? '' : `\u001B[${height}A\u001B[0J`);
  // One write a frame, and not one a line: a job that prints a million lines must not wait for a terminal.
  const draw = (): void => {
    const moving = movingLines(view(), { now: Date.now(), columns: out.columns, rows: out.rows, paint: out.paint });
    const above = waiting.map((line) => `${line}\n`).join('');
    waiting = [];
    out.raw('stdout', `${clear()}${above}${NO_WRAP}${moving.map((line) => `${line}\n`).join('')}${WRAP}`);
    height = moving.length;
  };
  const showCursor = (): void => out.raw('stdout', SHOW_CURSOR);
  process.once('exit', showCursor); // also where a second Ctrl-C ends us at once
  out.raw('stdout', HIDE_CURSOR);
  const timer = setInterval(draw, 60);
  timer.unref();
  return {
    print: (lines) => {
      waiting.push(...lines);
      if (waiting.length > 500) draw();
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      process.off('exit', showCursor);
      out.raw('stdout', `${clear()}${waiting.map((line) => `${line}\n`).join('')}${SHOW_CURSOR}`);
      waiting = [];
      height = 0;
    },
  };
}
