/** Shows progress as it comes: live on a terminal, plain lines elsewhere, NDJSON with `--json`. */

import process from 'node:process';

import type { ProgressEvent } from '../contract/events.ts';
import type { Context } from './command.ts';
import type { Output } from './output.ts';
import { fold, liveLines, NOTHING_YET, overLines, plainLines, type Canvas } from './progress-view.ts';

export interface Progress extends Disposable {
  event(event: ProgressEvent): void;
  /** A line that stays, above what moves. Nothing with `--json`. */
  say(line: string): void;
}

/** Dispose before anything else is printed: what still runs is then shown as left. */
export function createProgress({ out, json, typed }: Pick<Context, 'out' | 'json' | 'typed'>): Progress {
  if (json) {
    return { event: (event) => out.object(event), say: () => undefined, [Symbol.dispose]: () => undefined };
  }
  const canvas = (): Canvas => ({ now: Date.now(), columns: out.columns, rows: out.rows, paint: out.paintNote, typed });
  const print = (lines: readonly string[]): void => {
    for (const line of lines) out.note(line);
  };
  if (!out.live) {
    return { event: (event) => print(plainLines(event, canvas())), say: (line) => out.note(line), [Symbol.dispose]: () => undefined };
  }
  return createLive(out, canvas);
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
// A line with wide letters would wrap, and the next clear would miss a row.
const NO_WRAP = '\u001b[?7l';
const WRAP = '\u001b[?7h';

function createLive(out: Output, canvas: () => Canvas): Progress {
  let state = NOTHING_YET;
  let height = 0;
  const clear = (): string => (height === 0 ? '' : `\u001b[${height}A\u001b[0J`);
  // One write a frame: a half-drawn one would flicker.
  const draw = (over: readonly string[]): void => {
    const live = liveLines(state, canvas());
    const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
    out.raw('stderr', `${clear()}${text(over)}${NO_WRAP}${text(live)}${WRAP}`);
    height = live.length;
  };
  const showCursor = (): void => out.raw('stderr', SHOW_CURSOR);
  process.once('exit', showCursor); // also where a second Ctrl-C ends us at once
  out.raw('stderr', HIDE_CURSOR);
  const timer = setInterval(() => draw([]), 100);
  timer.unref();
  return {
    event: (event) => {
      const folded = fold(state, event, Date.now());
      state = folded.state;
      draw(folded.over.flatMap((over) => overLines(over, canvas())));
    },
    say: (line) => draw([line]),
    [Symbol.dispose]: () => {
      clearInterval(timer);
      process.off('exit', showCursor);
      const left = state.running.map(({ title }) => `${out.paintNote('yellow', '◌')} ${title}`);
      out.raw('stderr', `${clear()}${left.map((line) => `${line}\n`).join('')}${SHOW_CURSOR}`);
      height = 0;
    },
  };
}
