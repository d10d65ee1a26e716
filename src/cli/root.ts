/** A command that changes the machine runs as root: as it is, or once more through sudo, after asking. */

import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

import { AntlerError } from '../kit/errors.ts';
import { confirm } from './ask.ts';
import type { Context } from './command.ts';

/** sudo drops the environment; what Antler and the tools below it read is handed over by name. */
const KEPT = ['ANTLER_HOME', 'ANTLER_PORT_OFFSET', 'ANTLER_TYPED', 'NO_COLOR', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'];
const PROXIES = ['http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'].flatMap((name) => [name, name.toUpperCase()]);

/**
 * Undefined: we are root, go on. A number: the same command ran as root through sudo and ended so; return it.
 * `why` completes "needs root to …". Throws `cli/not-root` without sudo, or where nobody can be asked; `instance/declined`.
 */
export async function throughSudo(context: Context, why: string): Promise<number | undefined> {
  if (process.getuid?.() === 0) return undefined;
  const sudo = which('sudo');
  if (sudo === undefined) {
    throw new AntlerError('cli/not-root', `Cannot ${why} as that needs root, and there is no sudo`, { hint: 'Type it as root: `su -`' });
  }
  const again = sudoArgv({ env: process.env, program: [process.execPath, ...process.execArgv, ...process.argv.slice(1)] });
  if (!context.options.flag('yes')) {
    if (!process.stdin.isTTY || context.json) {
      throw new AntlerError('cli/not-root', `Cannot ${why} as that needs root, and nobody can be asked`, {
        hint: 'Type it with `--yes` to allow sudo, or as root',
      });
    }
    if (!(await confirm(context, `Antler needs root to ${why}. Go on with sudo?`))) {
      throw new AntlerError('instance/declined', `Cannot ${why} as sudo was declined`);
    }
  }
  return ended(sudo, again);
}

export interface SudoOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly program: readonly string[];
}

/** Pure: what follows `sudo`. */
export function sudoArgv({ env, program }: SudoOptions): string[] {
  const kept = [...KEPT, ...PROXIES].flatMap((name) => (env[name] === undefined ? [] : [`${name}=${env[name]}`]));
  return ['--', 'env', ...kept, ...program];
}

/** The terminal sends Ctrl-C to sudo as well: we only wait, so that its last words are not cut. */
async function ended(file: string, argv: readonly string[]): Promise<number> {
  const child = spawn(file, argv, { stdio: 'inherit' });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.on('error', reject);
  child.on('exit', (exitCode) => resolve(exitCode ?? 130));
  return promise;
}

function which(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, program)).find((path) => isExecutable(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
