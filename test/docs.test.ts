/** The reference is what the code says: a generated page that differs fails here. */

import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';

import { commands } from '../src/cli/commands.ts';
import { endpoints } from '../src/contract/endpoints.ts';
import { CODES } from '../src/kit/codes.ts';
import { PAGES } from './docs/pages.ts';

const ROOT = resolve(import.meta.dirname, '..');

for (const [path, text] of Object.entries(PAGES)) {
  test(`${path} is what the code says (else: npm run docs)`, () => {
    assert.equal(readFileSync(resolve(ROOT, path), 'utf8'), text());
  });
}

test('docs/reference holds generated pages only', () => {
  assert.deepEqual(
    readdirSync(resolve(ROOT, 'docs/reference'))
      .map((name) => `docs/reference/${name}`)
      .toSorted(),
    Object.keys(PAGES).toSorted(),
  );
});

test('the reference names every command, code and endpoint', () => {
  const page = (name: string): string => PAGES[`docs/reference/${name}`]?.() ?? '';
  for (const { name } of commands) assert.ok(page('commands.md').includes(`### antler ${name}\n`), name);
  for (const code of Object.keys(CODES)) assert.ok(page('errors.md').includes(`\`${code}\``), code);
  for (const { method, path } of Object.values(endpoints)) assert.ok(page('api.md').includes(`\`${method} ${path}\``), path);
  const { paths } = JSON.parse(page('openapi.json')) as { paths: Record<string, object> };
  assert.equal(Object.values(paths).flatMap((path) => Object.keys(path)).length, Object.keys(endpoints).length);
});

test('every reference in openapi.json leads somewhere', () => {
  const text = PAGES['docs/reference/openapi.json']?.() ?? '';
  const { components } = JSON.parse(text) as { components: { schemas: object } };
  const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? '');
  assert.ok(names.length > 20);
  for (const name of names) assert.ok(Object.hasOwn(components.schemas, name), name);
});

test('every code of an error that the bootstrap prints is in the table', () => {
  const codes = [...readFileSync(resolve(ROOT, 'antler'), 'utf8').matchAll(/\bfail (\w+\/[\w-]+)/g)].map(([, code]) => code ?? '');
  assert.ok(codes.length > 3);
  for (const code of codes) assert.ok(Object.hasOwn(CODES, code), code);
});

test('every command that our own words tell people to type is there', () => {
  const known = new Set(commands.map(({ name }) => name.split(' ')[0]));
  const files = globSync('src/**/*.{ts,html}', { cwd: ROOT }).filter((path) => !path.endsWith('.test.ts'));
  const told = files.flatMap((path) =>
    [...readFileSync(resolve(ROOT, path), 'utf8').matchAll(/[`'](?:\.\/)?antler ([a-z][a-z-]+)/g)].map(([, name = '']) => ({ path, name })),
  );
  assert.ok(told.length > 150, String(told.length));
  assert.deepEqual(
    told.filter(({ name }) => !known.has(name)),
    [],
  );
});
