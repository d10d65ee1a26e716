/** Reads a container's log file as it grows: no engine process stays for it, and times keep their milliseconds. */

import { watch } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

import { errnoOf } from '../../kit/errors.ts';
import { createBell } from '../bell.ts';
import type { LogLine, LogOptions } from '../types.ts';
import { createLogParser } from './k8s-file.ts';

/** Lines of the file at `path`; with `follow` until the signal, or until the container is removed. */
export async function* readLog(path: string, options: LogOptions): AsyncGenerator<LogLine, void, void> {
  const bell = createBell();
  using watcher = options.follow ? watchFolder(dirname(path), basename(path), () => bell.ring()) : undefined;
  const parser = createLogParser();
  const decoder = new TextDecoder();
  await using file = createTail(path);
  let skipped: LogLine[] | undefined = options.tail === undefined ? undefined : [];
  while (!options.signal.aborted) {
    const bytes = await file.next();
    if (bytes !== undefined) {
      const lines = parser.push(decoder.decode(bytes, { stream: true }));
      if (skipped === undefined) yield* lines;
      else skipped = [...skipped, ...lines].slice(options.tail === 0 ? Infinity : -(options.tail ?? 0));
      continue;
    }
    if (skipped !== undefined) {
      yield* skipped;
      skipped = undefined;
    }
    if (watcher === undefined || watcher.gone()) return;
    await bell.wait(options.signal);
  }
}

interface Tail {
  /** What came since the last call; undefined at the end of what is there. */
  next(): Promise<Uint8Array | undefined>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Conmon replaces a full file by an empty one of the same name: read the old one to its end, then the new one. */
function createTail(path: string): Tail {
  const buffer = new Uint8Array(64 * 1024);
  let file: FileHandle | undefined;
  let inode: number | undefined;
  return {
    async next() {
      for (;;) {
        file ??= await openIfThere(path);
        if (file === undefined) return undefined;
        inode ??= (await file.stat()).ino;
        const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
        if (bytesRead > 0) return buffer.subarray(0, bytesRead);
        const there = await inodeOf(path);
        if (there === undefined || there === inode) return undefined;
        await file.close();
        [file, inode] = [undefined, undefined];
      }
    },
    async [Symbol.asyncDispose]() {
      await file?.close();
    },
  };
}

interface FolderWatch extends Disposable {
  gone(): boolean;
}

function watchFolder(folder: string, file: string, ring: () => void): FolderWatch {
  let gone = false;
  const watcher = watch(folder, (_, name) => {
    if (name === basename(folder)) gone = true; // the folder itself was removed
    if (name === null || name === file || gone) ring();
  });
  watcher.on('error', () => {
    gone = true;
    ring();
  });
  return { gone: () => gone, [Symbol.dispose]: () => watcher.close() };
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
