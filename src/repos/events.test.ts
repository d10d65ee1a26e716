/** toPushEvent(), toPullRequestEvent(): what a workflow reads in `github.event`, in GitHub's words. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { toPullRequestEvent, toPushEvent, type EventPlace } from './events.ts';
import { eventsOf } from './facts.ts';
import { ZERO } from './names.ts';
import type { CommitInfo, Repository } from './types.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const PLACE: EventPlace = { actor: 'ann', repository: 'antler/shop', serverUrl: 'http://antler.localhost', defaultBranch: 'main' };
const PERSON = { name: 'Ann “A”', email: 'ann@example.org' };
const COMMIT: CommitInfo = {
  sha: B,
  tree: 't',
  message: 'Fix $(id) "it"\n\nBecause 🫎',
  author: PERSON,
  committer: PERSON,
  timestamp: '2026-11-27T03:00:00+00:00',
};

test('toPushEvent: a branch that moved, a new one and a deleted one, with GitHub’s zeros and flags', () => {
  const facts = { sha: B, commits: [COMMIT], head: COMMIT, changed: ['a b', 'c'] };
  const moved = toPushEvent({ ...facts, update: { ref: 'refs/heads/main', before: A, after: B, forced: true } }, PLACE);
  assert.deepEqual([moved.name, moved.ref, moved.sha, moved.actor, moved.changed], ['push', 'refs/heads/main', B, 'ann', ['a b', 'c']]);
  const { payload } = moved;
  assert.deepEqual(
    [payload['before'], payload['after'], payload['created'], payload['deleted'], payload['forced']],
    [A, B, false, false, true],
  );
  assert.equal(payload['compare'], `http://antler.localhost/antler/shop/compare/${A.slice(0, 12)}...${B.slice(0, 12)}`);
  const head = payload['head_commit'] as Record<string, unknown>;
  assert.deepEqual(
    [head['id'], head['tree_id'], head['message'], head['author'], head['timestamp'], head['distinct']],
    [B, 't', COMMIT.message, PERSON, COMMIT.timestamp, true],
  );
  assert.deepEqual([payload['commits'], payload['pusher']], [[head], { name: 'ann' }]);
  const { full_name, name, owner, default_branch } = payload['repository'] as Record<string, unknown>;
  assert.deepEqual(
    [full_name, name, owner, default_branch],
    ['antler/shop', 'shop', { login: 'antler', type: 'User', name: 'antler' }, 'main'],
  );

  const created = toPushEvent(
    { ...facts, changed: undefined, update: { ref: 'refs/tags/v1', before: undefined, after: B, forced: false } },
    PLACE,
  );
  assert.deepEqual([created.payload['before'], created.payload['created'], 'changed' in created], [ZERO, true, false]);
  const gone = { sha: ZERO, commits: [], head: undefined, changed: undefined };
  const deleted = toPushEvent({ ...gone, update: { ref: 'refs/heads/old', before: A, after: undefined, forced: false } }, PLACE).payload;
  assert.deepEqual([deleted['after'], deleted['deleted'], deleted['head_commit'], deleted['commits']], [ZERO, true, null, []]);
});

test('toPullRequestEvent: opened and new commits, both sides, the title and body of its last commit', () => {
  const pull = { number: 3, base: 'main', topic: 'fix/x', sha: B, opened: true };
  const facts = { baseSha: A, commits: [COMMIT], head: COMMIT, changed: ['a'] };
  const opened = toPullRequestEvent({ ...facts, pull, before: undefined }, PLACE);
  assert.deepEqual(
    [opened.name, opened.ref, opened.sha, opened.baseRef, opened.headRef, opened.changed],
    ['pull_request', 'refs/pull/3/head', B, 'main', 'fix/x', ['a']],
  );
  assert.deepEqual([opened.payload['action'], opened.payload['number'], 'before' in opened.payload], ['opened', 3, false]);
  const request = opened.payload['pull_request'] as Record<string, Record<string, unknown>>;
  assert.deepEqual(
    [request['title'], request['body'], request['commits'], request['changed_files']],
    ['Fix $(id) "it"', 'Because 🫎', 1, 1],
  );
  assert.deepEqual(
    [request['head']?.['ref'], request['head']?.['sha'], request['base']?.['ref'], request['base']?.['sha']],
    ['fix/x', B, 'main', A],
  );
  const moved = toPullRequestEvent({ ...facts, pull: { ...pull, opened: false }, before: A }, PLACE).payload;
  assert.deepEqual([moved['action'], moved['before'], moved['after']], ['synchronize', A, B]);
});

test('eventsOf: one for each branch, tag and pull request that has a commit; what was deleted or is none starts nothing', async () => {
  const repository = {
    defaultBranch: async () => 'main',
    resolve: async (name: string) => (name === A ? A : B),
    commits: async () => [COMMIT],
    changed: async ({ mergeBase }: { readonly mergeBase: boolean }) => [mergeBase ? 'pull' : 'push'],
  } as unknown as Repository;
  const update = (ref: string, after: string | undefined) => ({ ref, before: A, after, forced: false });
  const updates = [
    update('refs/heads/main', B),
    update('refs/heads/gone', undefined),
    update('refs/tags/v1', B),
    update('refs/notes/commits', B),
    update('refs/pull/3/head', B),
  ];
  const pullRequests = [{ number: 3, base: 'main', topic: 'x', sha: B, opened: false }];
  const { defaultBranch: _, ...place } = PLACE;
  const events = await eventsOf(repository, { updates, pullRequests }, { ...place, signal: new AbortController().signal });
  assert.deepEqual(
    events.map(({ name, ref, changed }) => [name, ref, changed]),
    [
      ['push', 'refs/heads/main', ['push']],
      ['push', 'refs/tags/v1', undefined],
      ['pull_request', 'refs/pull/3/head', ['pull']],
    ],
  );
});
