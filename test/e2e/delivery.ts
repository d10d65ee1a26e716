/** The commands that deliver, typed by a person: `up` without a workflow, `build`, `deploy`, `promote`, `approve`, one after the other and at once. */

import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Receipt, Release } from '../../src/contract/releases.ts';
import { podman } from '../kit/machine.ts';
import { CALL } from '../kit/sample.ts';
import { answering, approval, BACKEND, commit, file, git, it, releases, underLoad, url } from './shared.ts';

let up: { readonly release: string } = { release: '' };
test('up --yes without a workflow: three ports answer one release; registry, container and record agree on each digest', async () => {
  rmSync(file('.github'), { recursive: true });
  appendFileSync(file(BACKEND), '\n// first\n');
  await commit('no workflow');
  up = await it.json<typeof up>(['up', '--yes'], { timeoutMs: 600_000 });
  for (const port of [30008, 30009, 30010]) {
    const answer = await fetch(url(port));
    assert.equal(((await answer.json()) as { release: string }).release, up.release);
  }
  const release = (await releases()).find(({ id }) => id === up.release);
  assert.ok(release);
  assert.deepEqual([release.commit, release.dirty], [await git('rev-parse', 'HEAD'), false]);
  for (const [name, { digest, repository }] of Object.entries(release.services)) {
    const [registry = '', ...path] = repository.split('/');
    const manifest = await fetch(`http://${registry}/v2/${path.join('/')}/manifests/${digest}`, {
      method: 'HEAD',
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json' },
    });
    assert.equal(manifest.headers.get('docker-content-digest'), digest);
    const images = await podman(it, 'ps', '--filter', `label=antler.service=${name}`, '--format', '{{.Image}}');
    assert.deepEqual([...new Set(images.trim().split('\n'))], [`${repository}@${digest}`]);
  }
});

test('up again without a workflow: changes nothing', async () => {
  const containers = await podman(it, 'ps', '--format', '{{.ID}} {{.Names}}');
  assert.equal((await it.json<typeof up>(['up', '--yes'])).release, up.release);
  assert.equal(await podman(it, 'ps', '--format', '{{.ID}} {{.Names}}'), containers);
  assert.equal((await it.antler(['host', 'plan'])).code, 0);
});

let next = '';

test('deploy under load: nothing is lost, and the receipt says the same', async () => {
  const frontend = (await it.service('dev', 'frontend'))?.release;
  appendFileSync(file(BACKEND), '\n// second\n');
  next = (await it.json<Release>(['build'])).id;
  const result = await underLoad(30008, async () => {
    await sleep(500);
    await it.json(['deploy', 'dev']);
  });
  assert.deepEqual(result.lostBy, {});
  assert.equal(result.lost, 0);
  assert.ok(result.ok > 500, `${result.ok} requests`);
  const receipt = await it.json<Receipt>(['receipt', next, '--env', 'dev']);
  assert.equal(receipt.requests.lost, 0);
  assert.equal(receipt.requests.unseen, 0);
  assert.ok(receipt.requests.served > 100, `${receipt.requests.served} served`);
  assert.equal((await it.service('dev', 'frontend'))?.release, frontend, 'an unchanged service is skipped');
  assert.equal(await answering('dev'), next);
});

test('promote: what upstream has not verified is refused; an approval lets production go', async () => {
  const early = await it.antler(['deploy', 'prod', next, '--json']);
  assert.equal(early.code, 1);
  assert.match(early.stderr, /releases\/not-verified-upstream/);
  await it.json(['promote', 'stg']);
  const waiting = await it.antler(['promote', 'prod', '--no-wait', '--json']);
  assert.equal(waiting.code, 2);
  await it.json(['approve', await approval()]);
  await it.until(async () => (await answering('prod')) === next);
  const [answer] = (await it.json<Receipt>(['receipt', next, '--env', 'prod'])).approvals;
  assert.deepEqual([answer?.by, answer?.via], ['root', 'cli']);
});

test('two deploys at once: the second waits, and both end well', async () => {
  const [one, two] = await Promise.all([it.antler(['deploy', 'dev', up.release]), it.antler(['deploy', 'dev', next])]);
  assert.deepEqual([one.code, two.code], [0, 0], one.stderr + two.stderr);
  const running = await answering('dev');
  assert.ok(running === up.release || running === next);
});

test('one environment’s container calling another’s is refused on every path', async () => {
  const stg = (await podman(it, 'inspect', '--format', '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}', ...(await ids('stg'))))
    .trim()
    .split(/\s+/);
  const topology = JSON.parse(readFileSync(join(it.home, 'topology.json'), 'utf8')) as { environments: Record<string, { index: number }> };
  const block = stg[0]?.split('.')[1] ?? '';
  const virtual = [1, 2].map((n) => `10.${block}.${topology.environments['stg']?.index ?? 0}.${n}`);
  const gateway = `${(stg[0] ?? '').split('.').slice(0, 3).join('.')}.1`;
  const targets = [
    ...stg.map((address) => `${address}:5000`),
    ...virtual.flatMap((address) => [`${address}:5000`, `${address}:8080`]),
    `${gateway}:${it.port(30009)}`,
    `${virtual[0]}:${it.port(30009)}`,
  ];
  const { stdout } = await it.antler(['exec', 'dev', 'backend', '--', 'node', '-e', CALL, ...targets]);
  for (const target of targets) assert.match(stdout, new RegExp(`^${RegExp.escape(target)} (dropped|refused)$`, 'm'));
  const { stdout: own } = await it.antler(['exec', 'dev', 'backend', '--', 'node', '-e', CALL, 'backend:5000']);
  assert.match(own, /^backend:5000 OPEN$/m, 'its own environment answers');
});

async function ids(environment: string): Promise<readonly string[]> {
  return (await podman(it, 'ps', '-q', '--filter', `label=antler.environment=${environment}`)).trim().split('\n');
}
