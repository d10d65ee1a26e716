/** Finds antler.config.ts, has it evaluated, and judges what came back. */

import { realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { AntlerError, type AntlerErrorOptions, errnoOf, type Problem } from '../kit/errors.ts';
import { evaluate, type Evaluation, type Outcome, type SandboxOptions } from './sandbox.ts';
import type { Spec } from './types.ts';

export const CONFIG_FILE = 'antler.config.ts';

export interface LoadedConfig {
  readonly spec: Spec;
  /** Absolute path of the config. */
  readonly file: string;
  /** Its folder: build contexts are relative to it. */
  readonly directory: string;
  /** The locks that this machine does not have, for people; empty where all hold. */
  readonly unlocked: readonly string[];
  /** What the config printed. */
  readonly printed: string;
}

/** What it means that the kernel, Node or the sandbox said no. */
const DENIED = new Set(['ERR_ACCESS_DENIED', 'EACCES', 'EPERM', 'ENETUNREACH', 'EAI_AGAIN', 'ECONNREFUSED', 'ENOTFOUND', 'EROFS']);

/**
 * The resolved config of `directory` or the nearest folder above.
 * Throws `config/missing`, `config/invalid` (every problem at once), `config/threw`, `config/denied`, `config/timeout`, `config/memory`, `config/output`, `config/sandbox`.
 */
export async function loadConfig(directory: string, options: SandboxOptions): Promise<LoadedConfig> {
  const file = await findConfig(directory);
  // The child takes longer to start than the schema to load: both at once.
  const [evaluation, { parseConfig }] = await Promise.all([evaluate(file, options), import('./parse.ts')]);
  const { unlocked, printed } = evaluation;
  return { spec: parseConfig(exportedValue(evaluation)), file, directory: dirname(file), unlocked, printed };
}

/** Loads what the first `loadConfig()` would, so that it is compiled with the rest. */
export async function warmUp(): Promise<void> {
  await import('./parse.ts');
}

/** Absolute, links resolved. Throws `config/missing`. */
export async function findConfig(directory: string): Promise<string> {
  for (let folder = resolve(directory); ; folder = dirname(folder)) {
    const file = join(folder, CONFIG_FILE);
    if (await isFile(file)) return join(await realpath(folder), CONFIG_FILE);
    if (folder === dirname(folder))
      throw new AntlerError('config/missing', `Cannot find ${CONFIG_FILE} as neither ${resolve(directory)} nor a folder above has one`);
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errnoOf(error) ?? '')) return false;
    throw error;
  }
}

function exportedValue(evaluation: Evaluation): unknown {
  const { outcome, end, how } = evaluation;
  const lines = evaluation.printed
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-20);
  if (outcome !== undefined && end !== 'output') return valueOf(outcome, { folder: evaluation.folder, lines });
  switch (end) {
    case 'timeout':
      throw new AntlerError('config/timeout', `Cannot evaluate ${CONFIG_FILE} as it did not end in time`, { at: CONFIG_FILE });
    case 'output':
      throw new AntlerError('config/output', `Cannot evaluate ${CONFIG_FILE} as it printed or returned more than it may`, {
        at: CONFIG_FILE,
      });
    case 'signal':
      throw new AntlerError('config/memory', `Cannot evaluate ${CONFIG_FILE} as it used more memory than it may (${how})`, {
        at: CONFIG_FILE,
      });
    case 'ended':
      return failed(how, lines);
    default:
      return end satisfies never;
  }
}

function failed(how: string, lines: readonly string[]): never {
  // unshare tells a child's death by its exit code: 128 + signal.
  if (lines.some((line) => /heap out of memory|Allocation failed|out of memory/i.test(line)) || /^exit 1[34]\d$/.test(how))
    throw new AntlerError('config/memory', `Cannot evaluate ${CONFIG_FILE} as it used more memory than it may`, { at: CONFIG_FILE });
  const why = how === 'exit 13' ? 'it awaits something that never comes' : `it ended itself before it exported anything (${how})`;
  throw new AntlerError('config/threw', `Cannot evaluate ${CONFIG_FILE} as ${why}`, { at: CONFIG_FILE, lines });
}

interface Shown {
  readonly folder: string;
  readonly lines: readonly string[];
}

function valueOf(outcome: Outcome, shown: Shown): unknown {
  switch (outcome.kind) {
    case 'value':
      return outcome.value;
    case 'no-default':
      return invalid([{ at: CONFIG_FILE, message: 'exports nothing: needed is `export default defineConfig({ … })`' }]);
    case 'not-plain':
      return invalid(
        outcome.problems.map(({ path, what }) => ({ at: path.join('.') || CONFIG_FILE, message: `is ${what}: needed is a plain value` })),
      );
    case 'threw':
      return threw(outcome, shown);
    default:
      return outcome satisfies never;
  }
}

function invalid(problems: readonly Problem[]): never {
  throw new AntlerError('config/invalid', `Cannot use ${CONFIG_FILE} as what it exports is not a plain object`, { problems });
}

function threw(outcome: Extract<Outcome, { kind: 'threw' }>, { folder, lines }: Shown): never {
  const [, after = ''] = outcome.stack.split(`${pathToFileURL(folder).href}/`);
  const at = /^[^\s()]+?:\d+(?::\d+)?/.exec(after)?.[0] ?? CONFIG_FILE;
  const first = (outcome.message.split('\n')[0] ?? '').replaceAll(`${folder}/`, '').slice(0, 300);
  const options: AntlerErrorOptions = { at, lines };
  if (outcome.name === 'RangeError' && /allocat|array buffer|grow/i.test(first))
    throw new AntlerError('config/memory', `Cannot evaluate ${at} as it used more memory than it may: ${first}`, options);
  if (outcome.code !== undefined && DENIED.has(outcome.code)) {
    const what = outcome.refused === undefined ? first : refusal(outcome.refused);
    throw new AntlerError('config/denied', `Cannot evaluate ${at} as it tried what a config may not: ${what}`, options);
  }
  throw new AntlerError('config/threw', `Cannot evaluate ${at} as it threw ${outcome.name}: ${first}`, options);
}

/** `FileSystemRead /etc/shadow` in plain words. */
function refusal(refused: string): string {
  const [permission = '', ...rest] = refused.split(' ');
  const verbs: Readonly<Record<string, string>> = {
    FileSystemRead: 'read',
    FileSystemWrite: 'write',
    ChildProcess: 'start',
    WorkerThreads: 'start a thread',
  };
  return `${verbs[permission] ?? permission} ${rest.join(' ').slice(0, 200)}`.trim();
}
