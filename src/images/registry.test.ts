import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';

import { hasCode } from '../kit/errors.ts';
import { registryAlive, verifyImage } from './registry.ts';

const never = new AbortController().signal;
const sha = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const LAYER = 'layer bytes';
const CONFIG = '{}';
const MANIFEST = JSON.stringify({
  config: { digest: sha(CONFIG), size: CONFIG.length },
  layers: [{ digest: sha(LAYER), size: LAYER.length }],
});

/** Answers by path; what is absent is 404. */
async function serve(t: TestContext, paths: Readonly<Record<string, string>>): Promise<string> {
  const server = createServer((request, response) => {
    const body = paths[request.url ?? ''];
    response.writeHead(body === undefined ? 404 : 200, { 'content-length': Buffer.byteLength(body ?? '') });
    response.end(request.method === 'HEAD' ? '' : body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function paths(manifest: string, digest = sha(manifest)): Record<string, string> {
  return {
    '/v2/': '{}',
    [`/v2/a/b/manifests/${digest}`]: manifest,
    [`/v2/a/b/blobs/${sha(CONFIG)}`]: CONFIG,
    [`/v2/a/b/blobs/${sha(LAYER)}`]: LAYER,
  };
}

test('verifyImage() proves manifest and blobs, and sums their bytes', async (t) => {
  const host = await serve(t, paths(MANIFEST));
  assert.equal(await verifyImage({ repository: `${host}/a/b`, digest: sha(MANIFEST) }, never), CONFIG.length + LAYER.length);
  assert.equal(await registryAlive(host, never), true);
});

test('verifyImage() throws images/not-verified for whatever is missing or is something else', async (t) => {
  const wrong = sha('something else');
  const noLayer = paths(MANIFEST);
  delete noLayer[`/v2/a/b/blobs/${sha(LAYER)}`];
  const cases: readonly [Record<string, string>, string, RegExp][] = [
    [{ '/v2/': '{}' }, sha(MANIFEST), /answers 404 for its manifest/],
    [paths(MANIFEST, wrong), wrong, /its manifest is sha256/],
    [paths('{"manifests":[]}'), sha('{"manifests":[]}'), /not that of one image/],
    [noLayer, sha(MANIFEST), /answers 404 for its blob/],
    [{ ...paths(MANIFEST), [`/v2/a/b/blobs/${sha(LAYER)}`]: 'short' }, sha(MANIFEST), /has 5 bytes, not 11/],
  ];
  for (const [answers, digest, message] of cases) {
    const host = await serve(t, answers);
    await assert.rejects(verifyImage({ repository: `${host}/a/b`, digest }, never), (error) => {
      assert.ok(hasCode(error, 'images/not-verified'));
      assert.match(String(error), message);
      return true;
    });
  }
});

test('verifyImage() throws images/registry-unreachable where nothing answers', async () => {
  const repository = '127.0.0.1:1/a/b';
  await assert.rejects(verifyImage({ repository, digest: sha('') }, never), (error) => hasCode(error, 'images/registry-unreachable'));
  assert.equal(await registryAlive('127.0.0.1:1', never), false);
});
