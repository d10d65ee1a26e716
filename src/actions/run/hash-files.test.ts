import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';

import { hashFiles } from './hash-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'antler-test-hash-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const outside = `${folder}-outside`;
after(() => rmSync(outside, { recursive: true, force: true }));
const FILES = ['.env', '.git/config', 'a/.npmrc', 'a/deep/lock.json', 'a/lock.json', 'a.txt', 'b/lock.json', 'lock.json', 'x[1].txt'];
for (const path of FILES) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), `text of ${path}`);
}
mkdirSync(outside);
writeFileSync(join(outside, 'secret'), 'x');
symlinkSync(outside, join(folder, 'b/out'));
symlinkSync(join(outside, 'secret'), join(folder, 'b/leads-out'));
symlinkSync('nowhere', join(folder, 'b/broken'));
symlinkSync('../a/lock.json', join(folder, 'b/link.json'));
symlinkSync('../a', join(folder, 'b/round'));

const hash = (...patterns: string[]): string => hashFiles({ folder, path: '/work/repo' }, patterns);

/** As the runner makes it: the hash of the files' hashes, in the order of its walk. */
function of(...paths: string[]): string {
  if (paths.length === 0) return '';
  const all = createHash('sha256');
  for (const path of paths) all.update(createHash('sha256').update(`text of ${path}`).digest());
  return all.digest('hex');
}

const CASES: readonly (readonly [patterns: readonly string[], paths: readonly string[]])[] = [
  [['lock.json'], ['lock.json']],
  [['**/lock.json'], ['a/deep/lock.json', 'a/lock.json', 'b/lock.json', 'lock.json']],
  [
    ['*'],
    [
      ...FILES.filter((path) => !path.startsWith('b/') && path !== 'lock.json' && path !== 'x[1].txt'),
      'b/link',
      'b/lock.json',
      'lock.json',
      'x[1].txt',
    ],
  ],
  [['.*'], ['.env', '.git/config']],
  [['a'], ['a/.npmrc', 'a/deep/lock.json', 'a/lock.json']],
  [['a/'], ['a/.npmrc', 'a/deep/lock.json', 'a/lock.json']],
  [['a.txt/'], []],
  [
    ['a', '!a/deep'],
    ['a/.npmrc', 'a/lock.json'],
  ],
  [
    ['a', '!**/*.json', 'a/lock.json'],
    ['a/.npmrc', 'a/lock.json'],
  ],
  [['!a', 'a/lock.json'], ['a/lock.json']],
  [
    ['b/lock.json\n# a comment\n\n  lock.json  ', 'a/lock.json'],
    ['b/lock.json', 'lock.json', 'a/lock.json'],
  ],
  [['./a/*.json'], ['a/lock.json']],
  [['/work/repo/a/*.json'], ['a/lock.json']],
  [['/**/deep/*'], ['a/deep/lock.json']],
  [['/elsewhere/**'], []],
  [['~/**'], []],
  [['[a-b]/l?ck.json'], ['a/lock.json', 'b/lock.json']],
  [['[!a]/lock.json'], ['b/lock.json']],
  [['x\\[1].txt'], ['x[1].txt']],
  [['{a,b}/lock.json'], []],
  [['nothing/**'], []],
];

for (const [patterns, paths] of CASES) {
  test(`hashFiles: ${JSON.stringify(patterns)} is the hash of ${paths.length} files in the order of the walk`, () => {
    const named = paths.map((path) => (path === 'b/link' ? 'a/lock.json' : path));
    assert.equal(hash(...patterns), of(...named));
  });
}

test('hashFiles: a value that the official runner gives', () => {
  assert.equal(hash('a.txt'), createHash('sha256').update(createHash('sha256').update('text of a.txt').digest()).digest('hex'));
  assert.equal(hash('**/lock.json'), 'c27aa55092d35da7f8321b78195820a6284a6c40ac9c5be609d2b5e58f9f0993');
});

test('hashFiles: links to folders are followed only where asked, never round in circles, never out of the workspace', () => {
  assert.equal(hash('b/round/**'), '');
  assert.equal(hash('--follow-symbolic-links', 'b/round/**'), of('a/.npmrc', 'a/deep/lock.json', 'a/lock.json'));
  assert.equal(hash('--follow-symbolic-links', 'b/out/**', 'b/leads-out', 'b/broken'), '');
  assert.equal(hash('b/leads-out', 'b/broken'), '');
  assert.throws(() => hash('--other', 'a'), /Invalid glob option --other/);
});

test('hashFiles: `..`, and `.` inside of a pattern, are refused', () => {
  for (const pattern of ['../x', 'a/../b', 'a/./b', '!..'])
    assert.throws(() => hash(pattern), /Relative pathing '\.' and '\.\.' is not allowed/, pattern);
});

test('hashFiles: a pattern of many stars takes no time', () => {
  writeFileSync(join(folder, 'a'.repeat(200)), '');
  assert.equal(hash(`${'*a'.repeat(60)}*b`), '');
  rmSync(join(folder, 'a'.repeat(200)));
});
