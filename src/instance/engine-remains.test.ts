import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { mountsBelow, removeAddressNotes, removeEngineRemains } from './engine-remains.ts';

async function rootWith(t: TestContext, files: readonly string[]): Promise<string> {
  const root = await mkdtemp('/var/tmp/antler-remains-');
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const file of files) {
    await mkdir(join(root, file, '..'), { recursive: true });
    await writeFile(join(root, file), '');
  }
  return root;
}

test('removeAddressNotes() takes the instance’s networks and nobody else’s', async (t) => {
  const notes = [
    'antler-0a1b2c3d-dev/lock',
    'antler-0a1b2c3d.build/lock',
    'antler-0a1b2c3e-dev/lock',
    'antler-0a1b2c3dx/lock',
    'podman/lock',
  ];
  const root = await rootWith(
    t,
    notes.map((path) => `var/lib/cni/networks/${path}`),
  );
  await removeAddressNotes('0a1b2c3d', root);
  assert.deepEqual((await readdir(join(root, 'var/lib/cni/networks'))).sort(), ['antler-0a1b2c3dx', 'antler-0a1b2c3e-dev', 'podman']);
  await removeAddressNotes('0a1b2c3d', join(root, 'not-there'));
});

test('removeEngineRemains() leaves nothing of an engine that has gone', async (t) => {
  const root = await rootWith(t, [
    'var/lib/containers/storage/libpod/bolt_state.db',
    'var/lib/containers/cache/blob-info',
    'var/lib/cni/networks/podman/lock',
    'etc/cni/net.d/cni.lock',
    'var/lib/dpkg/status',
  ]);
  await mkdir(join(root, 'etc/containers/networks'), { recursive: true });
  await removeEngineRemains(t.signal, root);
  assert.deepEqual([await readdir(join(root, 'var/lib')), await readdir(join(root, 'etc'))], [['dpkg'], []]);
  await removeEngineRemains(t.signal, root); // again is harmless
});

test('removeEngineRemains() leaves an engine that is there alone, and what somebody else put beside its folders', async (t) => {
  const stays = await rootWith(t, ['usr/bin/podman', 'var/lib/containers/storage/storage.lock']);
  await removeEngineRemains(t.signal, stays);
  assert.ok(existsSync(join(stays, 'var/lib/containers/storage/storage.lock')));
  const mine = [
    'etc/containers/networks/mine.json',
    'etc/containers/registries.conf',
    'var/lib/cni/networks/mine/10.0.0.2',
    'var/lib/containers/sigstore/a',
  ];
  const root = await rootWith(t, [...mine, 'var/lib/cni/networks/podman/10.88.0.2']);
  await removeEngineRemains(t.signal, root);
  for (const path of [...mine, 'var/lib/cni/networks/podman/10.88.0.2']) assert.ok(existsSync(join(root, path)), path);
});

test('mountsBelow() gives the deepest first, and none beside the folder', () => {
  const mountinfo = [
    '48 27 254:0 /var/lib/containers/storage/overlay /var/lib/containers/storage/overlay rw - ext4 /dev/vda rw',
    '49 48 0:206 / /var/lib/containers/storage/overlay/db91/merged rw - overlay overlay rw',
    '50 27 0:30 / /var/lib/containers/storage-of-others rw - tmpfs tmpfs rw',
    '',
  ].join('\n');
  const overlay = '/var/lib/containers/storage/overlay';
  assert.deepEqual(mountsBelow(mountinfo, '/var/lib/containers/storage'), [`${overlay}/db91/merged`, overlay]);
});
