/**
 * Files in folders that a job may change: a link that it put in the way must not lead us out of them, for we may be root
 * and it is not. Every folder is opened without following links, and what is in it through its descriptor.
 */

import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readSync, realpathSync, writeSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

import { errnoOf } from '../../kit/errors.ts';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK; // a named pipe must not hold us up

/** Makes the folder `name` in `base`, which a job cannot replace, and puts the files there. */
export function writeInside(base: string, name: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(base, name));
  const folder = openSync(join(base, name), FOLDER);
  try {
    for (const [file, text] of Object.entries(files)) {
      const descriptor = openSync(`/proc/self/fd/${folder}/${file}`, NEW_FILE, 0o666);
      try {
        if (text !== '') writeAll(descriptor, Buffer.from(text, 'utf8'));
      } finally {
        closeSync(descriptor);
      }
    }
  } finally {
    closeSync(folder);
  }
}

export type Inside =
  | { readonly kind: 'file'; readonly bytes: Buffer }
  | { readonly kind: 'absent' }
  /** No ordinary file, or a link. */
  | { readonly kind: 'other' }
  | { readonly kind: 'large'; readonly size: number };

/** Reads `base/parts…`; no link is followed below `base`. */
export function readInside(base: string, parts: readonly string[], maxBytes: number): Inside {
  const opened: number[] = [];
  try {
    let at = base;
    for (const [index, part] of parts.entries()) {
      const descriptor = openSync(join(at, part), index === parts.length - 1 ? FILE : FOLDER);
      opened.push(descriptor);
      at = `/proc/self/fd/${descriptor}`;
    }
    const file = opened.at(-1) ?? -1;
    const stat = fstatSync(file);
    if (!stat.isFile()) return { kind: 'other' };
    if (stat.size > maxBytes) return { kind: 'large', size: stat.size };
    return { kind: 'file', bytes: readAll(file, maxBytes) };
  } catch (error) {
    return { kind: errnoOf(error) === 'ENOENT' ? 'absent' : 'other' };
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/** Reads several files of the folder `name` in `base`, which is opened once. */
export function readFolder(base: string, name: string, limits: Readonly<Record<string, number>>): Readonly<Record<string, Inside>> {
  const absent = (): Record<string, Inside> => Object.fromEntries(Object.keys(limits).map((file) => [file, { kind: 'other' }]));
  let folder: number;
  try {
    folder = openSync(join(base, name), FOLDER);
  } catch {
    return absent();
  }
  try {
    const at = `/proc/self/fd/${folder}`;
    return Object.fromEntries(Object.entries(limits).map(([file, max]) => [file, readQuickly(at, file, max)]));
  } finally {
    closeSync(folder);
  }
}

/** Most of them are empty: one look says so. */
function readQuickly(folder: string, file: string, maxBytes: number): Inside {
  const stat = lstatSync(join(folder, file), { throwIfNoEntry: false });
  if (stat === undefined) return { kind: 'absent' };
  return stat.isFile() && stat.size === 0 ? { kind: 'file', bytes: Buffer.alloc(0) } : readInside(folder, [file], maxBytes);
}

/** Where `base/path` really lies, as parts below `base`; undefined where that is outside or nowhere. Links inside are allowed. */
export function partsInside(base: string, path: string): readonly string[] | undefined {
  try {
    const root = realpathSync(base);
    const found = relative(root, realpathSync(join(root, path)));
    if (found === '..' || found.startsWith(`..${sep}`)) return undefined;
    return found === '' ? [] : found.split(sep);
  } catch {
    return undefined;
  }
}

function writeAll(descriptor: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
}

function readAll(descriptor: number, maxBytes: number): Buffer {
  const chunks: Buffer[] = [];
  for (let total = 0; total < maxBytes;) {
    const chunk = Buffer.allocUnsafe(Math.min(64 * 1024, maxBytes - total));
    const size = readSync(descriptor, chunk);
    if (size === 0) break;
    chunks.push(chunk.subarray(0, size));
    total += size;
  }
  return Buffer.concat(chunks);
}
