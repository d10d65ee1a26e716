import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { AntlerError } from '../kit/errors.ts';
import { createProvider, placeOf, type ProvideOptions } from './provide.ts';
import type { Base, BuiltImage } from './types.ts';

const signal = new AbortController().signal;
const DAY = 86_400_000;

interface World {
  readonly provide: ReturnType<typeof createProvider>;
  /** What was pushed and pulled, in order. */
  readonly moved: string[];
  readonly said: string[];
  readonly lost: Set<string>;
  now: number;
  key: string;
  reachable: boolean;
}

async function world(t: TestContext): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'antler-provide-'));
  t.after(() => rm(folder, { recursive: true }));
  const moved: string[] = [];
  const base = (): Base => ({
    name: 'ci',
    spec: { packages: [], node: true, standsFor: ['ubuntu:latest'] },
    key: it.key,
    reference: 'localhost/ci',
    resolvedAt: 0,
    packages: {},
    bytes: 1,
  });
  const move: ProvideOptions['adopt'] = async ({ app, service, tag, image }): Promise<BuiltImage> => {
    if (!it.reachable && image !== 'localhost/ci') throw new AntlerError('images/pull-failed', 'Cannot copy it as nobody answers');
    moved.push(`${app}/${service}:${tag}`);
    return { repository: `r/${service}`, digest: `sha256:${moved.length}`, bytes: 1, stoodFor: [], ms: 1 };
  };
  const it: World = {
    moved,
    said: [],
    lost: new Set(),
    now: DAY,
    key: '0123456789abcdef',
    reachable: true,
    provide: createProvider({
      file: join(folder, 'provided.json'),
      clock: { now: () => it.now },
      ask: async () => it.reachable,
      bases: async () => [base()],
      ensureBase: async () => base(),
      inTurn: async (_what, _work, run) => run(),
      pushBase: move,
      adopt: move,
      verify: async ({ digest }) => {
        if (it.lost.has(digest)) throw new AntlerError('images/not-verified', 'Cannot verify it as it is gone');
      },
    }),
  };
  return it;
}

test('provide: a base is pushed once, again when it was made anew or the registry lost it', async (t) => {
  const it = await world(t);
  const ci = async (): Promise<string> => (await it.provide({ kind: 'base', base: 'ci' }, { signal })).digest;
  assert.deepEqual([await ci(), await ci()], ['sha256:1', 'sha256:1']);
  it.key = 'fedcba9876543210';
  assert.equal(await ci(), 'sha256:2');
  it.lost.add('sha256:2');
  assert.equal(await ci(), 'sha256:3');
  assert.deepEqual(it.moved, ['antler.jobs/base-ci:0123456789ab', 'antler.jobs/base-ci:fedcba987654', 'antler.jobs/base-ci:fedcba987654']);
});

test('provide: a public image is looked up once a day; where it cannot be, the copy serves on', async (t) => {
  const it = await world(t);
  const node = async (): Promise<string> =>
    (await it.provide({ kind: 'public', image: 'node:24' }, { signal, onLine: (line) => void it.said.push(line) })).digest;
  assert.deepEqual([await node(), await node()], ['sha256:1', 'sha256:1']);
  it.now += DAY + 1;
  assert.equal(await node(), 'sha256:2');
  it.now += DAY + 1;
  it.reachable = false;
  assert.equal(await node(), 'sha256:2');
  assert.match(it.said.at(-1) ?? '', /the copy of 1970-01-0\S+ is used/);
  it.lost.add('sha256:2');
  await assert.rejects(node(), { code: 'images/pull-failed' });
});

test('provide: a base stands for a public image only where its registry does not answer, and says so', async (t) => {
  const it = await world(t);
  const ubuntu = () => it.provide({ kind: 'public', image: 'ubuntu' }, { signal, onLine: (line) => void it.said.push(line) });
  assert.equal((await ubuntu()).base, undefined);
  it.reachable = false;
  assert.equal((await ubuntu()).base, 'ci');
  assert.ok(it.said.some((line) => line.includes('the base ci stands for it')));
});

test('placeOf: any public name has a place in our registry', () => {
  const table = [
    ['docker.io/library/node:24', 'docker.io/library/node', '24'],
    ['quay.io:443/a/b:1', 'quay.io-443/a/b', '1'],
    ['ghcr.io/a/b@sha256:abc', 'ghcr.io/a/b', 'sha256-abc'],
    ['ghcr.io/a/b:v1@sha256:abc', 'ghcr.io/a/b', 'sha256-abc'],
  ] as const;
  for (const [name, service, tag] of table) assert.deepEqual(placeOf(name), { service, tag });
});
