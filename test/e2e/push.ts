/** `git push` delivers: the sample's own workflow, and everything that may go wrong on the way. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';

import type { Receipt } from '../../src/contract/releases.ts';
import type { Run, RunSummary } from '../../src/contract/runs.ts';
import { kill, pidsOf, podman } from '../kit/machine.ts';
import { answering, approval, BACKEND, change, commit, file, it, push, secret, underLoad, url } from './shared.ts';

const WORKFLOW = '.github/workflows/delivery.yml';

const facts = async (port: number): Promise<string> => (await fetch(url(port, '/api/facts'))).text();
const runs = async (): Promise<readonly RunSummary[]> => (await it.json<{ runs: RunSummary[] }>(['runs'])).runs;

test('git push antler main: new facts in dev and stg, in prod after an approval; the newest push counts, nothing is lost, digests are equal', async () => {
  const FACTS = 'apps/moose-facts/backend/src/facts.ts';
  change(FACTS, /text: '/, "text: 'Pushed: ");
  await commit('a new fact\n\n"quotes" $(reboot) `id` ; emoji 🫎');
  let approvedAt = 0;
  const { lost, ok } = await underLoad(30010, async () => {
    const first = push('antler', 'main');
    const stale = await approval();
    assert.match(await facts(30008), /Pushed: /);
    assert.match(await facts(30009), /Pushed: /);
    assert.doesNotMatch(await facts(30010), /Pushed: /);
    // Another one, while the first waits for its approval.
    change(FACTS, 'Pushed: ', 'Pushed again: ');
    await commit('a better fact');
    const pushing = push('antler', 'main');
    const superseded = await first;
    assert.notEqual(superseded.code, 0);
    assert.match(superseded.said, /prod of run \d+ of the same concurrency group took its place/);
    const id = await approval(stale);
    for (const port of [30008, 30009]) assert.match(await facts(port), /Pushed again: /);
    const late = await it.antler(['approve', stale]);
    assert.equal(late.code, 64, late.stdout);
    assert.match(late.stderr, /does not wait any more: .* took its place/);
    assert.doesNotMatch(await facts(30010), /Pushed/);
    approvedAt = Date.now();
    await it.json(['approve', id]);
    const pushed = await pushing;
    assert.equal(pushed.code, 0, pushed.said);
    for (const said of ['Smoke test', 'antler promote prod', 'success'])
      assert.ok(pushed.said.includes(said), `${said} in\n${pushed.said}`);
    assert.match(await facts(30010), /Pushed again: /);
  });
  assert.equal(lost, 0);
  assert.ok(ok > 1000, `${ok} requests`);
  const digests = (await it.status()).environments.map(({ services }) => services.map(({ digest }) => digest));
  assert.deepEqual(digests[1], digests[0]);
  assert.deepEqual(digests[2], digests[0]);
  const [newest] = await runs();
  for (const environment of ['dev', 'stg', 'prod']) {
    const { requests, approvals } = await it.json<Receipt>(['receipt', newest?.release ?? '', '--env', environment]);
    assert.equal(requests.lost, 0, environment);
    assert.deepEqual(
      approvals.map(({ by }) => by),
      environment === 'prod' ? ['root'] : [],
    );
    for (const { at } of approvals) assert.ok(Date.parse(at) >= approvedAt && Date.parse(at) <= Date.now(), `${at} is when it was typed`);
  }
  const { jobs } = await it.json<Run>(['run', 'logs', String(newest?.id)]);
  assert.deepEqual(
    jobs.map(({ name, conclusion }) => `${name} ${conclusion ?? ''}`),
    ['Test success', 'Build success', 'dev success', 'stg success', 'prod success'],
  );
});

test('a broken test, a broken Dockerfile, a version that never gets ready: the push fails, and every environment serves on', async () => {
  const served = await Promise.all(['dev', 'stg', 'prod'].map(answering));
  const breaks: readonly (readonly [string, RegExp, string, RegExp])[] = [
    ['apps/moose-facts/backend/src/facts.test.ts', /$/, "\nthrow new Error('broken on purpose');\n", /broken on purpose/],
    ['apps/moose-facts/backend/Dockerfile', /RUN mkdir cache/, 'RUN exit 9 && mkdir cache', /exit 9|status 9/],
    [BACKEND, /^/, 'await new Promise((resolve) => setTimeout(resolve, 600_000));\n', /listens|ready|check/],
  ];
  for (const [path, from, to, why] of breaks) {
    const before = change(path, from, to);
    await commit(`break ${path}`);
    const pushed = await push('antler', 'main');
    assert.notEqual(pushed.code, 0, `${path}\n${pushed.said}`);
    assert.match(pushed.said, why, path);
    assert.deepEqual(await Promise.all(['dev', 'stg', 'prod'].map(answering)), served, path);
    writeFileSync(file(path), before);
  }
  await commit('whole again');
});

test('daemon killed in mid-run: the run is marked, its containers are gone, run rerun works', async () => {
  change(WORKFLOW, 'npm test', 'npm test; sleep ${{ vars.PAUSE }}');
  await commit('slow');
  await it.json(['variables', 'set', 'PAUSE', '60']);
  const pushing = push('antler', 'main');
  // Its own job: that of the run before may still be going.
  const job = async (): Promise<string> => {
    const [newest] = await runs();
    return newest?.title === 'slow'
      ? (await podman(it, 'ps', '--filter', `label=antler.run=${newest.id}`, '--format', '{{.ID}}')).trim()
      : '';
  };
  await it.until(async () => (await job()) !== '', 'a job');
  for (const pid of await pidsOf(it.home, 'src/daemon.ts')) kill(pid);
  assert.notEqual((await pushing).code, 0);
  await it.until(async () => (await runs())[0]?.state === 'completed', 'the run is marked');
  const [marked] = await runs();
  assert.equal(marked?.conclusion, 'failure');
  assert.match(marked?.reason ?? '', /daemon ended/);
  assert.equal((await podman(it, 'ps', '--all', '--filter', 'label=antler.kind=job', '--format', '{{.ID}}')).trim(), '');
  await it.json(['variables', 'set', 'PAUSE', '0']);
  const again = it.antler(['run', 'rerun', String(marked?.id), '--json'], { timeoutMs: 300_000 });
  await it.json(['approve', await approval()]);
  assert.equal((await again).code, 0, (await again).stderr);
  assert.equal((await runs())[0]?.attempt, 2);
});

test('a job with `container:` runs in an image of the instance’s own registry, with a secret in its env', async () => {
  writeFileSync(
    file('.github/workflows/container.yml'),
    `on: { push: { branches: [container] } }
jobs:
  inside:
    runs-on: ubuntu-latest
    container:
      image: node:24-slim
      env: { SECRET: "\${{ secrets.INSIDE }}", WHERE: "\${{ runner.os }} \${{ runner.name }}" }
    steps:
      - run: |
          test "$SECRET" = "of-the-""container" && echo "the secret is [$SECRET]"
          test "$WHERE" = "$RUNNER_OS $RUNNER_NAME" && echo "$WHERE runs Node $(node --version)"
`,
  );
  await commit('container');
  await secret('INSIDE', 'of-the-container');
  const pushed = await push('antler', 'HEAD:container');
  assert.equal(pushed.code, 0, pushed.said);
  assert.match(pushed.said, /the secret is \[\*\*\*\]/);
  assert.match(pushed.said, /Linux antler-\S+-job-\S+ runs Node v24\./);
  assert.doesNotMatch(pushed.said, /of-the-container/);
});
