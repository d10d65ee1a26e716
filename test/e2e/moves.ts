/** How releases move besides forward: back, on hold, refused, over a version that will not stop, and with a volume that only one may write to. */

import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import type { LogEvent } from '../../src/contract/events.ts';
import type { Diff, Receipt, Release } from '../../src/contract/releases.ts';
import { podman } from '../kit/machine.ts';
import { CONFIG } from '../kit/sample.ts';
import { answering, BACKEND, change, file, it, releases, underLoad, url } from './shared.ts';

const containers = async (): Promise<string> =>
  podman(it, 'ps', '--filter', 'label=antler.environment=dev', '--filter', 'label=antler.service=backend', '--format', '{{.Names}}');
const backendOf = async (id: string): Promise<string> =>
  (await releases()).find((each) => each.id === id)?.services['backend']?.digest ?? assert.fail(`no ${id}`);
const refused = async (args: readonly string[]): Promise<{ readonly code: string; readonly hint: string }> => {
  const { code, stderr } = await it.antler([...args, '--json']);
  assert.equal(code, 1, stderr);
  return (JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as { error: { code: string; hint: string } }).error;
};

/** A change of the back end's source as a release; the source is as before afterwards. */
async function released(from: string | RegExp, to: string): Promise<Release> {
  const source = change(BACKEND, from, to);
  try {
    return await it.json<Release>(['build']);
  } finally {
    writeFileSync(file(BACKEND), source);
  }
}

test('rollback dev, hold, hold --lift, diff, and logs -f over all of it', async (t) => {
  const before = (await answering('dev')) ?? assert.fail('dev has no release');
  const next = await released(/$/, '\n// rolled back\n');
  assert.deepEqual([next.dirty, /^content:[0-9a-f]{64}$/.test(next.commit)], [true, true], next.commit);
  await it.json(['deploy', 'dev', next.id]);
  const following = it.start(['logs', 'dev', 'backend', '-f', '--json']);
  t.after(() => following.kill('SIGINT'));
  const heard: LogEvent[] = [];
  let rest = '';
  following.stdout?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    heard.push(...lines.map((line) => JSON.parse(line) as LogEvent));
  });
  await it.until(async () => heard.some(({ release }) => release === next.id), 'the log of what runs');

  const differs = await it.antler(['diff', 'dev', 'stg', '--json']);
  assert.equal(differs.code, 2, differs.stderr);
  const { a, b, same, services } = JSON.parse(differs.stdout) as Diff;
  const stg = (await it.status()).environments.find(({ name }) => name === 'stg')?.release ?? '';
  assert.deepEqual([a.release, b.release, same], [next.id, stg, false]);
  const backend = services.find(({ service }) => service === 'backend');
  assert.deepEqual([backend?.a, backend?.b], [await backendOf(next.id), await backendOf(stg)]);
  assert.equal((await it.antler(['diff', 'dev', 'dev'])).code, 0);

  const { lostBy, losses } = await underLoad(30008, async () => it.json(['rollback', 'dev']));
  assert.deepEqual(lostBy, {}, JSON.stringify(losses));
  assert.equal(await answering('dev'), before);
  const back = await it.json<Receipt>(['receipt', before, '--env', 'dev']);
  assert.deepEqual([back.kind, back.from, back.verdict, back.requests.lost], ['rollback', next.id, 'verified', 0]);
  await it.until(
    async () => heard.some(({ release, text }) => release === before && text.includes('on port')),
    'the log of what came while we followed',
  );
  assert.ok(heard.some(({ release, text }) => release === next.id && text.includes('all answered')));

  const held = (await it.status()).environments.find(({ name }) => name === 'dev')?.hold;
  assert.match(held?.reason ?? '', new RegExp(`rolled back from ${next.id} to ${before}`));
  const { code, hint } = await refused(['deploy', 'dev', next.id]);
  assert.deepEqual([code, hint], ['releases/held', 'Type `antler hold dev --lift`']);
  await it.json(['hold', 'dev', '--lift']);
  await it.json(['hold', 'dev', '--reason', 'a show']);
  assert.equal((await refused(['deploy', 'dev', next.id])).code, 'releases/held');
  assert.equal(await answering('dev'), before);
  await it.json(['hold', 'dev', '--lift']);
  await it.json(['deploy', 'dev', next.id]);
  assert.equal(await answering('dev'), next.id);
});

