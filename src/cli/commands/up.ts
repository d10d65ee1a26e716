/** `antler up`: from a bare machine to every environment answering. Again = only what differs. */

import { join } from 'node:path';
import process from 'node:process';

import { loadConfig, type LoadedConfig } from '../../config/config.ts';
import type { ProgressEvent } from '../../contract/events.ts';
import { checkAnswers, pathsOf, provePath, raise, type Raised } from '../../instance/instance.ts';
import { formatDuration } from '../../kit/units.ts';
import { confirm } from '../ask.ts';
import { createClient, type Client } from '../client.ts';
import type { Context } from '../command.ts';
import { deliver, type Delivered } from '../deliver.ts';
import { deliverByPush } from '../deliver-push.ts';
import { createProgress, type Progress } from '../progress.ts';
import { throughSudo } from '../root.ts';

export async function run(context: Context): Promise<number> {
  const { signal } = context;
  const from = performance.now();
  const config = await loadConfig(context.cwd, { signal }); // before anybody is asked for a password
  const ended = await throughSudo(context, 'set this machine up');
  if (ended !== undefined) return ended;
  const show = createShow(context);
  try {
    const raised = await raise({ ...context, spec: config.spec, operators: operators(), onEvent: show.event });
    const client = createClient(context);
    const { urls, taken } = await takeOver({ raised, config, client, context, show });
    const delivered = await deliverAll({ raised, config, client, context, show }, taken);
    const path = config.spec.services.find(({ expose }) => expose)?.health.path ?? '/';
    await checkAnswers({ urls: urls.filter(({ name }) => isThere(delivered, name)), path, signal, onEvent: show.event });
    show.close();
    return conclude({ context, app: config.spec.app, urls, delivered, ms: performance.now() - from });
  } finally {
    show.close();
  }
}

/** Whoever called sudo may operate the instance without it. */
function operators(): readonly string[] {
  const user = process.env['SUDO_USER'];
  return user === undefined || user === '' || user === 'root' ? [] : [user];
}

interface TakeOver {
  readonly raised: Raised;
  readonly config: LoadedConfig;
  readonly client: Client;
  readonly context: Context;
  readonly show: Show;
}

interface Url {
  readonly name: string;
  readonly url: string;
}

/** The daemon lays addresses, networks and routes; where that changed anything, a container proves that no firewall is in between. */
async function takeOver({
  raised,
  config,
  client,
  context,
  show,
}: TakeOver): Promise<{ readonly urls: readonly Url[]; readonly taken: string }> {
  const { signal } = context;
  const body = { directory: config.directory };
  const placed = await client.stream('configure', { body }, { signal, onEvent: show.event });
  if (placed.changed || raised.changed) await provePath({ ...raised, spec: config.spec, signal, onEvent: show.event });
  return { urls: placed.environments, taken: placed.taken };
}

/** By a push and the run that it starts; where the repository has no workflow that delivers, directly. */
async function deliverAll({ raised, config, client, context, show }: TakeOver, taken: string): Promise<Delivered> {
  const { signal } = context;
  const options = { client, signal, onEvent: show.event, approve: show.approve };
  const paths = pathsOf(raised.instance.home);
  const pushed = await deliverByPush({
    ...options,
    directory: config.directory,
    repository: join(paths.repos, `${config.spec.app}.git`),
    program: paths.program,
    say: show.say,
  });
  // A run that built nothing only tests: what it has found good is delivered here.
  if (pushed !== undefined && pushed.run.release !== null) {
    const release = await client.call('release', { params: { id: pushed.run.release } }, signal);
    return { release, moved: pushed.moved, waiting: pushed.waiting };
  }
  const release = await client.stream('build', { body: { directory: config.directory, taken } }, { signal, onEvent: show.event });
  return deliver(release, config.spec.environments, options);
}

interface Show {
  readonly event: (event: ProgressEvent) => void;
  /** A line that stays. */
  readonly say: (line: string) => void;
  readonly approve: (event: { readonly environment: string; readonly release: string }) => Promise<boolean | undefined>;
  close(): void;
}

/** Progress steps aside while a person is asked. */
function createShow(context: Context): Show {
  let progress: Progress | undefined = createProgress(context);
  const close = (): void => {
    progress?.[Symbol.dispose]();
    progress = undefined;
  };
  return {
    event: (event) => {
      progress ??= createProgress(context);
      progress.event(event);
    },
    say: (line) => {
      if (context.json) return;
      progress ??= createProgress(context);
      progress.say(line);
    },
    close,
    approve: async ({ environment, release }) => {
      if (context.options.flag('yes')) return true;
      if (context.json || !process.stdin.isTTY || !process.stderr.isTTY) return undefined;
      close();
      return confirm(context, `${environment} waits for an approval of ${release}. Approve?`);
    },
  };
}

function isThere({ release, moved }: Delivered, name: string): boolean {
  return moved.includes(name) || release.environments.includes(name);
}

interface Conclusion {
  readonly context: Context;
  readonly app: string;
  readonly urls: readonly Url[];
  readonly delivered: Delivered;
  readonly ms: number;
}

function conclude({ context, app, urls, delivered, ms }: Conclusion): number {
  const { out, json, typed } = context;
  const { release, moved, waiting } = delivered;
  const there = urls.filter(({ name }) => isThere(delivered, name));
  if (json) {
    out.object({ app, release: release.id, environments: there, moved, waiting: waiting?.approval ?? null });
    return waiting === undefined ? 0 : 2;
  }
  const width = Math.max(0, ...urls.map(({ name }) => name.length));
  out.line(`${out.paint('green', '✓')} ${out.paint('bold', app)} ${release.id} answers after ${formatDuration(ms)}`);
  for (const { name, url } of there) out.line(`  ${name.padEnd(width)}  ${out.paint('cyan', url)}`);
  if (waiting !== undefined) {
    out.line(`${out.paint('yellow', '◷')} ${waiting.environment} waits for an approval: ${typed(`approve ${waiting.approval}`)}`);
  }
  const last = there.at(-1)?.name;
  const next = ['status', 'console', ...(last === undefined ? [] : [`receipt ${release.id} --env ${last}`, `logs ${last}`])];
  out.line(out.paint('dim', 'Next:'));
  for (const line of next) out.line(`  ${typed(line)}`);
  return waiting === undefined ? 0 : 2;
}
