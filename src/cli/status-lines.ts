/** The board as lines: what is wanted, runs and answers, how well it is, since when and why. Pure. */

import type { HealthVerdict, Status } from '../contract/status.ts';
import type { Paint } from './output.ts';
import { table, type Cell } from './table.ts';
import { ago, HEALTH_STYLE, lasting, milliseconds, NONE, percent, rate, subjectName } from './words.ts';

type EnvironmentStatus = Status['environments'][number];
type ServiceStatus = EnvironmentStatus['services'][number];
type Watched = Status['parts'][number];

export interface StatusStyle {
  readonly paint: Paint;
  readonly now: number;
  /** Columns that are there. */
  readonly columns: number;
  readonly typed: (line: string) => string;
}

const HEAD = ['', 'WANTED', 'RUNNING', 'ANSWERING', 'STATE', 'SINCE', 'UP', 'LATENCY', 'REQ/S', 'ERRORS', 'UPTIME'] as const;
/** More errors than this are shown as such, as in the console. */
const MUCH = 0.01;
/** Columns that go where there is no room, the least needed first; the three truths and the state never do. */
const FIRST_TO_GO: readonly (typeof HEAD)[number][] = ['UPTIME', 'ERRORS', 'REQ/S', 'LATENCY', 'SINCE'];

export function statusLines(status: Status, style: StatusStyle): string[] {
  const { paint } = style;
  const services = status.environments.flatMap((environment) => environment.services.map((service) => rowOf(service, style)));
  // One table over all environments, so that the columns line up; each environment's rows under its own line.
  const [head = '', ...rows] = fitted(services, style);
  const lines = [`${paint('bold', status.app)}  ${paint('dim', `asked at ${status.at.slice(11, 19)} UTC`)}`, '', head];
  for (const environment of status.environments)
    lines.push(...environmentLines(environment, rows.splice(0, environment.services.length), style));
  lines.push(...outsideLines(status.monitors, style), ...partLines(status.parts, style));
  lines.push(...incidentLines(status, style), ...approvalLines(status, style));
  for (const notice of status.notices) lines.push('', paint('yellow', `! ${notice}`));
  return lines;
}

function rowOf(service: ServiceStatus, { now }: StatusStyle): readonly Cell[] {
  const { release, answering, verdict, since, replicas, coming, latencyMs, requestsPerSecond, errorRatio, uptime } = service;
  const running = distinct([...replicas, ...coming].map((replica) => replica.running));
  const latency = latencyMs?.p95 ?? latencyMs?.p50 ?? null;
  return [
    `  ${service.name}`,
    release ?? NONE,
    [running, running === (release ?? NONE) ? 'reset' : 'yellow'],
    [answering ?? NONE, answering === release ? 'reset' : 'yellow'],
    stateOf(verdict),
    since === null ? NONE : lasting(since, now),
    `${replicas.filter((each) => each.verdict === 'up').length}/${replicas.length}`,
    latency === null ? NONE : milliseconds(latency),
    requestsPerSecond === null ? NONE : rate(requestsPerSecond),
    errorRatio === null ? NONE : [errorRatio === 0 ? '0 %' : percent(errorRatio), errorRatio > MUCH ? 'red' : 'reset'],
    uptime.day === null ? NONE : percent(uptime.day),
  ];
}

function fitted(rows: readonly (readonly Cell[])[], { paint, columns }: StatusStyle): string[] {
  const plain: Paint = (_style, text) => text;
  // A column in which nobody has anything to say is none.
  let shown = HEAD.map((_, at) => at).filter((at) => at < 7 || rows.some((row) => row[at] !== NONE));
  const lines = (painted: Paint): string[] =>
    table(
      rows.map((row) => shown.map((at) => row[at] ?? '')),
      { paint: painted, head: shown.map((at) => HEAD[at] ?? '') },
    );
  for (const name of FIRST_TO_GO) {
    if (Math.max(...lines(plain).map((line) => line.length)) <= columns) break;
    shown = shown.filter((at) => HEAD[at] !== name);
  }
  return lines(paint);
}

function stateOf(verdict: HealthVerdict): Cell {
  return [`● ${verdict}`, HEALTH_STYLE[verdict]];
}

