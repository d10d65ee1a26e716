/** Builds the page: types stripped, every asset named by its own content, so that it may be kept for ever and never be stale. */

import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { gzipSync } from 'node:zlib';

export interface BuildPageOptions {
  /** The folder with `src` and `public`. */
  readonly from: string;
  /** Made anew. */
  readonly to: string;
}

/**
 * Writes `index.html`, `assets/<name>.<hash>.<ending>` and `latest/<name>.<ending>`, each with its `.gz`. `latest` answers for a name that another
 * release's page asks for while both serve: better this release's asset, uncached, than none.
 */
export function buildPage({ from, to }: BuildPageOptions): void {
  const named = new Map<string, string>();
  rmSync(to, { recursive: true, force: true });
  for (const folder of ['assets', 'latest']) mkdirSync(join(to, folder), { recursive: true });

  const put = (name: string, bytes: string | Buffer): string => {
    const [stem = '', ending = ''] = name.split('.');
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
    const path = `assets/${stem}.${hash}.${ending}`;
    write(join(to, path), bytes);
    write(join(to, 'latest', name), bytes);
    named.set(name, `/${path}`);
    return `/${path}`;
  };
  const asset = (name: string): string => named.get(name) ?? put(name, readFileSync(join(from, 'public', name)));

  const moduleOf = (file: string): string => {
    const name = file.replace(/\.ts$/, '.js');
    const done = named.get(name);
    if (done !== undefined) return done;
    const script = stripTypeScriptTypes(readFileSync(join(from, 'src', file), 'utf8'), { mode: 'strip' });
    // What a module imports is built first: its hash covers theirs.
    return put(
      name,
      script.replace(/(?<=from\s+')\.\/([\w-]+\.ts)(?=')/g, (_all, imported: string) => moduleOf(imported)),
    );
  };

  const style = readFileSync(join(from, 'src/style.css'), 'utf8');
  put(
    'style.css',
    style.replace(/url\('([\w.-]+)'\)/g, (_all, name: string) => `url('${asset(name)}')`),
  );
  moduleOf('main.ts');
  const page = readFileSync(join(from, 'src/index.html'), 'utf8');
  write(
    join(to, 'index.html'),
    page.replace(/(href|src)="\.\/([\w.-]+)"/g, (_all, attribute: string, name: string) => {
      return `${attribute}="${named.get(name.replace(/\.ts$/, '.js')) ?? asset(name)}"`;
    }),
  );
  cpSync(join(from, 'public/fraunces-OFL.txt'), join(to, 'fraunces-OFL.txt'));
}

function write(path: string, bytes: string | Buffer): void {
  writeFileSync(path, bytes);
  if (/\.(html|css|js|svg)$/.test(path)) writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}

if (import.meta.main) buildPage({ from: import.meta.dirname, to: process.argv[2] ?? join(import.meta.dirname, 'dist') });
