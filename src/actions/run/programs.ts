/** Where a program is that a step needs: on the machine we look ourselves, in a container its own shell does. */

import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

import type { JobState } from './job-state.ts';

export interface ProgramQuery {
  readonly job: Pick<JobState, 'sandbox' | 'programs'>;
  /** The first that is there. */
  readonly names: readonly string[];
  readonly path: string;
  readonly signal: AbortSignal;
}

/** Throws an Error in GitHub's words where none is there. */
export async function findProgram({ job, names, path, signal }: ProgramQuery): Promise<string> {
  for (const name of names) {
    const key = `${name}\0${path}`;
    if (!job.programs.has(key)) job.programs.set(key, await locate({ job, name, path, signal }));
    const found = job.programs.get(key);
    if (found !== undefined) return found;
  }
  throw new Error(`${names.at(0)}: command not found`);
}

async function locate({
  job: { sandbox },
  name,
  path,
  signal,
}: Omit<ProgramQuery, 'names'> & { name: string }): Promise<string | undefined> {
  if (sandbox.kind === 'host') {
    if (name.includes('/')) return isProgram(name) ? name : undefined;
    return path
      .split(':')
      .map((folder) => join(folder, name))
      .find((file) => isProgram(file));
  }
  let text = '';
  const { exitCode } = await sandbox.exec({
    argv: ['sh', '-c', 'command -v -- "$0"', name],
    cwd: '/',
    env: { ...sandbox.env, PATH: path },
    signal,
    onOutput: (chunk, stream) => void (text += stream === 'stdout' ? Buffer.from(chunk).toString('utf8') : ''),
  });
  return exitCode === 0 && text.trim() !== '' ? text.trim() : undefined;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
