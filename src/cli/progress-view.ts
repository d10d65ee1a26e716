/** Progress as a picture: events folded into a state, the state drawn as lines. Pure; time and size are passed in. */

import { stripVTControlCharacters } from 'node:util';

import type { ProgressEvent, StepEvent } from '../contract/events.ts';
import { formatDuration } from '../kit/units.ts';
import type { Paint } from './output.ts';

export interface ProgressState {
  readonly running: readonly RunningStep[];
  readonly coming: readonly { readonly step: string; readonly title: string }[];
  readonly waiting:
    | { readonly approval: string; readonly environment: string; readonly release: string; readonly since: number }
    | undefined;
}

export interface RunningStep {
  readonly step: string;
  readonly title: string;
  readonly since: number;
  /** The last lines of its output, oldest first. */
  readonly lines: readonly string[];
}

export const NOTHING_YET: ProgressState = { running: [], coming: [], waiting: undefined };

/** A failed step shows so many of its last lines. */
const KEPT_LINES = 20;

export interface Folded {
  readonly state: ProgressState;
  /** What is over: printed once, it stays. */
  readonly over: readonly Over[];
}

export type Over =
  | { readonly kind: 'step'; readonly event: StepEvent; readonly ms: number | undefined; readonly lines: readonly string[] }
  | { readonly kind: 'waiting'; readonly approval: string; readonly environment: string; readonly release: string };

export function fold(state: ProgressState, event: ProgressEvent, now: number): Folded {
  switch (event.kind) {
    case 'plan': {
      const running = new Set(state.running.map(({ step }) => step));
      return { state: { ...state, coming: event.steps.filter(({ step }) => !running.has(step)) }, over: [] };
    }
    case 'output': {
      const running = state.running.map((step) =>
        step.step === event.step ? { ...step, lines: [...step.lines, clean(event.line)].slice(-KEPT_LINES) } : step,
      );
      return { state: { ...state, running }, over: [] };
    }
    case 'waiting': {
      const { approval, environment, release } = event;
      if (state.waiting?.approval === approval) return { state, over: [] };
      const waiting = { approval, environment, release, since: now };
      return { state: { ...state, waiting }, over: [{ kind: 'waiting', approval, environment, release }] };
    }
    case 'step':
      return foldStep(state, event, now);
    default:
      return event satisfies never;
  }
}

function foldStep(before: ProgressState, event: StepEvent, now: number): Folded {
  const state = { ...before, waiting: undefined, coming: before.coming.filter(({ step }) => step !== event.step) };
  const others = state.running.filter(({ step }) => step !== event.step);
  if (event.state === 'start') {
    return { state: { ...state, running: [...others, { step: event.step, title: event.title, since: now, lines: [] }] }, over: [] };
  }
  const mine = state.running.find(({ step }) => step === event.step);
  const ms = event.ms ?? (mine === undefined ? undefined : now - mine.since);
  const lines = event.state === 'failed' ? (mine?.lines ?? []) : [];
  return { state: { ...state, running: others }, over: [{ kind: 'step', event, ms, lines }] };
}

export interface Canvas {
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
  /** See `Context.typed`. */
  readonly typed: (line: string) => string;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** What moves: running steps with the last of their output, the approval that is due, what is next. Never higher than the terminal. */
export function liveLines(state: ProgressState, canvas: Canvas): string[] {
  const { now, paint, columns, rows } = canvas;
  const spinner = paint('cyan', SPINNER[Math.floor(now / 100) % SPINNER.length] ?? '');
  const tail = state.running.length > 2 ? 1 : 3;
  const running = state.running.flatMap(({ title, since, lines }) => [
    row({ mark: spinner, text: title, ms: now - since, ...canvas }),
    ...lines.slice(-tail).map((line) => paint('dim', cut(`  │ ${line}`, columns))),
  ]);
  const { waiting } = state;
  const due =
    waiting === undefined
      ? []
      : [
          row({
            mark: paint('yellow', '◷'),
            text: `${waiting.environment} waits for an approval of ${waiting.release}`,
            ms: now - waiting.since,
            ...canvas,
          }),
        ];
  const room = Math.max(0, rows - 2 - running.length - due.length);
  const shown = state.coming.slice(0, Math.min(6, room));
  const more = state.coming.length - shown.length;
  const coming = shown.map(({ title }) => paint('dim', cut(`○ ${title}`, columns)));
  if (more > 0 && shown.length > 0) coming.push(paint('dim', `  and ${more} more`));
  return [...running, ...due, ...coming].slice(0, Math.max(1, rows - 1));
}

/** What is over, for good. */
export function overLines(over: Over, canvas: Canvas): string[] {
  const { paint } = canvas;
  if (over.kind === 'waiting') {
    return [
      `${paint('yellow', '◷')} ${over.environment} waits for an approval of ${over.release}: type ${paint('bold', canvas.typed(`approve ${over.approval}`))}`,
    ];
  }
  const { event, ms, lines } = over;
  const detail = event.detail === undefined ? '' : clean(event.detail);
  switch (event.state) {
    case 'start':
      return [];
    case 'done':
      return [row({ mark: paint('green', '✓'), text: event.title, detail, ms, ...canvas })];
    case 'skipped':
      return [
        row({ mark: paint('dim', '–'), text: event.title, detail: detail === '' ? 'nothing to do' : detail, ms: undefined, ...canvas }),
      ];
    case 'failed':
      return [
        row({ mark: paint('red', '✗'), text: event.title, detail, ms, ...canvas }),
        ...lines.map((line) => paint('dim', `  │ ${line}`)),
      ];
    default:
      return event.state satisfies never;
  }
}

/** Without a terminal: each event as a line of its own, nothing moves. */
export function plainLines(event: ProgressEvent, canvas: Canvas): string[] {
  switch (event.kind) {
    case 'plan':
      return [];
    case 'output':
      return [`  │ ${clean(event.line)}`];
    case 'waiting':
      return overLines(event, canvas);
    case 'step':
      if (event.state === 'start') return [`▸ ${event.title}`];
      return overLines({ kind: 'step', event, ms: event.ms, lines: [] }, { ...canvas, columns: Number.POSITIVE_INFINITY });
    default:
      return event satisfies never;
  }
}

interface Row extends Canvas {
  /** One column wide. */
  readonly mark: string;
  readonly text: string;
  readonly detail?: string;
  readonly ms: number | undefined;
}

/** `✓ Build backend  taken over      12.3 s`, the time at the right edge. */
function row({ mark, text, detail = '', ms, columns, paint }: Row): string {
  const time = ms === undefined ? '' : formatDuration(ms);
  if (!Number.isFinite(columns)) return `${mark} ${[text, detail, time].filter((part) => part !== '').join('  ')}`;
  const room = Math.min(columns, 100) - 2 - (time === '' ? 0 : time.length + 2);
  const head = cut(text, room);
  const note = detail === '' || room - head.length < 8 ? '' : cut(`  ${detail}`, room - head.length);
  const gap = time === '' ? '' : ' '.repeat(room - head.length - note.length + 2);
  return `${mark} ${head}${paint('dim', note)}${gap}${paint('dim', time)}`;
}

/** Output of other programs must not move our cursor. */
function clean(line: string): string {
  return stripVTControlCharacters(line)
    .replaceAll('\t', '  ')
    .replaceAll(/\p{Cc}/gu, '');
}

function cut(text: string, columns: number): string {
  if (text.length <= columns) return text;
  return `${text.slice(0, Math.max(0, columns - 1))}…`;
}