function environmentLines(environment: EnvironmentStatus, rows: readonly string[], { paint, now, typed }: StatusStyle): string[] {
  const { name, url, hold, rollout, release, services } = environment;
  const lines = [[paint('bold', name), paint('underline', url ?? 'not open yet')].join('  ')];
  if (hold !== null) {
    lines.push(
      paint('yellow', `  on hold since ${ago(hold.since, now)} by ${hold.by}: ${hold.reason}`),
      paint('dim', `  ${typed(`hold ${name} --lift`)}`),
    );
  }
  if (rollout !== null && rollout.phase !== 'waiting') {
    const from = rollout.from === null ? '' : ` from ${rollout.from}`;
    const step = rollout.step === null ? '' : `: ${rollout.step.replace(`${name}: `, '')}`;
    lines.push(paint('cyan', `  ▸ ${rollout.kind} to ${rollout.release}${from}, since ${lasting(rollout.since, now)}${step}`));
  }
  if (release === null) lines.push(paint('dim', `  nothing deployed yet: ${typed(`deploy ${name}`)}`));
  services.forEach((service, at) => lines.push(rows[at] ?? '', ...whyLines(service, paint), ...versionLines(service, paint)));
  return lines;
}

/** Why it is not up, then what is the matter with each replica; nothing is said twice. */
function whyLines({ verdict, reason, replicas }: ServiceStatus, paint: Paint): string[] {
  const details = replicas.flatMap(({ name, verdict: how, detail }) => (detail === null || how === 'up' ? [] : `${name}: ${detail}`));
  const all = reason === null || verdict === 'up' || details.includes(reason) ? details : [reason, ...details];
  return all.map((line) => paint('dim', `    └ ${line}`));
}

/** What is being rolled out beside what serves, and how either of them does: never summed up into one. */
function versionLines({ release, coming, versions }: ServiceStatus, paint: Paint): string[] {
  const lines = coming.map(({ name, verdict, detail }) => `${name} is coming: ${verdict}${detail === null ? '' : `, ${detail}`}`);
  const others = versions.filter((each) => each.release !== 'none' && each.release !== release);
  if (coming.length === 0 && others.length === 0) return [];
  const rates = versions
    .filter((each) => each.release !== 'none')
    .map(({ release: of, requestsPerSecond, errorRatio, latencyMs }) => {
      const errors = errorRatio === null ? '' : `, ${errorRatio === 0 ? 'no' : percent(errorRatio)} errors`;
      return `${of}: ${rate(requestsPerSecond)} req/s${errors}${latencyMs === null ? '' : `, p95 ${milliseconds(latencyMs.p95)}`}`;
    });
  return [...lines, ...rates].map((line, index, all) => paint('cyan', `    ${index < all.length - 1 ? '├' : '└'} ${line}`));
}

function outsideLines(monitors: readonly Watched[], { paint, now }: StatusStyle): string[] {
  if (monitors.length === 0) return [];
  const rows = monitors.map(({ name, kind, verdict, since, latencyMs, detail }): Cell[] => [
    `  ${name}`,
    [kind, 'dim'],
    stateOf(verdict),
    since === null ? NONE : lasting(since, now),
    latencyMs === null ? NONE : milliseconds(latencyMs),
    [verdict === 'up' ? '' : (detail ?? ''), 'dim'],
  ]);
  return [paint('bold', 'outside'), ...table(rows, { paint })];
}

/** Nothing as long as all is well. */
function partLines(parts: readonly Watched[], { paint, now }: StatusStyle): string[] {
  const unwell = parts.filter(({ verdict }) => verdict !== 'up' && verdict !== 'unknown');
  if (unwell.length === 0) return [];
  return [
    paint('bold', 'antler'),
    ...unwell.map(({ name, verdict, since, detail }) => {
      const for_ = since === null ? '' : ` since ${lasting(since, now)}`;
      return `  the ${name} is ${paint(HEALTH_STYLE[verdict], verdict)}${for_}${detail === null ? '' : paint('dim', `: ${detail}`)}`;
    }),
  ];
}

function incidentLines({ incidents }: Status, { paint, now }: StatusStyle): string[] {
  if (incidents.length === 0) return [];
  const lines = incidents.map(({ title, since, acknowledged }) => {
    const known = acknowledged ? paint('dim', ', acknowledged') : '';
    return `${paint('red', '!')} ${title} since ${lasting(since, now)}${known}`;
  });
  return ['', ...lines];
}

function approvalLines({ approvals }: Status, { paint, now, typed }: StatusStyle): string[] {
  return approvals.flatMap(({ id, environment, since, ...subject }) => [
    '',
    `${paint('yellow', '◷')} ${environment} waits for an approval of ${subjectName(subject)} since ${ago(since, now)}: ${paint('bold', typed(`approve ${id}`))}`,
  ]);
}

/** `r42`, `r41 r42` in the midst of a rollout, `–`. */
function distinct(running: readonly (string | null)[]): string {
  const seen = [...new Set(running.filter((release) => release !== null))];
  return seen.length === 0 ? NONE : seen.join(' ');
}
