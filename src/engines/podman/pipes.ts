/** Real pipes for a command's output, owned by the container's root: over a socket pair, which is what Node makes, `echo > /dev/stderr` fails. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';

import { AntlerError } from '../../kit/errors.ts';

export interface OutputPipe {
  /** Where the command's output comes out; ends when nobody holds the other end any more. */
  readonly reader: Socket;
  /** Descriptor to hand to the command, then to close. */
  readonly writer: number;
}

/** One for each path; the paths themselves are gone when it returns. `owner` may open its pipe again as /dev/stdout. */
export async function makePipes(paths: readonly string[], owner: number): Promise<readonly OutputPipe[]> {
  const child = spawn('mkfifo', ['--mode', '600', ...paths], { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new AntlerError('engines/exec-failed', `Cannot run a command as mkfifo ended with ${code}`);
  return paths.map((path) => openPipe(path, owner));
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
