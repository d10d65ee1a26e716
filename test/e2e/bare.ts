/** The first minutes of an instance: interrupted, begun again, and once more with nothing to do. */

import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import type { RunSummary } from '../../src/contract/runs.ts';
import { ROOT } from '../kit/instance.ts';
import { heard, podman } from '../kit/machine.ts';
import { commit, file, git, it, releases, url } from './shared.ts';

const runs = async (): Promise<readonly RunSummary[]> => (await it.json<{ runs: RunSummary[] }>(['runs'])).runs;

test('up interrupted by Ctrl-C in its first build ends with 130', async () => {
  const up = it.start(['up', '--yes', '--json']);
  await heard(up, 'build/backend');
  up.kill('SIGINT');
  await new Promise((done) => up.on('close', done));
  assert.equal(up.exitCode, 130);
});

test('up --yes in a checkout with a workflow: pushes, follows the run, and three ports answer its release', async () => {
  cpSync(join(ROOT, '.github'), file('.github'), { recursive: true });
  await commit('its workflow');
  const up = await it.antler(['up', '--yes'], { timeoutMs: 900_000 });
  assert.equal(up.code, 0, up.stdout + up.stderr);
  for (const port of [30008, 30009, 30010]) {
    assert.equal((await fetch(url(port))).headers.get('x-release'), 'r1');
  }
  const [first, ...more] = await runs();
  assert.deepEqual([first?.conclusion, first?.release, first?.event, more.length], ['success', 'r1', 'push', 0]);
  const built = await releases();
  assert.deepEqual([built.length, built[0]?.commit, built[0]?.dirty], [1, await git('rev-parse', 'HEAD'), false]);
  assert.equal(await git('remote'), 'antler');
});

test('up again: changes nothing', async () => {
  const containers = await podman(it, 'ps', '--format', '{{.ID}} {{.Names}}');
  const up = await it.antler(['up', '--yes']);
  assert.equal(up.code, 0, up.stdout + up.stderr);
  assert.equal(await podman(it, 'ps', '--format', '{{.ID}} {{.Names}}'), containers);
  assert.equal((await runs()).length, 1);
});
