/** Makes the console's pages: types stripped, every file named by its content, compressed ahead. Runs in a process of its own: Node's stripper takes 20 MB. */

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import process from 'node:process';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { LIST, SHELL, SIGN_IN, type PageFile } from './web.ts';

const SOURCE = join(import.meta.dirname, 'page');
const MODULES = join(import.meta.dirname, '../../node_modules');

/** Libraries by the name that pages import them by: files that browsers read as they are. */
const LIBRARIES: Readonly<Record<string, string>> = {
  preact: 'preact/dist/preact.mjs',
  'preact/hooks': 'preact/hooks/dist/hooks.mjs',
  '@preact/signals-core': '@preact/signals-core/dist/signals-core.mjs',
  '@preact/signals': '@preact/signals/dist/signals.mjs',
  htm: 'htm/dist/htm.mjs',
  uplot: 'uplot/dist/uPlot.esm.js',
};

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
};

/** A page's import: of a file, of a library, now or when it is needed. */
const IMPORT = /(?<=\b(?<before>(?:from|import)\s*\(?\s*))['"](?<name>[^'"]+)['"]/g;

interface Made {
  readonly url: string;
  /** URLs that it needs at once, its own last. */
  readonly needs: readonly string[];
}

export interface BuildOptions {
  /** Made anew. */
  readonly to: string;
}

export function buildPages({ to }: BuildOptions): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(join(to, 'assets'), { recursive: true });
  const files: Record<string, PageFile> = {};
  const made = new Map<string, Made>();

  const put = (url: string, bytes: string | Buffer, forEver: boolean): void => {
    const file = url.slice(1);
    const ending = file.slice(file.lastIndexOf('.') + 1);
    const compressed = ending !== 'woff2';
    write(join(to, file), bytes);
    if (compressed) {
      write(join(to, `${file}.gz`), gzipSync(bytes, { level: 9 }));
      write(join(to, `${file}.br`), brotliCompressSync(bytes));
    }
    files[url] = { file, type: TYPES[ending] ?? 'application/octet-stream', etag: `"${hashOf(bytes)}"`, forEver, compressed };
  };
  const asset = (name: string, bytes: string | Buffer): string => {
    const dot = name.lastIndexOf('.');
    const url = `/assets/${name.slice(0, dot)}.${hashOf(bytes)}${name.slice(dot)}`;
    if (files[url] === undefined) put(url, bytes, true);
    return url;
  };
  const moduleAt = (path: string): Made => {
    const known = made.get(path);
    if (known !== undefined) return known;
    const text = readFileSync(path, 'utf8');
    const script = path.endsWith('.ts') ? stripTypeScriptTypes(text, { mode: 'strip' }) : text.replace(/^\/\/# sourceMappingURL=.*$/m, '');
    const needs: string[] = [];
    // What a module imports is made first: its name covers theirs.
    const linked = script.replace(IMPORT, (quoted, before: string, name: string) => {
      const library = LIBRARIES[name];
      if (!name.startsWith('.') && library === undefined) return quoted; // words in a text
      const other = moduleAt(library === undefined ? resolve(dirname(path), name) : join(MODULES, library));
      if (!/\(\s*$/.test(before)) needs.push(...other.needs);
      return `'${other.url}'`;
    });
    const url = asset(`${nameOf(path)}.js`, linked);
    const done = { url, needs: [...new Set([...needs, url])] };
    made.set(path, done);
    return done;
  };
  const sheets = (): string => {
    const ours = readdirSync(join(SOURCE, 'style')).sort();
    const all = [join(MODULES, 'uplot/dist/uPlot.min.css'), ...ours.map((name) => join(SOURCE, 'style', name))];
    return all.map((path) => readFileSync(path, 'utf8')).join('\n');
  };

  const page = (url: string): void => {
    const text = readFileSync(join(SOURCE, url.slice(1)), 'utf8');
    const links: string[] = [];
    const linked = text.replace(/(href|src)="\.\/([\w./-]+)"/g, (_all, attribute: string, name: string) => {
      if (name === 'style.css') return `${attribute}="${asset('style.css', sheets())}"`;
      if (!name.endsWith('.ts')) return `${attribute}="${asset(basename(name), readFileSync(join(SOURCE, name)))}"`;
      const { url: at, needs } = moduleAt(join(SOURCE, name));
      links.push(...needs.filter((each) => each !== at).map((each) => `<link rel="modulepreload" href="${each}" />`));
      return `${attribute}="${at}"`;
    });
    put(url, linked.replace('<!-- preloads -->', links.join('')), false);
  };
  for (const url of [SHELL, SIGN_IN]) page(url);
  write(join(to, LIST), JSON.stringify({ files }));
}

/** `lib-time` of `lib/time.ts`: one folder for all, and names that a person can read in the browser’s tools. */
function nameOf(path: string): string {
  const inside = path.startsWith(`${SOURCE}/`) ? relative(SOURCE, path) : basename(path);
  return inside.replace(/(?:\.min)?\.(?:ts|m?js|esm\.js|css)$/, '').replaceAll(/[^\w-]/g, '-');
}

function hashOf(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12);
}

function write(path: string, bytes: string | Buffer): void {
  writeFileSync(path, bytes, { mode: 0o644 });
}

if (import.meta.main) buildPages({ to: process.argv[2] ?? join(SOURCE, '../../../pages') });