test('promote stg of a digest that the registry has lost is refused with what to type, and stg serves on', async () => {
  const release = (await answering('dev')) ?? assert.fail('dev has no release');
  const serves = await answering('stg');
  assert.notEqual(release, serves);
  const digest = await backendOf(release);
  const revisions = join(it.home, 'registry/data/docker/registry/v2/repositories/moose-facts/backend/_manifests/revisions/sha256');
  const [manifest, aside] = [join(revisions, digest.slice(7)), join(it.home, 'aside')];
  renameSync(manifest, aside);
  try {
    const { code, hint } = await refused(['promote', 'stg']);
    assert.deepEqual([code, hint], ['images/not-verified', 'Type `antler build` to make a new release']);
    assert.equal(await answering('stg'), serves);
    assert.equal((await fetch(url(30009))).status, 200);
  } finally {
    renameSync(aside, manifest);
  }
  await it.json(['promote', 'stg']);
  assert.equal(await answering('stg'), release);
});

test('a version that ignores SIGTERM is drained, killed after its grace, and no request is lost', async () => {
  const before = (await answering('dev')) ?? assert.fail('dev has no release');
  const stays = await released("['SIGTERM', 'SIGINT']", "['SIGINT']");
  await it.json(['deploy', 'dev', stays.id]);
  const { lostBy } = await underLoad(30008, async () => it.json(['deploy', 'dev', before]));
  assert.deepEqual(lostBy, {});
  const { verdict, requests, steps } = await it.json<Receipt>(['receipt', before, '--env', 'dev']);
  assert.deepEqual([verdict, requests.lost, requests.cut, requests.unseen], ['verified', 0, 0, 0]);
  assert.ok((steps.find(({ step }) => step === 'dev/retire')?.ms ?? 0) >= 2000, 'it was given its grace of 2 s');
  assert.doesNotMatch(await containers(), new RegExp(`-${stays.id}-`));
  assert.equal(await answering('dev'), before);
});

test('a service with a volume stops first and starts then: requests wait in the edge, none is lost, the next release reads what the last one wrote', async (t) => {
  const before = (await answering('dev')) ?? assert.fail('dev has no release');
  const writes = `
import { appendFileSync, readFileSync } from 'node:fs';
appendFileSync('/data/starts', identity.release + ' ');
say('starts: ' + readFileSync('/data/starts', 'utf8'));
`;
  t.after(() => writeFileSync(file('antler.config.ts'), CONFIG));
  writeFileSync(file('antler.config.ts'), CONFIG.replace('hardened: true, env: {}', "hardened: true, volumes: { data: '/data' }, env: {}"));
  const one = await released(/$/, writes);
  const two = await released(/$/, `${writes}// two\n`);
  writeFileSync(file('antler.config.ts'), CONFIG);
  await it.json(['build']); // the config of today has no volume: what a release needs of the edge is the release's
  await it.json(['deploy', 'dev', one.id]);
  const { lostBy, ok } = await underLoad(30008, async () => it.json(['deploy', 'dev', two.id]));
  assert.deepEqual(lostBy, {});
  assert.ok(ok > 20, `${ok} requests`);
  const { verdict, requests } = await it.json<Receipt>(['receipt', two.id, '--env', 'dev']);
  assert.deepEqual([verdict, requests.lost, requests.cut, requests.unseen], ['verified', 0, 0, 0]);
  const { stdout } = await it.antler(['logs', 'dev', 'backend']);
  assert.match(stdout, new RegExp(`starts: .*${one.id} ${two.id} $`, 'm'));
  await it.json(['deploy', 'dev', before]);
  assert.equal(await answering('dev'), before);
});
