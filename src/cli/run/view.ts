/** A run as lines for people: records folded into a state, each line of output with its job's prefix. Pure; time is passed in. */

import { stripVTControlCharacters } from 'node:util';

import type { Conclusion, JobRecord, RunLine, RunRecord, StepRecord } from '../../actions/types.ts';
import { formatDuration } from '../../kit/units.ts';
import type { Paint, Style } from '../output.ts';

export interface RunView {
  readonly jobs: ReadonlyMap<string, JobView>;
}

export interface JobView {
  readonly name: string;
  readonly state: JobRecord['state'];
  readonly since: number;
  readonly step: { readonly number: number; readonly name: string; readonly since: number } | undefined;
  /** Depth of the groups that its output opened. */
  readonly groups: number;
  readonly reason: string | undefined;
}

export const NO_RUN: RunView = { jobs: new Map() };

export interface Folded {
  readonly view: RunView;
  /** What is over: printed once. */
  readonly lines: readonly string[];
}

export function foldRecord(view: RunView, record: RunRecord, paint: Paint): Folded {
  switch (record.kind) {
    case 'run':
      return { view, lines: [] };
    case 'job':
      return foldJob(view, record, paint);
    case 'step':
      return foldStep(view, record, paint);
    default:
      return record satisfies never;
  }
}

function foldJob(view: RunView, record: JobRecord, paint: Paint): Folded {
  const before = view.jobs.get(record.key);
  const began = before?.state === 'in_progress' ? before.since : record.at;
  const job: JobView = { name: record.name, state: record.state, since: began, step: undefined, groups: 0, reason: record.reason };
  const after: RunView = { jobs: new Map(view.jobs).set(record.key, job) };
  switch (record.state) {
    case 'queued':
      return { view: after, lines: [] };
    case 'waiting':
      if (record.reason === undefined) return { view: after, lines: [] };
      return { view: after, lines: [`${paint('yellow', '◷')} ${clean(record.name)} ${paint('dim', clean(record.reason))}`] };
    case 'in_progress':
      return { view: after, lines: [`${paint('cyan', '▸')} ${paint('bold', clean(record.name))}`] };
    case 'completed': {
      const time = before?.state === 'in_progress' ? formatDuration(record.at - began) : '';
      return {
        view: after,
        lines: [
          row({
            conclusion: record.conclusion,
            name: paint('bold', clean(record.name)),
            details: [clean(record.reason ?? ''), time],
            paint,
          }),
        ],
      };
    }
    default:
      return record.state satisfies never;
  }
}

function foldStep(view: RunView, record: StepRecord, paint: Paint): Folded {
  const job = view.jobs.get(record.job);
  if (job === undefined) return { view, lines: [] };
  const running = record.state === 'in_progress';
  const step = running ? { number: record.number, name: record.name, since: record.at } : undefined;
  const after: RunView = { jobs: new Map(view.jobs).set(record.job, { ...job, step, groups: 0 }) };
  if (isQuiet(record)) return { view: after, lines: [] };
  const prefix = prefixOf(after, record.job, paint);
  if (running) return { view: after, lines: [`${prefix}${paint('cyan', '▸')} ${clean(record.name)}`] };
  const time = job.step === undefined ? '' : formatDuration(record.at - job.step.since);
  return { view: after, lines: [`${prefix}${row({ conclusion: record.conclusion, name: clean(record.name), details: [time], paint })}`] };
}

/** The runner's own steps are told only where they went wrong. */
function isQuiet({ number, name, state, conclusion }: StepRecord): boolean {
  return (number === 1 || name === 'Complete job') && (state === 'in_progress' || conclusion === 'success');
}

