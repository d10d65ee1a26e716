import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { apiSocketOf } from '../contract/routes.ts';
import { askHealth } from './health.ts';

test('askHealth(): a daemon that answers late is there for who waits, and not for who will ask again', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'antler-health-'));
  const server = createServer((_, response) => setTimeout(() => response.end('{"pid":7}'), 300));
  t.after(async () => {
    server.close();
    await rm(home, { recursive: true, force: true });
  });
  await mkdir(dirname(apiSocketOf(home)), { recursive: true });
  await once(server.listen(apiSocketOf(home)), 'listening');
  assert.equal(await askHealth(home, t.signal, 50), undefined);
  assert.equal((await askHealth(home, t.signal, 5000))?.pid, 7);
});
