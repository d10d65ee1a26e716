import assert from 'node:assert/strict';
import { test } from 'node:test';

import { badgeOf } from './badge.ts';

test('badgeOf() names environment, release and a short commit', () => {
  assert.deepEqual(badgeOf({ environment: 'stg', release: 'r42', commit: '3f2a91c77d0123456789' }), {
    environment: 'staging',
    release: 'r42',
    commit: '3f2a91c',
    spoken: 'This page talks to staging, release r42',
  });
});

test('badgeOf() shortens a content hash as it does a commit, and keeps a name that it does not know', () => {
  const { environment, commit } = badgeOf({ environment: 'canary', release: 'r1', commit: 'content:sha256:abcdef0123' });
  assert.equal(environment, 'canary');
  assert.equal(commit, 'abcdef0');
});

test('badgeOf() claims no release where there is none', () => {
  assert.deepEqual(badgeOf({ environment: 'local', release: 'none', commit: 'none' }), {
    environment: 'local',
    release: '',
    commit: '',
    spoken: 'This page talks to local',
  });
});
