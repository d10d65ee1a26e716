/** Where a secret's value comes from: a file, standard input, or the person at the terminal, unseen. Never from the command line. */

import { on } from 'node:events';
import { open } from 'node:fs/promises';
import process from 'node:process';

import { AntlerError, errnoOf } from '../kit/errors.ts';
import type { Context } from './command.ts';
import { NOTHING_TYPED, type, withoutLineEnd } from './hidden.ts';

/** More than any secret may have: what is larger is not read to its end. */
const ENOUGH = 64 * 1024;

export async function readSecret(context: Pick<Context, 'options' | 'json' | 'signal' | 'out'>, name: string): Promise<string> {
  const file = context.options.text('file');
  if (file !== undefined && file !== '-') return fromFile(file);
  if (!process.stdin.isTTY) return withoutLineEnd(textOf(await upTo(process.stdin), 'standard input'));
  if (context.json || !process.stderr.isTTY) {
    throw new AntlerError('cli/usage', 'Cannot ask for the value as nobody can answer', {
      hint: `Hand it in: \`antler secrets set ${name} --file FILE\`, or on standard input`,
    });
  }
  return fromPerson(context, name);
}

async function fromFile(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r');
    return textOf(await upTo(file.createReadStream({ autoClose: false })), path);
  } catch (error) {
    if (error instanceof AntlerError) throw error;
    throw new AntlerError('cli/usage', `Cannot read ${path} as the system says ${errnoOf(error) ?? 'no'}`, { hint: 'Check `--file`' });
  }
}

async function upTo(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > ENOUGH) break;
  }
  return Buffer.concat(chunks);
}

function textOf(bytes: Uint8Array, where: string): string {
  const refuse = (why: string): never => {
    throw new AntlerError('actions/setting-value', `Cannot take ${where} as ${why}`);
  };
  if (bytes.length > ENOUGH) refuse('it is longer than a secret may be (48 KiB)');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse('it is no text: hand in base64 and decode it in the job');
  }
}

async function fromPerson({ signal, out }: Pick<Context, 'signal' | 'out'>, name: string): Promise<string> {
  const { stdin } = process;
  stdin.setEncoding('utf8');
  stdin.setRawMode(true); // before the question: from here on nothing is shown
  try {
    out.raw('stderr', `${name}: type or paste the value, then Ctrl-D (it is not shown) `);
    let typing = NOTHING_TYPED;
    for await (const [signs] of on(stdin, 'data', { signal, close: ['end'] }) as AsyncIterable<[string]>) {
      typing = type(typing, signs);
      if (typing.end !== 'none') break;
    }
    if (typing.end !== 'done') throw new AntlerError('kit/aborted', 'Interrupted');
    return typing.text;
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    out.note('');
  }
}
