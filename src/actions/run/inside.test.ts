import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { partsInside, readFolder, readInside, writeInside } from './inside.ts';

function folders(t: TestContext): { readonly base: string; readonly secret: string } {
  const root = mkdtempSync(join(tmpdir(), 'antler-inside-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const base = join(root, 'base');
  mkdirSync(base);
  mkdirSync(join(root, 'secret'));
  writeFileSync(join(root, 'secret/env'), 'SECRET');
  return { base, secret: join(root, 'secret') };
}

test('writeInside, readInside: what was written is read', (t) => {
  const { base } = folders(t);
  writeInside(base, '1', { env: 'a=b', script: '' });
  assert.deepEqual(readInside(base, ['1', 'env'], 100), { kind: 'file', bytes: Buffer.from('a=b') });
  assert.deepEqual(readFolder(base, '1', { env: 100, script: 100, none: 100 }), {
    env: { kind: 'file', bytes: Buffer.from('a=b') },
    script: { kind: 'file', bytes: Buffer.alloc(0) },
    none: { kind: 'absent' },
  });
});

test('readInside, readFolder: no link is followed, whether it stands for the file or for its folder', (t) => {
  const { base, secret } = folders(t);
  writeInside(base, '1', {});
  symlinkSync(join(secret, 'env'), join(base, '1/env'));
  symlinkSync(secret, join(base, '2'));
  for (const name of ['1', '2']) {
    assert.deepEqual(readInside(base, [name, 'env'], 100), { kind: 'other' });
    assert.deepEqual(readFolder(base, name, { env: 100 }), { env: { kind: 'other' } });
  }
});

test('readInside: a named pipe does not hold us up, and a large file is not read', (t) => {
  const { base } = folders(t);
  writeInside(base, '1', { large: 'x'.repeat(101) });
  execFileSync('mkfifo', [join(base, '1/pipe')]);
  assert.deepEqual(readInside(base, ['1', 'pipe'], 100), { kind: 'other' });
  assert.deepEqual(readInside(base, ['1', 'large'], 100), { kind: 'large', size: 101 });
});

test('writeInside: never into a folder that somebody else put there', (t) => {
  const { base, secret } = folders(t);
  symlinkSync(secret, join(base, '1'));
  assert.throws(() => writeInside(base, '1', { script: 'x' }), { code: 'EEXIST' });
});

test('partsInside: links inside are followed, those that lead out are not', (t) => {
  const { base, secret } = folders(t);
  writeInside(base, 'real', { file: '' });
  symlinkSync('real', join(base, 'link'));
  symlinkSync(secret, join(base, 'out'));
  assert.deepEqual(partsInside(base, 'link/file'), ['real', 'file']);
  assert.deepEqual(
    [partsInside(base, 'out/env'), partsInside(base, '../secret/env'), partsInside(base, 'absent')],
    [undefined, undefined, undefined],
  );
  renameSync(join(base, 'real'), join(base, 'moved'));
  assert.equal(partsInside(base, 'link/file'), undefined);
});
