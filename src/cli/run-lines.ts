/** A workflow run as lines for people, event by event: which job, which step, how long, how it ended. Pure but for its memory of times. */

import { stripVTControlCharacters } from 'node:util';

import type { Conclusion, RunEvent } from '../contract/runs.ts';
import { formatDuration } from '../kit/units.ts';
import type { Paint, Style } from './output.ts';
import { createQuiet } from './run-quiet.ts';

export interface RunLinesOptions {
  readonly paint: Paint;
  /** `approve a3` as it is typed here. */
  readonly typed: (line: string) => string;
  /** A terminal must not obey what a job prints. */
  readonly terminal: boolean;
  /** Also what the runner says of each step: its script, shell and environment. */
  readonly verbose?: boolean;
}

const MARKS: Readonly<Record<Conclusion, readonly [string, Style]>> = {
  success: ['✓', 'green'],
  failure: ['✗', 'red'],
  cancelled: ['■', 'yellow'],
  skipped: ['–', 'dim'],
};

const LINE_STYLE: Readonly<Partial<Record<Extract<RunEvent, { kind: 'line' }>['type'], Style>>> = {
  command: 'cyan',
  group: 'bold',
  error: 'red',
  warning: 'yellow',
  notice: 'blue',
  debug: 'dim',
  system: 'dim',
};

export function createRunLines({ paint, typed, terminal, verbose = false }: RunLinesOptions): (event: RunEvent) => readonly string[] {
  const since = new Map<string, number>();
  const names = new Map<string, string>();
  const waits = new Map<string, string>();
  const told = new Set<string>();
  const isQuiet = createQuiet();
  const began = (key: string, time: string): void => {
    if (!since.has(key)) since.set(key, Date.parse(time));
  };
  const lasted = (key: string, time: string): string => {
    const from = since.get(key);
    return from === undefined ? '' : ` ${paint('dim', formatDuration(Math.max(0, Date.parse(time) - from)))}`;
  };
  const at = (job: string): string => paint('dim', `${names.get(job) ?? job} │`);
  const marked = (conclusion: Conclusion | undefined, text: string): string => {
    const [mark, style] = MARKS[conclusion ?? 'failure'];
    return `${paint(style, mark)} ${text}`;
  };

  const jobLines = (event: Extract<RunEvent, { kind: 'job' }>): string[] => {
    names.set(event.job, event.name);
    switch (event.state) {
      case 'queued':
        return [];
      case 'waiting':
        if (event.reason === undefined || waits.get(event.job) === event.reason) return [];
        waits.set(event.job, event.reason);
        return [`${paint('yellow', '◷')} ${event.name} ${event.reason}`];
      case 'in_progress':
        began(event.job, event.time);
        return [];
      case 'completed': {
        const why = event.reason === undefined ? '' : `: ${event.reason}`;
        return [marked(event.conclusion, `${paint('bold', event.name)} ${event.conclusion ?? ''}${lasted(event.job, event.time)}${why}`)];
      }
      default:
        return event.state satisfies never;
    }
  };

  const stepLines = ({ job, number, name, state, conclusion, time }: Extract<RunEvent, { kind: 'job-step' }>): string[] => {
    const key = `${job} ${number}`;
    if (state === 'completed') return [`${at(job)} ${marked(conclusion, `${name}${lasted(key, time)}`)}`];
    began(key, time);
    if (told.has(key)) return [];
    told.add(key);
    return [`${at(job)} ${paint('bold', `▸ ${name}`)}`];
  };

  return (event) => {
    const quiet = isQuiet(event);
    if (quiet && !verbose) return [];
    switch (event.kind) {
      case 'run':
        if (event.state === 'queued') return [];
        if (event.state === 'in_progress') {
          began('run', event.time);
          return told.has('run') ? [] : (told.add('run'), [`${paint('cyan', '●')} ${paint('bold', event.name)} (run ${event.run})`]);
        }
        return [
          marked(event.conclusion, `run ${event.run} ${event.conclusion ?? ''}${lasted('run', event.time)}`),
          ...(event.reason ?? '')
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => `  ${line}`),
        ];
      case 'job':
        return jobLines(event);
      case 'job-step':
        return stepLines(event);
      case 'line': {
        if (event.type === 'endgroup') return [];
        const style = LINE_STYLE[event.type];
        const text = terminal ? stripVTControlCharacters(event.text) : event.text;
        const where =
          event.where?.['file'] === undefined
            ? ''
            : ` (${event.where['file']}${event.where['line'] === undefined ? '' : `:${event.where['line']}`})`;
        const word = event.type === 'error' || event.type === 'warning' || event.type === 'notice' ? `${event.type}: ` : '';
        const said = `${event.type === 'group' ? '▾ ' : ''}${word}${text}${where}`;
        return [`${at(event.job)}   ${style === undefined ? said : paint(style, said)}`];
      }
      case 'waiting':
        return [
          `${paint('yellow', '◷')} ${event.environment} waits for an approval of ${event.release}: type ${paint('bold', typed(`approve ${event.approval}`))}`,
        ];
      default:
        return event satisfies never;
    }
  };
}
