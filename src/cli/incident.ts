/** An incident as people type and read it. */

import type { Incident, IncidentWithTimeline } from '../contract/watch.ts';
import { AntlerError } from '../kit/errors.ts';
import { formatDuration } from '../kit/units.ts';
import type { Paint, Style } from './output.ts';
import { table, type Cell } from './table.ts';
import { ago, NONE } from './words.ts';

/** `7` of `7` and `#7`. Throws `cli/usage`. */
export function incidentId(text: string): string {
  const digits = /^#?([1-9]\d{0,8})$/.exec(text)?.[1];
  if (digits !== undefined) return digits;
  throw new AntlerError('cli/usage', `Cannot take ${JSON.stringify(text)} as an incident: it is a number, e.g. 7`, {
    hint: 'Type `antler incidents`',
  });
}

export interface IncidentStyle {
  readonly paint: Paint;
  readonly now: number;
}

const SEVERITY_STYLE: Readonly<Record<Incident['severity'], Style>> = { down: 'red', degraded: 'yellow', drift: 'yellow' };

export function incidentLines(incidents: readonly Incident[], { paint, now }: IncidentStyle): string[] {
  const rows = incidents.map((each): Cell[] => [
    [String(each.id), 'bold'],
    each.closedAt === null ? ['open', SEVERITY_STYLE[each.severity]] : ['closed', 'dim'],
    each.severity,
    ago(each.openedAt, now),
    lasted(each, now),
    each.release === '' ? NONE : each.release,
    each.acknowledged?.by ?? NONE,
    each.title,
  ]);
  return table(rows, { paint, head: ['INCIDENT', 'STATE', 'SEVERITY', 'BEGUN', 'LASTED', 'RELEASE', 'SEEN BY', 'WHAT'] });
}

const ENTRY_STYLE: Readonly<Record<IncidentWithTimeline['timeline'][number]['kind'], Style>> = {
  opened: 'red',
  affected: 'red',
  transition: 'reset',
  deploy: 'cyan',
  note: 'bold',
  acknowledged: 'yellow',
  notified: 'dim',
  'notify-failed': 'yellow',
  closed: 'green',
};

/** The title, whom it concerns, and the timeline. */
export function timelineLines(incident: IncidentWithTimeline, { paint, now }: IncidentStyle): string[] {
  const { id, title, severity, closedAt, subjects, acknowledged, timeline } = incident;
  const state = closedAt === null ? `open since ${ago(incident.openedAt, now)}` : `closed after ${lasted(incident, now)}`;
  const rows = timeline.map(({ at, kind, text, actor }): Cell[] => [
    [`${at.slice(0, 10)} ${at.slice(11, 19)}`, 'dim'],
    [kind, ENTRY_STYLE[kind]],
    [text.replaceAll('\n', ' / '), kind === 'note' || kind === 'deploy' ? 'reset' : ENTRY_STYLE[kind]],
    kind === 'deploy' ? '' : [actor, 'dim'],
  ]);
  return [
    `${paint('bold', `${id}  ${title}`)}  ${paint(closedAt === null ? SEVERITY_STYLE[severity] : 'dim', state)}`,
    paint('dim', `concerns ${subjects.join(', ')}${acknowledged === null ? '' : `; ${acknowledged.by} is on it`}`),
    '',
    ...table(rows, { paint }).flatMap((line, at) => [
      line,
      ...evidenceLines(timeline[at]?.evidence ?? '').map((each) => paint('dim', each)),
    ]),
  ];
}

/** The beginning of what was answered; `--json` has it all. */
const [EVIDENCE_LINES, EVIDENCE_WIDTH] = [6, 120];

function evidenceLines(evidence: string): string[] {
  const lines = evidence.split('\n').filter((line) => line.trim() !== '');
  const shown = lines
    .slice(0, EVIDENCE_LINES)
    .map((line) => `    | ${line.length > EVIDENCE_WIDTH ? `${line.slice(0, EVIDENCE_WIDTH - 1)}…` : line}`);
  return lines.length > EVIDENCE_LINES ? [...shown, '    | …'] : shown;
}

function lasted({ openedAt, closedAt }: Incident, now: number): string {
  return formatDuration((closedAt === null ? now : Date.parse(closedAt)) - Date.parse(openedAt));
}
