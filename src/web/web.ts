/** The door: the console's pages as they were made when the program was installed. Only what the list names is ever read. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that may be asked for. */
export interface PageFile {
  /** In the folder. */
  readonly file: string;
  readonly type: string;
  readonly etag: string;
  /** Named by its content: it never changes. */
  readonly forEver: boolean;
  /** Compressed ahead beside it, as `file.br` and `file.gz`. */
  readonly compressed: boolean;
}

export interface PageList {
  /** Path of the URL → file. */
  readonly files: Readonly<Record<string, PageFile>>;
}

export interface Pages {
  /** Undefined where there is no such file. */
  find(path: string): PageFile | undefined;
  /** The page of every signed-in view, and the one that says how to sign in. */
  readonly shell: PageFile;
  readonly signIn: PageFile;
  read(file: PageFile, encoding: 'br' | 'gzip' | 'identity'): Promise<Buffer>;
}

export const LIST = 'list.json';
export const SHELL = '/index.html';
export const SIGN_IN = '/sign-in.html';

/** Views of the shell, which has them all. */
const VIEWS = [
  /^\/$/,
  /^\/services\/[^/]+\/[^/]+$/,
  /^\/releases(?:\/[^/]+)?$/,
  /^\/runs(?:\/[^/]+)?$/,
  /^\/incidents(?:\/[^/]+)?$/,
  /^\/machine$/,
];

export function isView(path: string): boolean {
  return VIEWS.some((view) => view.test(path));
}

/** Undefined where they were not made. */
export async function openPages(folder: string): Promise<Pages | undefined> {
  const text = await readFile(join(folder, LIST), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const files = new Map(Object.entries((JSON.parse(text) as PageList).files));
  const [shell, signIn] = [files.get(SHELL), files.get(SIGN_IN)];
  if (shell === undefined || signIn === undefined) return undefined;
  const endings = { br: '.br', gzip: '.gz', identity: '' } as const;
  return {
    shell,
    signIn,
    find: (path) => files.get(path),
    read: async ({ file, compressed }, encoding) => readFile(join(folder, `${file}${compressed ? endings[encoding] : ''}`)),
  };
}
