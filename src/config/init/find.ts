/** Finds the Dockerfiles of a repository and reads what a config needs to know of each. Reads only. */

import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { errnoOf } from '../../kit/errors.ts';

export interface Found {
  /** Folder that the build gets, relative to the repository; `.` for the repository itself. */
  readonly context: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  readonly text: string;
  /** Text of the context's own small source files, for hints about ports and paths. */
  readonly sources: readonly string[];
  /** `requirements.txt`, where there is one. */
  readonly requirements: string;
}

const SKIP = new Set([
  'node_modules',
  'vendor',
  'dist',
  'build',
  'target',
  'venv',
  '__pycache__',
  'test',
  'tests',
  'testdata',
  'fixtures',
  'examples',
]);
const NAMES = ['Dockerfile', 'Containerfile'];
const SOURCE = /\.(?:py|js|mjs|cjs|ts|mts|go|rb|php|rs|java|kt|conf)$/;
const MAX_DEPTH = 4;
const MAX_SOURCES = 60;
const MAX_BYTES = 128 * 1024;

/** Sorted by path, so that the same repository gives the same config. */
export async function findDockerfiles(directory: string, signal: AbortSignal): Promise<readonly Found[]> {
  const files = await walk(directory, { depth: 0, signal, wanted: (name) => NAMES.includes(name) });
  return Promise.all(files.map((file) => read(directory, relative(directory, file))));
}

async function read(directory: string, file: string): Promise<Found> {
  const text = await readFile(join(directory, file), 'utf8');
  const folder = dirname(file);
  const far = folder === '.' ? [] : await copiedFromRoot(directory, folder, text);
  const context = far.length > 0 ? '.' : folder;
  // Of a context that is the whole repository only what the image gets is its own.
  const own = far.length > 0 ? far : [folder];
  const signal = new AbortController().signal;
  const wanted = (name: string): boolean => SOURCE.test(name);
  const sources = await Promise.all(own.map((path) => walk(join(directory, path), { depth: 1, signal, wanted })));
  return {
    context,
    dockerfile: relative(context, file),
    text,
    sources: await Promise.all(
      sources
        .flat()
        .slice(0, MAX_SOURCES)
        .map((path) => readSmall(path)),
    ),
    requirements: await readSmall(join(directory, context, 'requirements.txt')),
  };
}

/** A Dockerfile in a folder of its own often copies from the repository: then what it copies is there and not beside it. */
async function copiedFromRoot(directory: string, folder: string, text: string): Promise<readonly string[]> {
  const copied = [...text.matchAll(/^\s*(?:COPY|ADD)\s+(?!--from)(?:--\S+\s+)*([\w./-]+)\s/gim)].map(([, path = '']) => path);
  const far: string[] = [];
  for (const path of copied) {
    if (path !== '.' && !(await exists(join(directory, folder, path))) && (await exists(join(directory, path)))) far.push(path);
  }
  return far;
}

interface Walk {
  readonly depth: number;
  readonly signal: AbortSignal;
  readonly wanted: (name: string) => boolean;
}

async function walk(folder: string, options: Walk): Promise<string[]> {
  options.signal.throwIfAborted();
  const entries = (await readFolder(folder)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const here = entries.filter((entry) => entry.isFile() && options.wanted(entry.name)).map((entry) => join(folder, entry.name));
  if (options.depth >= MAX_DEPTH) return here;
  const below = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !SKIP.has(entry.name));
  const deeper = await Promise.all(below.map((entry) => walk(join(folder, entry.name), { ...options, depth: options.depth + 1 })));
  return [...here, ...deeper.flat()];
}

/** Nothing where it is a file or may not be read. */
async function readFolder(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (['ENOTDIR', 'EACCES'].includes(errnoOf(error) ?? '')) return [];
    throw error;
  }
}

async function readSmall(path: string): Promise<string> {
  try {
    return (await stat(path)).size > MAX_BYTES ? '' : await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EISDIR'].includes(errnoOf(error) ?? '')) return '';
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
