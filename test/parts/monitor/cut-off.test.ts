/** A machine without a network: that is our fault, not that of what we look at. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

import { exec } from '../../../src/kit/exec.ts';

const signal = AbortSignal.timeout(30_000);
/** A resolver on loopback that is not there, and no way out. */
const CUT_OFF = 'ip link set lo up && mount --bind "$1" /etc/resolv.conf && exec "$2" "$3"';

test('monitor: no resolver and no route make nothing bad: every look outside is our own fault, and says why', async (t) => {
  const folder = await mkdtemp('/var/tmp/antler-cut-off-');
  t.after(async () => rm(folder, { recursive: true }));
  const resolvers = join(folder, 'resolv.conf');
  await writeFile(resolvers, 'nameserver 127.0.0.1\n');
  const script = join(import.meta.dirname, 'cut-off.ts');
  const { stdout } = await exec(['unshare', '--mount', '--net', 'sh', '-c', CUT_OFF, 'sh', resolvers, process.execPath, script], {
    signal,
  });
  const seen = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  const dead = 'the resolver does not answer';
  assert.deepEqual(seen, [
    ['by name', 'own', dead],
    ['by address', 'own', 'no route'],
    ['port', 'own', dead],
    ['certificate', 'own', dead],
    ['record', 'own', dead],
  ]);
});
