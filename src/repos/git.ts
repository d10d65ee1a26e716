/** Calls git: argv only, in an environment of our own, so that no setting of the machine or of whoever started us counts. */

import { join } from 'node:path';
import process from 'node:process';

import { exec, execBytes, type ExecResult } from '../kit/exec.ts';

/** `core.hooksPath`: the hooks come with the program, never with a repository. */
const HOOKS = join(import.meta.dirname, 'hooks');

export interface GitOptions {
  readonly signal: AbortSignal;
  readonly input?: string;
  /** Exit codes that are answers, not failures. */
  readonly accept?: readonly number[];
  readonly timeoutMs?: number;
  readonly cwd?: string;
}

/** The whole environment of git and its hooks. English and UTF-8: its words reach people as they are. */
export function gitEnv(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/nonexistent',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    ...more,
  };
}

/** The words before a subcommand that works on `repository`. */
export function gitArgv(repository: string): readonly [string, ...string[]] {
  return ['git', '-c', `safe.directory=${repository}`, '-c', `core.hooksPath=${HOOKS}`, '-c', 'core.quotePath=false'];
}

/** One command on the bare repository `path`. Throws as `exec` does. */
export async function git(path: string, args: readonly string[], options: GitOptions): Promise<ExecResult> {
  return exec([...gitArgv(path), `--git-dir=${path}`, ...args], { ...options, env: gitEnv(), cleanEnv: true });
}

/** The same where the answer is no text. */
export async function gitBytes(path: string, args: readonly string[], options: GitOptions): Promise<Buffer> {
  return execBytes([...gitArgv(path), `--git-dir=${path}`, ...args], { ...options, env: gitEnv(), cleanEnv: true });
}
