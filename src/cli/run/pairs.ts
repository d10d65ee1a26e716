/** `--secret K=V`, `--env-file F` and their like: names and values from words and files. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { parseEnv } from 'node:util';

import { AntlerError } from '../../kit/errors.ts';
import type { Context } from '../command.ts';

/** `K=V` each; `separator` for `k:v`. Later ones win. */
export function pairsOf(option: string, words: readonly string[], separator = '='): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf(separator);
      if (at > 0) return [word.slice(0, at), word.slice(at + 1)];
      throw new AntlerError('cli/usage', `Cannot take \`--${option} ${word}\` as it is not of the form NAME${separator}VALUE`, {
        hint: 'Type `antler run --help`',
      });
    }),
  );
}

/** A file of `K=V` lines. */
export function fileOf(option: string, file: string | undefined, cwd: string): Record<string, string> {
  if (file === undefined) return {};
  try {
    return parseEnv(readFileSync(resolve(cwd, file), 'utf8')) as Record<string, string>;
  } catch (cause) {
    throw new AntlerError('cli/usage', `Cannot read \`--${option} ${file}\` as ${why(cause)}`, {
      hint: 'Name a file of NAME=VALUE lines',
      cause,
    });
  }
}

/** `K=V`, or `K` alone: from our own environment, else asked, so that it stands in no shell's history. */
export async function secretsOf(context: Context): Promise<Record<string, string>> {
  const { options, cwd } = context;
  const found = fileOf('secret-file', options.text('secret-file'), cwd);
  for (const word of options.all('secret')) {
    const at = word.indexOf('=');
    if (at > 0) found[word.slice(0, at)] = word.slice(at + 1);
    else found[word] = process.env[word] ?? (await ask(context, word));
  }
  return found;
}

async function ask({ json, signal }: Context, name: string): Promise<string> {
  if (json || !process.stdin.isTTY || !process.stderr.isTTY) {
    throw new AntlerError('cli/usage', `Cannot take \`--secret ${name}\` as no variable has this name and nobody can be asked`, {
      hint: `Set ${name} in the environment, or type \`--secret ${name}=…\``,
    });
  }
  const { createInterface } = await import('node:readline/promises');
  const { Writable } = await import('node:stream');
  process.stderr.write(`Secret ${name}: `);
  // What is typed is not shown.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  using lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const answer = await lines.question('', { signal });
  process.stderr.write('\n');
  return answer;
}

function why(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
