/** Real pipes for a command's output, owned by the container's root: over a socket pair, which is what Node makes, `echo > /dev/stderr` fails. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, closeSync, constants, openSync, rmSync, unlinkSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';

import { AntlerError } from '../../kit/errors.ts';

/** Made at once: Node cannot make them, and a program for each command would cost as much as the rest. */
const BATCH = 16;

export interface OutputPipe {
  /** Where the command's output comes out; ends when nobody holds the other end any more. */
  readonly reader: Socket;
  /** Descriptor to hand to the command, then to close. */
  readonly writer: number;
}

export interface PipeStock extends Disposable {
  /** A folder in memory for what a command needs beside them; only we may enter it. */
  folder(): Promise<string>;
  /** `owner` may open them again as /dev/stdout. */
  take(count: number, owner: number): Promise<readonly OutputPipe[]>;
}

export function createPipeStock(): PipeStock {
  let made: Promise<string> | undefined;
  let filling: Promise<void> | undefined;
  const stock: string[] = [];
  let number = 0;
  const folder = (): Promise<string> => (made ??= mkdtemp('/run/antler-exec-'));

  async function fill(): Promise<void> {
    const home = await folder();
    const paths = Array.from({ length: BATCH }, () => join(home, `pipe-${++number}`));
    const child = spawn('mkfifo', ['--mode', '600', ...paths], { stdio: 'ignore' });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new AntlerError('engines/exec-failed', `Cannot run a command as mkfifo ended with ${code}`);
    stock.push(...paths);
  }

  return {
    folder,
    async take(count, owner) {
      while (stock.length < count) {
        filling ??= fill().finally(() => (filling = undefined));
        await filling;
      }
      return stock.splice(0, count).map((path) => openPipe(path, owner));
    },
    [Symbol.dispose]() {
      void made?.then((home) => rmSync(home, { recursive: true, force: true }));
    },
  };
}

/** In one turn of the event loop, and never blocking: both ends are ours. */
function openPipe(path: string, owner: number): OutputPipe {
  chownSync(path, owner, owner);
  // Without a writer an opening for reading would wait; and a reading before there is one would end at once.
  const end = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  unlinkSync(path);
  return { reader: new Socket({ fd: end, readable: true, writable: false }), writer };
}

export function closeWriters(pipes: readonly OutputPipe[]): void {
  for (const { writer } of pipes) closeSync(writer);
}
