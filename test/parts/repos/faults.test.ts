/** Pushes that go wrong: the pusher is gone, the daemon is gone, the disk is full, the repository is damaged. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

import { hasCode } from '../../../src/kit/errors.ts';
import type { Pushed } from '../../../src/repos/types.ts';
import { createHouse, PERSON, run } from './fixture.ts';

test('receive: a push that git finished counts, although the pusher left before hearing of it', async (t) => {
  const recorded: Pushed[] = [];
  const house = await createHouse(t, { record: async (pushed) => void recorded.push(pushed) });
  const sha = await house.person.commit('one', { big: randomBytes(200_000).toString('hex') });
  const [push = '', pack = '', path = ''] = house.way;
  const { code } = await house.person.tryGit(push, `${pack} leave`, path, 'main');
  assert.notEqual(code, 0, 'the pusher heard nothing');
  await until(() => house.pushed.length === 1);
  assert.deepEqual(recorded, house.pushed);
  assert.deepEqual(house.pushed[0]?.updates, [{ ref: 'refs/heads/main', before: undefined, after: sha, forced: false }]);
});

test('receive: a push whose pusher is gone in the middle of the pack moves nothing, and the next one works', async (t) => {
  const house = await createHouse(t);
  await house.person.commit('one', { big: randomBytes(8_000_000).toString('hex') });
  const [push = '', pack = '', path = ''] = house.way;
  assert.notEqual((await house.person.tryGit(push, `${pack} cut`, path, 'main')).code, 0);
  await until(() => house.pushed.length + house.failures.length === 1);
  assert.deepEqual(
    house.pushed.flatMap(({ updates }) => updates),
    [],
  );
  await assert.rejects(house.repository.resolve('main', house.signal), (error) => hasCode(error, 'repos/unknown-ref'));
  assert.equal((await house.push('main')).code, 0);
});

test('recover: a push that was not recorded as the daemon was killed is told of again, once', async (t) => {
  const house = await createHouse(t, {
    record: async () => {
      throw new Error('killed here');
    },
  });
  const sha = await house.person.commit('one');
  await house.push('main');
  const seen: unknown[] = [];
  const record = async (pushed: Pushed, actor: string): Promise<void> => void seen.push([actor, pushed.updates[0]?.after]);
  await house.repository.recover(record, house.signal);
  await house.repository.recover(record, house.signal);
  assert.deepEqual(seen, [['ada', sha]]);
});

test('receive: two pushes to one branch at once: one wins, the other is told by git; two branches: both', async (t) => {
  const house = await createHouse(t);
  await house.person.commit('one');
  await house.push('main');
  await house.person.git('switch', '--quiet', '--create', 'a');
  await house.person.commit('a');
  await house.person.git('switch', '--quiet', '--create', 'b', 'main');
  await house.person.commit('b');
  const same = await Promise.all(['a', 'b'].map(async (name) => house.person.tryGit(...house.way, `${name}:main`)));
  assert.deepEqual(
    same.map(({ code }) => code).sort((x, y) => x - y),
    [0, 1],
  );
  assert.match(same.find(({ code }) => code === 1)?.stderr ?? '', /rejected/);
  const both = await Promise.all(['a', 'b'].map(async (name) => house.person.tryGit(...house.way, `${name}:refs/heads/${name}`)));
  assert.deepEqual(
    both.map(({ code }) => code),
    [0, 0],
  );
});

test('receive: a full disk fails the push with clear words, leaves refs as they were, and the next push works', async (t) => {
  const root = mkdtempSync('/var/tmp/antler-full-');
  const small = join(root, 'repos');
  mkdirSync(small);
  const mounted = await run(['mount', '-t', 'tmpfs', '-o', 'size=6m', 'antler-test', small]);
  if (mounted.code !== 0) return t.skip(`cannot mount here: ${mounted.stderr}`);
  t.after(async () => {
    await run(['umount', '--lazy', small]);
    rmSync(root, { recursive: true, force: true });
  });
  const house = await createHouse(t, { root });
  const one = await house.person.commit('one');
  assert.equal((await house.push('main')).code, 0);
  await house.person.commit('huge', { huge: randomBytes(6_000_000).toString('hex') });
  const { code, stderr } = await house.push('main');
  assert.equal(code, 1);
  assert.match(stderr, /No space left on device/);
  assert.match(house.said(), /the disk of the machine is full, so nothing was taken/);
  assert.equal(await house.repository.resolve('main', house.signal), one);
  await house.person.git('reset', '--quiet', '--hard', one);
  const two = await house.person.commit('small');
  assert.equal((await house.push('main')).code, 0);
  assert.equal(await house.repository.resolve('main', house.signal), two);
});

test('repos/damaged: a pack that was cut is found, up remakes the repository, the next push brings all back', async (t) => {
  const house = await createHouse(t);
  const sha = await house.person.commit('one', { '.github/workflows/ci.yml': randomBytes(50_000).toString('hex') });
  await house.push('main');
  const pack = packsOf(house.repository.path)[0] ?? '';
  truncateSync(pack, Math.floor(statSync(pack).size / 2));
  const damaged = (error: unknown): boolean => hasCode(error, 'repos/damaged');
  await assert.rejects(house.repository.read(sha, '.github/workflows', house.signal), damaged);
  const checkout = { directory: join(house.root, 'w'), sha, ref: undefined, depth: 1, tags: false };
  await assert.rejects(house.repository.checkout(checkout, house.signal), damaged);
  await house.repository.ensure(house.signal);
  assert.equal((await house.push('main')).code, 0);
  assert.equal((await house.repository.read(sha, '.github/workflows', house.signal)).length, 1);
  assert.ok(existsSync(`${house.repository.path}.damaged`), 'the damaged one is kept');
});

test('repos/damaged: a ref that a lost power emptied; what is whole comes over, numbers of pull requests too', async (t) => {
  const house = await createHouse(t);
  const sha = await house.person.commit('one');
  await house.push('main', 'main:other');
  await house.person.commit('two');
  await house.push('HEAD:refs/for/main/topic');
  writeFileSync(join(house.repository.path, 'refs/heads/main'), '');
  await assert.rejects(house.repository.resolve('main', house.signal), (error) => hasCode(error, 'repos/damaged'));
  await house.repository.ensure(house.signal);
  assert.equal(await house.repository.resolve('other', house.signal), sha);
  assert.equal((await house.push(`${sha}:refs/heads/main`)).code, 0);
  await house.person.commit('three');
  await house.push('HEAD:refs/for/main/topic');
  assert.deepEqual(
    house.pushed.at(-1)?.pullRequests.map(({ number, opened }) => [number, opened]),
    [[1, false]],
  );
});

test('repos/damaged: a folder that is no repository any more', async (t) => {
  const house = await createHouse(t);
  await house.person.commit('one');
  await house.push('main');
  rmSync(join(house.repository.path, 'HEAD'));
  assert.notEqual((await house.push('main:b')).code, 0);
  assert.ok(hasCode(house.failures[0], 'repos/damaged'), String(house.failures[0]));
  await house.repository.ensure(house.signal);
  assert.equal((await house.push('main')).code, 0);
});

test('ensure: again changes nothing; takes away what a killed push left and settings that somebody changed', async (t) => {
  const house = await createHouse(t);
  await house.person.commit('one');
  await house.push('main');
  const left = join(house.repository.path, 'objects', 'tmp_objdir-incoming-abc');
  mkdirSync(left);
  writeFileSync(join(house.repository.path, 'config'), '[core]\n\tbare = true\n\thooksPath = /tmp\n');
  await house.repository.ensure(house.signal);
  assert.equal(existsSync(left), false);
  assert.equal((await run(['git', '--git-dir', house.repository.path, 'config', 'receive.fsckObjects'], { env: PERSON })).stdout, 'true\n');
  const before = statSync(join(house.repository.path, 'config')).ino;
  await house.repository.ensure(house.signal);
  assert.equal(statSync(join(house.repository.path, 'config')).ino, before);
});

test('receive: nothing of the daemon’s environment or the machine’s settings counts for git', async (t) => {
  const root = mkdtempSync('/var/tmp/antler-env-');
  const marker = join(root, 'pwned');
  writeFileSync(
    join(root, '.gitconfig'),
    `[core]\n\tfsmonitor = touch ${marker}\n[receive]\n\tdenyCurrentBranch = refuse\n[transfer]\n\tfsckObjects = false\n`,
  );
  const kept = { HOME: process.env['HOME'], GIT_DIR: process.env['GIT_DIR'], GIT_CONFIG_COUNT: process.env['GIT_CONFIG_COUNT'] };
  Object.assign(process.env, { HOME: root, GIT_DIR: '/nowhere', GIT_CONFIG_COUNT: 'x' });
  t.after(() => {
    for (const [name, value] of Object.entries(kept)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(root, { recursive: true });
  });
  const house = await createHouse(t);
  await house.person.commit('one');
  const { code, stderr } = await house.push('main');
  assert.equal(code, 0, stderr);
  assert.equal(existsSync(marker), false);
});

test('receive: an object that is evil is refused before it counts', async (t) => {
  const house = await createHouse(t);
  await house.person.commit('one');
  const blob = await house.person.git('hash-object', '-w', '.git/HEAD');
  writeFileSync(join(house.person.folder, 'tree'), `100644 blob ${blob}\t.git\n`);
  const tree = await run(['sh', '-c', 'git mktree <tree'], { cwd: house.person.folder });
  const evil = await house.person.git('commit-tree', '-m', 'evil', tree.stdout.trim());
  const { code, stderr } = await house.push(`${evil}:refs/heads/evil`);
  assert.equal(code, 1);
  assert.match(stderr, /hasDotgit/);
  assert.deepEqual(house.pushed[0]?.updates, []);
});

function packsOf(path: string): string[] {
  const folder = join(path, 'objects/pack');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.pack'))
    .map((name) => join(folder, name));
}

async function until(look: () => boolean): Promise<void> {
  for (let waited = 0; waited < 1000; waited++) {
    if (look()) return;
    await new Promise((go) => setTimeout(go, 10));
  }
  assert.fail('waited too long');
}
