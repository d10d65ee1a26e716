/** The files through which a step speaks to us: environment, outputs, path, state, summary; and its script. */

import { join } from 'node:path';

import type { Sandbox } from '../types.ts';
import { readFolder, writeInside, type Inside } from './inside.ts';
import { parsePairs } from './pairs.ts';
import type { Teller } from './teller.ts';
import { errorText } from './words.ts';

const FILES = ['env', 'output', 'path', 'state', 'summary'] as const;
type FileName = (typeof FILES)[number];

/** As the toolkit writes them; a step that writes more has gone wrong. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_SUMMARY_BYTES = 1024 * 1024;

export interface StepFiles {
  /** Of its folder, below the runner's. */
  readonly name: string;
  /** As the step sees it. */
  readonly folder: string;
  /** GITHUB_ENV, GITHUB_OUTPUT, GITHUB_PATH, GITHUB_STATE, GITHUB_STEP_SUMMARY. */
  readonly env: Readonly<Record<string, string>>;
  /** The same for the `github` context. */
  readonly context: Readonly<Record<string, string>>;
  path(file: string): string;
}

export function stepFiles({ paths }: Pick<Sandbox, 'paths'>, name: string): StepFiles {
  const folder = `${paths.runner}/${name}`;
  const path = (file: string): string => `${folder}/${file}`;
  return {
    name,
    folder,
    path,
    env: {
      GITHUB_ENV: path('env'),
      GITHUB_OUTPUT: path('output'),
      GITHUB_PATH: path('path'),
      GITHUB_STATE: path('state'),
      GITHUB_STEP_SUMMARY: path('summary'),
    },
    context: { env: path('env'), output: path('output'), path: path('path'), state: path('state'), step_summary: path('summary') },
  };
}

/** A fresh folder for one step; `extra` are more files in it. */
export async function prepareFiles(
  { sandbox, name, extra }: { readonly sandbox: Sandbox; readonly name: string; readonly extra: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<void> {
  const base = sandbox.toHost(sandbox.paths.runner);
  writeInside(base, name, { ...Object.fromEntries(FILES.map((file) => [file, ''])), ...extra });
  await sandbox.handOver(join(base, name), signal);
}

export interface Collected {
  readonly env: ReadonlyMap<string, string>;
  readonly outputs: ReadonlyMap<string, string>;
  readonly state: ReadonlyMap<string, string>;
  /** In the order in which they were written. */
  readonly path: readonly string[];
  readonly summary: string;
  /** Something in them was wrong, and said: the step fails. */
  readonly failed: boolean;
}

/** What the step wrote. */
export async function collectFiles({
  sandbox,
  name,
  teller,
  step,
}: {
  readonly sandbox: Sandbox;
  readonly name: string;
  readonly teller: Teller;
  readonly step: number;
}): Promise<Collected> {
  const limits = { env: MAX_BYTES, output: MAX_BYTES, path: MAX_BYTES, state: MAX_BYTES, summary: MAX_SUMMARY_BYTES };
  const found = readFolder(sandbox.toHost(sandbox.paths.runner), name, limits);
  const read = (file: FileName): Inside => found[file] ?? { kind: 'absent' };
  let failed = false;
  const fail = async (file: FileName, why: string): Promise<void> => {
    failed = true;
    await teller.line(step, { kind: 'error', text: `Unable to process file command '${file}' successfully.` });
    await teller.line(step, { kind: 'error', text: why });
  };
  const text = async (file: FileName): Promise<string> => {
    const inside = read(file);
    switch (inside.kind) {
      case 'file':
        return inside.bytes.toString('utf8');
      case 'absent':
        return '';
      case 'other':
        await fail(file, 'It is no ordinary file any more');
        return '';
      case 'large':
        await fail(file, `It has ${inside.size} bytes; ${MAX_BYTES} are allowed`);
        return '';
      default:
        return inside satisfies never;
    }
  };
  const pairs = async (file: FileName): Promise<Map<string, string>> => {
    try {
      return new Map(parsePairs(await text(file)));
    } catch (error) {
      await fail(file, errorText(error));
      return new Map();
    }
  };
  const env = await pairs('env');
  for (const key of env.keys()) {
    if (key.toUpperCase() !== 'NODE_OPTIONS') continue;
    env.delete(key);
    await teller.line(step, { kind: 'error', text: "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command." });
  }
  const path = (await text('path'))
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .filter((line) => line !== '');
  return { env, outputs: await pairs('output'), state: await pairs('state'), path, summary: await summaryOf(), failed };

  async function summaryOf(): Promise<string> {
    const inside = read('summary');
    if (inside.kind === 'file') return inside.bytes.toString('utf8'); // masked line by line when it is told
    if (inside.kind === 'large') {
      const text = `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of ${MAX_SUMMARY_BYTES / 1024}k, got ${Math.floor(inside.size / 1024)}k. For more information see: https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions#adding-a-markdown-summary`;
      await teller.line(step, { kind: 'error', text });
    }
    return '';
  }
}
