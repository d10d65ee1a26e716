/** `antler status`: environment × service, wanted, running, answering. */

import process from 'node:process';

import type { Status } from '../../contract/status.ts';
import { isAbort } from '../../kit/errors.ts';
import { sleep } from '../../kit/wait.ts';
import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import type { Paint } from '../output.ts';
import { table, type Cell } from '../table.ts';
import { ago, HEALTH_STYLE, NONE, subjectName } from '../words.ts';

const EVERY_MS = 2000;

export async function run(context: Context): Promise<number> {
  const { out, json, signal, options } = context;
  const client = createClient(context);
  const look = async (): Promise<Status> => client.call('status', {}, signal);
  const lines = (status: Status): string[] => statusLines(status, { paint: out.paint, now: Date.now(), typed: context.typed });
  if (!options.flag('watch')) {
    const status = await look();
    if (json) out.object(status);
    else out.line(lines(status).join('\n'));
    return 0;
  }
  return watch(context, { look, lines });
}

interface Watched {
  readonly look: () => Promise<Status>;
  readonly lines: (status: Status) => string[];
}

/** Until Ctrl-C. On a terminal on a screen of its own; the last look stays when it ends. */
async function watch({ out, json, signal }: Context, { look, lines }: Watched): Promise<number> {
  const screen = out.terminal && !json;
  let last: readonly string[] = [];
  const leave = (): void => out.raw('stdout', `${MAIN_SCREEN}${last.map((line) => `${line}\n`).join('')}`);
  if (screen) {
    out.raw('stdout', OWN_SCREEN);
    process.once('exit', leave); // a second Ctrl-C ends us at once
  }
  try {
    for (;;) {
      const status = await look();
      last = lines(status);
      if (json) out.object(status);
      else if (screen) out.raw('stdout', over(last.slice(0, out.rows - 1)));
      else out.line(`${last.join('\n')}\n`);
      await sleep(EVERY_MS, signal);
    }
  } catch (error) {
    if (isAbort(error) || signal.aborted) return 130;
    throw error;
  } finally {
    process.off('exit', leave);
    if (screen) leave();
  }
}

const OWN_SCREEN = '\u001b[?1049h';
const MAIN_SCREEN = '\u001b[?1049l';

/** From the top, over what was there: no flicker. */
function over(lines: readonly string[]): string {
  return `\u001b[H${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`;
}

export interface StatusStyle {
  readonly paint: Paint;
  readonly now: number;
  readonly typed: (line: string) => string;
}

export function statusLines(status: Status, { paint, now, typed }: StatusStyle): string[] {
  const services = status.environments.flatMap((environment) =>
    environment.services.map((service): Cell[] => {
      const running = distinct(service.replicas.map((replica) => replica.running));
      return [
        `  ${service.name}`,
        service.release ?? NONE,
        [running, running === (service.release ?? NONE) ? 'reset' : 'yellow'],
        [service.answering ?? NONE, service.answering === service.release ? 'reset' : 'yellow'],
        [`● ${service.verdict}`, HEALTH_STYLE[service.verdict]],
        [replicasOf(service), 'dim'],
      ];
    }),
  );
  // One table over all environments, so that the columns line up; each environment's rows under its own line.
  const [head = '', ...rows] = table(services, { paint, head: ['', 'WANTED', 'RUNNING', 'ANSWERING', 'STATE', 'REPLICAS'] });
  const lines = [`${paint('bold', status.app)}  ${paint('dim', `asked at ${status.at.slice(11, 19)} UTC`)}`, '', head];
  let at = 0;
  for (const environment of status.environments) {
    lines.push([paint('bold', environment.name), paint('underline', environment.url ?? 'not open yet')].join('  '));
    if (environment.hold !== null) {
      const { reason, by, since } = environment.hold;
      lines.push(
        paint('yellow', `  on hold since ${ago(since, now)} by ${by}: ${reason}`),
        paint('dim', `  ${typed(`hold ${environment.name} --lift`)}`),
      );
    }
    if (environment.release === null) lines.push(paint('dim', `  nothing deployed yet: ${typed(`deploy ${environment.name}`)}`));
    for (const service of environment.services) {
      lines.push(rows[at++] ?? '');
      for (const { name, verdict, detail } of service.replicas) {
        if (detail !== null && verdict !== 'up') lines.push(paint('dim', `    └ ${name}: ${detail}`));
      }
    }
  }
  for (const { id, environment, since, ...subject } of status.approvals) {
    lines.push(
      '',
      `${paint('yellow', '◷')} ${environment} waits for an approval of ${subjectName(subject)} since ${ago(since, now)}: ${paint('bold', typed(`approve ${id}`))}`,
    );
  }
  return lines;
}

/** `r42`, `r41 r42` in the midst of a rollout, `–`. */
function distinct(running: readonly (string | null)[]): string {
  const seen = [...new Set(running.filter((release) => release !== null))];
  return seen.length === 0 ? NONE : seen.join(' ');
}

function replicasOf({ replicas }: Status['environments'][number]['services'][number]): string {
  const well = replicas.filter(({ verdict }) => verdict === 'up').length;
  return `${well}/${replicas.length}`;
}
