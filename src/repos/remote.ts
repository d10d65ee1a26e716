/** A person's checkout and the way from it to the instance's repository: the remote `antler`, and pushes without one. */

import { exec, execInherited } from '../kit/exec.ts';
import { personsGit } from './person.ts';

export interface WayOptions {
  /** Root of the checkout. */
  readonly directory: string;
  /** The instance's bare repository, `<home>/repos/<app>.git`. */
  readonly path: string;
  /** Our program, absolute. */
  readonly program: string;
  readonly signal: AbortSignal;
}

export interface Remote {
  /** False where it was so already. */
  readonly changed: boolean;
  /** Why it was left alone; for people. */
  readonly note: string | undefined;
}

/** What git hands to `sh -c`, with the path behind it. */
export function packCommand(program: string, verb: 'receive-pack' | 'upload-pack'): string {
  return `'${program.replaceAll("'", `'\\''`)}' ${verb}`;
}

/** Makes the remote `antler` as we want it; one that leads elsewhere is left alone. As the checkout's owner, whose file it is. */
export async function ensureRemote({ directory, path, program, signal }: WayOptions): Promise<Remote> {
  const git = await personsGit(directory, signal);
  const url = await git('config', '--local', '--get', 'remote.antler.url');
  if (url !== undefined && url !== path) return { changed: false, note: `the remote antler leads to ${url}: left as it is` };
  const wanted = {
    'remote.antler.url': path,
    'remote.antler.fetch': '+refs/heads/*:refs/remotes/antler/*',
    'remote.antler.receivepack': packCommand(program, 'receive-pack'),
    'remote.antler.uploadpack': packCommand(program, 'upload-pack'),
  };
  let changed = false;
  for (const [key, value] of Object.entries(wanted)) {
    if ((await git('config', '--local', '--get', key)) === value) continue;
    await git('config', '--local', key, value);
    changed = true;
  }
  return { changed, note: undefined };
}

export interface PushOptions extends WayOptions {
  readonly refspecs: readonly string[];
  readonly force?: boolean;
  /** Follow the runs to their end. */
  readonly wait: boolean;
  /** What git and the runs say goes where our own words go, live; nothing is in `lines` then. */
  readonly inherit?: boolean;
  /** Each line that git and the runs say. */
  readonly onLine?: (line: string) => void;
}

/** Whatever the checkout's own config says: no hook or helper of it runs, and the path leads nowhere else. */
const SETTINGS = [
  'safe.directory=*',
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'push.gpgSign=false',
  'push.recurseSubmodules=no',
  'protocol.allow=never', // `url.*.insteadOf` could make ssh of the path
  'protocol.file.allow=always',
];

/** Everything is said on the command line: nothing is written to the checkout. */
export async function pushTo(options: PushOptions): Promise<{ readonly exitCode: number; readonly lines: readonly string[] }> {
  const { wait, onLine, signal } = options;
  const env = wait ? {} : { ANTLER_PUSH_WAIT: '0' };
  if (options.inherit === true) return { exitCode: await execInherited(pushArgv(options), { signal, env }), lines: [] };
  const lines: string[] = [];
  const { exitCode } = await exec(pushArgv(options), {
    signal,
    accept: [1, 2, 128, 130],
    env,
    onLine: (line) => {
      lines.push(line);
      onLine?.(line);
    },
  });
  return { exitCode, lines };
}

function pushArgv({ directory, path, program, refspecs, force }: PushOptions): readonly [string, ...string[]] {
  return [
    'git',
    ...SETTINGS.flatMap((setting) => ['-c', setting]),
    '-C',
    directory,
    'push',
    ...(force === true ? ['--force'] : []),
    `--receive-pack=${packCommand(program, 'receive-pack')}`,
    '--',
    path,
    ...refspecs,
  ];
}
