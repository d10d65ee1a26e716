/** What a release says of where it came from. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Images } from '../images/types.ts';
import { systemClock } from '../kit/clock.ts';
import { AntlerError, hasCode } from '../kit/errors.ts';
import { openPlatform } from '../store/store.ts';
import { buildRelease, type BuildInput } from './build.ts';
import { app, digest, environment, service } from './fixtures.ts';

const SPEC = app([service('web', { expose: true })], [environment('dev')]);
const COMMIT = 'c0ffee0000000000000000000000000000000000';

/** A folder whose content is one letter. */
function bench(images: Partial<Pick<Images, 'build'>> = {}) {
  const store = openPlatform(':memory:');
  const revisions: (string | undefined)[] = [];
  let content = 'a';
  const fake: Pick<Images, 'bases' | 'recipe' | 'build' | 'verify'> = {
    bases: async () => [],
    recipe: async () => content,
    async build({ app: name, service: of, labels }) {
      revisions.push(labels['org.opencontainers.image.revision']);
      return { repository: `127.0.0.1:1/${name}/${of}`, digest: digest(content), bytes: 1, ms: 1, stoodFor: [] };
    },
    verify: async () => undefined,
    ...images,
  };
  const work = {
    store,
    images: fake as Images,
    engine: { pull: async () => undefined },
    clock: systemClock,
    report: () => undefined,
    signal: new AbortController().signal,
  };
  return {
    store,
    revisions,
    holds: (letter: string) => void (content = letter),
    build: async (source: BuildInput['source']) => buildRelease(work, { spec: SPEC, directory: '/', source, actor: 'ann' }),
  };
}

test('build of a clean tree: the release is of its commit, and not marked', async () => {
  const { build, revisions } = bench();
  const release = await build({ commit: COMMIT, dirty: false });
  assert.deepEqual([release.commit, release.dirty, revisions], [COMMIT, false, [COMMIT]]);
});

test('build of a dirty tree, or of no checkout: marked, and named by its content, never by the commit that it is not', async () => {
  for (const commit of [COMMIT, undefined]) {
    const { build, revisions, holds } = bench();
    const clean = await build({ commit: COMMIT, dirty: false });
    holds('b');
    const dirty = await build({ commit, dirty: true });
    assert.match(dirty.commit, /^content:[0-9a-f]{64}$/);
    assert.deepEqual([dirty.dirty, dirty.number], [true, clean.number + 1]);
    assert.deepEqual(revisions, [COMMIT, dirty.commit], 'the image says the same');
    assert.equal((await build({ commit, dirty: true })).number, dirty.number, 'the same content is the same release');
    holds('c');
    const other = await build({ commit, dirty: true });
    assert.ok(other.dirty && other.commit !== dirty.commit && other.number > dirty.number, other.commit);
  }
});

test('build of a dirty tree is another release than the commit with the same content: only one of them is what it says', async () => {
  const { build } = bench();
  const clean = await build({ commit: COMMIT, dirty: false });
  const dirty = await build({ commit: COMMIT, dirty: true });
  assert.notEqual(dirty.number, clean.number);
  assert.deepEqual(
    dirty.services.map((each) => [each.digest, each.built]),
    [[digest('a'), false]],
    'with the same image',
  );
});

test('build that the registry does not take records nothing', async () => {
  const refuse = async (): Promise<never> => {
    throw new AntlerError('images/push-failed', 'Cannot push web as the registry stopped answering');
  };
  const { build, store } = bench({ build: refuse });
  await assert.rejects(build({ commit: COMMIT, dirty: false }), (error) => hasCode(error, 'images/push-failed'));
  assert.deepEqual(store.releases.list(), []);
});
