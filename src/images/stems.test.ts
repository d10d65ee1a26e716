import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { createStems, type Stems } from './stems.ts';

const GROUND = { suite: 'bookworm', arch: 'amd64' };
const statusOf = (version: string): string => `Package: a\nStatus: install ok installed\nVersion: ${version}\n`;

interface Scratch {
  readonly stems: Stems;
  readonly folder: string;
  readonly tar: string;
}

async function scratch(t: TestContext): Promise<Scratch> {
  const top = await mkdtemp('/var/tmp/antler-stems-');
  t.after(() => rm(top, { recursive: true, force: true }));
  const tar = join(top, 'root.tar');
  await writeFile(tar, 'a root file system '.repeat(5000));
  const folder = join(top, 'stems');
  return { stems: createStems(folder), folder, tar };
}

/** The largest file below: the layer. */
async function layerOf(layout: string): Promise<string> {
  const blobs = join(layout, 'blobs/sha256');
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as {
    readonly manifests: readonly { readonly digest: string }[];
  };
  const manifest = await readFile(join(blobs, index.manifests[0]?.digest.slice(7) ?? ''), 'utf8');
  const { layers } = JSON.parse(manifest) as { readonly layers: readonly { readonly digest: string }[] };
  return join(blobs, layers[0]?.digest.slice(7) ?? '');
}

test('keep() makes a stem that find() gives to whoever asks for its key', async (t) => {
  const { stems, folder, tar } = await scratch(t);
  const kept = await stems.keep(GROUND, { tar, status: statusOf('1') }, t.signal);
  assert.deepEqual(kept.packages, { a: '1' });
  assert.deepEqual(await createStems(folder).find(GROUND, kept.key, t.signal), kept);
  assert.equal(await stems.find({ ...GROUND, arch: 'arm64' }, kept.key, t.signal), undefined);
});

test('keep() beside another that keeps the same ends well, and nothing half is left', async (t) => {
  const { stems, folder, tar } = await scratch(t);
  const both = await Promise.all([1, 2].map(() => stems.keep(GROUND, { tar, status: statusOf('1') }, t.signal)));
  assert.deepEqual(both[0], both[1]);
  assert.equal((await readdir(folder)).length, 1);
});

test('keep() takes older stems of the same ground away, and what was begun long ago', async (t) => {
  const { stems, folder, tar } = await scratch(t);
  const other = await stems.keep({ ...GROUND, suite: 'trixie' }, { tar, status: statusOf('1') }, t.signal);
  const old = await stems.keep(GROUND, { tar, status: statusOf('1') }, t.signal);
  await mkdir(join(folder, 'new-dead'));
  await mkdir(join(folder, 'new-alive'));
  await utimes(join(folder, 'new-dead'), 0, 0);
  const young = await stems.keep(GROUND, { tar, status: statusOf('2') }, t.signal);
  assert.notEqual(young.key, old.key);
  assert.equal(await stems.find(GROUND, old.key, t.signal), undefined);
  assert.ok((await stems.find(GROUND, young.key, t.signal)) !== undefined);
  assert.ok((await stems.find({ ...GROUND, suite: 'trixie' }, other.key, t.signal)) !== undefined);
  const names = await readdir(folder);
  assert.deepEqual([names.includes('new-dead'), names.includes('new-alive')], [false, true]);
});

test('find() takes a broken stem away, whatever is broken', async (t) => {
  const { stems, folder, tar } = await scratch(t);
  const breaks: readonly ((layout: string) => Promise<void>)[] = [
    async (layout) => truncate(await layerOf(layout), 100),
    async (layout) => rm(await layerOf(layout)),
    async (layout) => writeFile(join(layout, 'index.json'), ''),
    async (layout) => writeFile(join(layout, 'index.json'), '{"manifests":[{"digest":"sha256:00"}]}'),
    async (layout) => writeFile(join(layout, '../status'), statusOf('9')),
  ];
  for (const harm of breaks) {
    const kept = await stems.keep(GROUND, { tar, status: statusOf('1') }, t.signal);
    await harm(kept.layout);
    assert.equal(await stems.find(GROUND, kept.key, t.signal), undefined, harm.toString());
    assert.deepEqual(await readdir(folder), []);
  }
});

test('find() does not take a stem for broken because it was interrupted', async (t) => {
  const { stems, tar } = await scratch(t);
  const kept = await stems.keep(GROUND, { tar, status: statusOf('1') }, t.signal);
  await assert.rejects(stems.find(GROUND, kept.key, AbortSignal.abort()));
  assert.ok((await stems.find(GROUND, kept.key, t.signal)) !== undefined);
});
