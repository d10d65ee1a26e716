import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { buildPage } from './build.ts';

function folders(t: TestContext): { from: string; to: string } {
  const root = mkdtempSync('/var/tmp/moose-page-');
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const part of ['src', 'public']) cpSync(join(import.meta.dirname, part), join(root, 'from', part), { recursive: true });
  return { from: join(root, 'from'), to: join(root, 'to') };
}

function assets(to: string): string[] {
  return readdirSync(join(to, 'assets')).filter((name) => !name.endsWith('.gz'));
}

test('buildPage() leaves a page that names only assets that are there, and nothing of TypeScript', (t) => {
  const { from, to } = folders(t);
  buildPage({ from, to });
  const texts = ['index.html', ...assets(to).flatMap((name) => (/\.(js|css)$/.test(name) ? [`assets/${name}`] : []))];
  const named = texts.flatMap((name) => readFileSync(join(to, name), 'utf8').match(/\/assets\/[\w.-]+/g) ?? []);
  assert.ok(named.length >= 7, named.join(' '));
  for (const path of named) assert.ok(existsSync(join(to, path)), path);
  const page = readFileSync(join(to, 'index.html'), 'utf8');
  assert.doesNotMatch(page, /(href|src)="\.\//);
  for (const name of texts) assert.doesNotMatch(readFileSync(join(to, name), 'utf8'), /'\.\/[\w-]+\.ts'|interface Fact/);
  assert.equal(gunzipSync(readFileSync(join(to, 'index.html.gz'))).toString(), page);
});

test('buildPage() renames what changed and all that leads to it, and nothing else', (t) => {
  const { from, to } = folders(t);
  buildPage({ from, to });
  const before = assets(to);
  buildPage({ from, to });
  assert.deepEqual(assets(to), before);
  appendFileSync(join(from, 'src/badge.ts'), '// another\n');
  buildPage({ from, to });
  const gone = before.filter((name) => !assets(to).includes(name)).map((name) => name.replace(/\..*/, ''));
  assert.deepEqual(gone.sort(), ['badge', 'main']);
});

test('buildPage() keeps each asset under its plain name, for pages of another release', (t) => {
  const { from, to } = folders(t);
  buildPage({ from, to });
  for (const name of assets(to)) {
    const [stem, , ending] = name.split('.');
    assert.deepEqual(readFileSync(join(to, 'latest', `${stem}.${ending}`)), readFileSync(join(to, 'assets', name)));
  }
});
