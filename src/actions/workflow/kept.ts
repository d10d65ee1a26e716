/** Workflows that were read before, kept in a folder of the user's: the official parser takes longer to load than a short job to run. */

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';

import type { ReadResult } from '../model.ts';

/** More are not kept: the oldest go. */
const MOST = 200;

/** What reads: where a file of these folders or a library changes, nothing that was kept counts. */
const READERS = ['.', '../parser', '../triggers'];
const LIBRARIES = '../../../package-lock.json';

export interface Kept {
  find(path: string, text: string): ReadResult | undefined;
  /** Keeps what is fine; a file with problems is read again. Never fails: it is only a saving. */
  keep(path: string, text: string, result: ReadResult): void;
}

/** `code` names what reads: by default the files that run now. */
export function keptIn(folder: string, code: string = codeKey()): Kept {
  const fileOf = (path: string, text: string): string =>
    join(
      folder,
      `${createHash('sha256')
        .update(JSON.stringify([code, path, text]))
        .digest('hex')}.json`,
    );
  return {
    find: (path, text) => {
      try {
        return JSON.parse(readFileSync(fileOf(path, text), 'utf8')) as ReadResult;
      } catch {
        return undefined; // absent, or torn by a crash
      }
    },
    keep: (path, text, result) => {
      if (result.kind !== 'workflow') return;
      const file = fileOf(path, text);
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const beside = `${file}.${process.pid}.tmp`;
        writeFileSync(beside, JSON.stringify(result), { mode: 0o600 });
        renameSync(beside, file);
        prune(folder);
      } catch {
        // a full or read-only disk
      }
    },
  };
}

function codeKey(): string {
  const here = import.meta.dirname;
  const files = READERS.flatMap((folder) => readdirSync(resolve(here, folder)).map((name) => join(folder, name)));
  const stamps = [LIBRARIES, ...files].map((file) => {
    const { mtimeMs = 0, size = 0 } = statSync(resolve(here, file), { throwIfNoEntry: false }) ?? {};
    return `${file} ${mtimeMs} ${size}`;
  });
  return `${process.version} ${here} ${stamps.join()}`;
}

function prune(folder: string): void {
  const files = readdirSync(folder).map((name) => join(folder, name));
  if (files.length <= MOST) return;
  const byAge = files.map((file) => ({ file, time: statSync(file).mtimeMs })).toSorted((a, b) => a.time - b.time);
  for (const { file } of byAge.slice(0, files.length - MOST)) rmSync(file, { force: true });
}