/** `verbose`: also what the runner says of a step, its script and environment. */
export function foldLine(view: RunView, line: RunLine, { paint, verbose }: { readonly paint: Paint; readonly verbose: boolean }): Folded {
  const job = view.jobs.get(line.job);
  const quiet = !verbose && (line.kind === 'command' || line.kind === 'system' || (line.step === 1 && line.kind !== 'error'));
  if (quiet) return { view, lines: [] };
  const groups = job?.groups ?? 0;
  const grouped = (change: number): RunView =>
    job === undefined ? view : { jobs: new Map(view.jobs).set(line.job, { ...job, groups: Math.max(0, groups + change) }) };
  const text = (shown: string, style?: Style): string[] => {
    const lead = `${prefixOf(view, line.job, paint)}${'  '.repeat(groups + 1)}`;
    return shown.split('\n').map((one) => `${lead}${style === undefined ? clean(one) : paint(style, clean(one))}`);
  };
  switch (line.kind) {
    case 'group':
      // The one with which each step begins says what the step's own line says.
      if (!verbose && line.text.startsWith('Run ') && groups === 0 && isHeader(line, job)) return { view, lines: [] };
      return { view: grouped(1), lines: text(`▾ ${line.text}`, 'bold') };
    case 'endgroup':
      return { view: grouped(-1), lines: [] };
    case 'error':
      return { view, lines: text(`error: ${line.text}${placeOf(line)}`, 'red') };
    case 'warning':
      return { view, lines: text(`warning: ${line.text}${placeOf(line)}`, 'yellow') };
    case 'notice':
      return { view, lines: text(`notice: ${line.text}${placeOf(line)}`, 'cyan') };
    case 'command':
      return { view, lines: text(line.text, 'cyan') };
    case 'system':
    case 'debug':
      return { view, lines: text(line.text, 'dim') };
    case 'output':
      return { view, lines: text(line.text) };
    default:
      return line.kind satisfies never;
  }
}

function isHeader(line: RunLine, job: JobView | undefined): boolean {
  return job?.step?.number === line.step;
}

/** ` (src/a.ts:3:7)`. */
function placeOf({ where }: RunLine): string {
  if (where?.['file'] === undefined) return '';
  return ` (${[where['file'], where['line'], where['col']].filter((part) => part !== undefined).join(':')})`;
}

/** With one job only there is nothing to keep apart. */
function prefixOf({ jobs }: RunView, key: string, paint: Paint): string {
  if (jobs.size < 2) return '  ';
  return `${paint('dim', `${clean(jobs.get(key)?.name ?? key)} │`)} `;
}

interface Row {
  readonly conclusion: Conclusion | undefined;
  readonly name: string;
  readonly details: readonly string[];
  readonly paint: Paint;
}

const MARKS: Readonly<Record<Conclusion, readonly [string, Style]>> = {
  success: ['✓', 'green'],
  failure: ['✗', 'red'],
  cancelled: ['⊘', 'yellow'],
  skipped: ['–', 'dim'],
};

function row({ conclusion = 'success', name, details, paint }: Row): string {
  const [mark, style] = MARKS[conclusion];
  const rest = details.filter((detail) => detail !== '');
  return [`${paint(style, mark)} ${name}`, ...rest.map((detail) => paint('dim', detail))].join('  ');
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** What moves: each running job with its step and how long; never higher than the terminal. */
export function movingLines(
  view: RunView,
  { now, columns, rows, paint }: { readonly now: number; readonly columns: number; readonly rows: number; readonly paint: Paint },
): string[] {
  const running = [...view.jobs.values()].filter(({ state }) => state === 'in_progress');
  const queued = [...view.jobs.values()].filter(({ state }) => state === 'queued').length;
  const spinner = paint('cyan', SPINNER[Math.floor(now / 100) % SPINNER.length] ?? '');
  const room = Math.max(1, rows - 3);
  const lines = running.slice(0, room).map(({ name, since, step }) => {
    const text = cut(`${clean(name)}${step === undefined ? '' : `  ${clean(step.name)}`}`, columns - 14);
    return `${spinner} ${text}  ${paint('dim', formatDuration(now - (step?.since ?? since)))}`;
  });
  const more = running.length - lines.length;
  const rest = [...(more > 0 ? [`${more} more running`] : []), ...(queued > 0 ? [`${queued} waiting`] : [])];
  return rest.length === 0 ? lines : [...lines, paint('dim', `  ${rest.join(', ')}`)];
}

/** Output of others must not move our cursor. */
function clean(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll('\t', '  ')
    .replaceAll(/\p{Cc}/gu, '');
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}
