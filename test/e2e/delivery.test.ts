/** From a bare home to three environments, and everything that may go wrong on the way: one instance of the sample, real parts only. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { runLoad } from '../../bench/load.ts';
import type { Receipt, Release } from '../../src/contract/releases.ts';
import { testInstance, type TestInstance } from '../kit/instance.ts';
import { CALL, CONFIG } from '../kit/sample.ts';
import { heard, kill, pidsOf, podman, untilAnswers } from '../kit/machine.ts';

const run = promisify(execFile);
let it: TestInstance;
const main = (): string => join(it.app, 'apps/moose-facts/backend/src/main.ts');
let source = '';
const url = (port: number, path = '/api/version'): string => `http://127.0.0.1:${it.port(port)}${path}`;

before(async () => {
  it = testInstance();
  writeFileSync(join(it.app, 'antler.config.ts'), CONFIG);
  source = readFileSync(main(), 'utf8');
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    ['-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-qm', 'first'],
  ]) {
    await run('git', args, { cwd: it.app });
  }
});
after(async () => it[Symbol.asyncDispose]());

test('up interrupted by Ctrl-C in its first build ends with 130', async () => {
  const up = it.start(['up', '--yes', '--json']);
  await heard(up, 'build/backend');
  up.kill('SIGINT');
  await new Promise((done) => up.on('close', done));
  assert.equal(up.exitCode, 130);
});

test('up --yes: three ports answer one release; registry, container and record agree on each digest', async () => {
  const up = await it.antler(['up', '--yes'], { timeoutMs: 600_000 });
  assert.equal(up.code, 0, up.stdout + up.stderr);
  for (const port of [30008, 30009, 30010]) {
    const answer = await fetch(url(port));
    assert.equal(answer.headers.get('x-release'), 'r1');
    assert.equal(((await answer.json()) as { release: string }).release, 'r1');
  }
  const { releases } = await it.json<{ releases: Release[] }>(['releases']);
  const [release] = releases;
  assert.ok(release);
  const { stdout: head } = await run('git', ['rev-parse', 'HEAD'], { cwd: it.app });
  assert.equal(release.commit, head.trim());
  assert.equal(release.dirty, false);
  for (const [name, { digest, repository }] of Object.entries(release.services)) {
    const [registry = '', ...path] = repository.split('/');
    const manifest = await fetch(`http://${registry}/v2/${path.join('/')}/manifests/r1`, {
      method: 'HEAD',
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json' },
    });
    assert.equal(manifest.headers.get('docker-content-digest'), digest);
    const images = await podman(it, 'ps', '--filter', `label=antler.service=${name}`, '--format', '{{.Image}}');
    assert.deepEqual([...new Set(images.trim().split('\n'))], [`${repository}@${digest}`]);
  }
});

test('up again: changes nothing', async () => {
  const containers = await podman(it, 'ps', '--format', '{{.ID}} {{.Names}}');
  const up = await it.antler(['up', '--yes']);
  assert.equal(up.code, 0, up.stdout + up.stderr);
  assert.equal(await podman(it, 'ps', '--format', '{{.ID}} {{.Names}}'), containers);
  assert.equal((await it.json<{ releases: Release[] }>(['releases'])).releases.length, 1);
  assert.equal((await it.antler(['host', 'plan'])).code, 0);
});

test('deploy under load: nothing is lost, and the receipt says the same', async () => {
  appendFileSync(main(), '\n// second\n');
  const release = await it.json<Release & { result?: Release }>(['build']);
  const load = runLoad({
    url: `http://127.0.0.1:${it.port(30008)}`,
    durationMs: 8000,
    connections: 16,
    signal: AbortSignal.timeout(60_000),
  });
  await sleep(500);
  await it.json(['deploy', 'dev']);
  const result = await load;
  assert.deepEqual(result.lostBy, {});
  assert.equal(result.lost, 0);
  assert.ok(result.ok > 500, `${result.ok} requests`);
  const id = release.id ?? release.result?.id ?? 'r2';
  const receipt = await it.json<Receipt>(['receipt', id, '--env', 'dev']);
  assert.equal(receipt.requests.lost, 0);
  assert.equal(receipt.requests.unseen, 0);
  assert.ok(receipt.requests.served > 100, `${receipt.requests.served} served`);
  assert.equal((await it.service('dev', 'frontend'))?.release, 'r1', 'an unchanged service is skipped');
  assert.equal((await it.service('dev', 'backend'))?.answering, 'r2');
});

test('promote: what upstream has not verified is refused; an approval lets production go', async () => {
  const early = await it.antler(['deploy', 'prod', 'r2', '--json']);
  assert.equal(early.code, 1);
  assert.match(early.stderr, /releases\/not-verified-upstream/);
  await it.json(['promote', 'stg']);
  const waiting = await it.antler(['promote', 'prod', '--no-wait', '--json']);
  assert.equal(waiting.code, 2);
  const [approval] = (await it.status()).approvals;
  assert.ok(approval);
  await it.json(['approve', approval.id]);
  await it.until(async () => (await it.service('prod', 'backend'))?.answering === 'r2');
  const [answer] = (await it.json<Receipt>(['receipt', 'r2', '--env', 'prod'])).approvals;
  assert.deepEqual([answer?.by, answer?.via], ['root', 'cli']);
});

test('a container killed, stopped or removed by hand comes back', async () => {
  const name = (
    await podman(it, 'ps', '--filter', 'label=antler.environment=dev', '--filter', 'label=antler.service=backend', '--format', '{{.Names}}')
  ).trim();
  for (const args of [
    ['kill', name],
    ['stop', '-t', '1', name],
    ['restart', '-t', '1', name],
    ['rm', '-f', '-t', '1', name],
  ]) {
    // Podman's own `rm -f` may find the container's memory file system busy: the second time it does not.
    await podman(it, ...args).catch(async () => podman(it, ...args).catch(() => undefined));
    await it.until(async () => (await it.service('dev', 'backend'))?.verdict === 'up', `after podman ${args[0] ?? ''}`);
  }
});

test('HAProxy killed while the daemon is dead too: serving again within a second', async () => {
  const daemon = await pidsOf(it.home, 'src/daemon.ts');
  for (const pid of daemon) process.kill(pid, 'SIGSTOP'); // dead for the supervisor's eyes too: it does not start another
  try {
    for (const which of ['worker', 'master'] as const) {
      const pids = (await pidsOf(it.home, 'haproxy')).toSorted((a, b) => a - b);
      const pid = which === 'master' ? pids[0] : pids.at(-1);
      assert.ok(pid);
      const started = performance.now();
      kill(pid);
      await untilAnswers(url(30010), { everyMs: 20, timeoutMs: 10_000 });
      const took = performance.now() - started;
      assert.ok(took < 3000, `${which}: ${took} ms`);
    }
  } finally {
    for (const pid of daemon) process.kill(pid, 'SIGCONT');
  }
  await it.until(async () => (await it.service('dev', 'backend'))?.verdict === 'up');
});

test('daemon killed with -9 during a build: nothing is recorded, and the next build goes on', async () => {
  const count = (await it.json<{ releases: Release[] }>(['releases'])).releases.length;
  appendFileSync(main(), '\n// build\n');
  const building = it.start(['build', '--json']);
  await heard(building, 'build/backend');
  for (const pid of await pidsOf(it.home, 'src/daemon.ts')) kill(pid);
  await new Promise((done) => building.on('close', done));
  assert.equal(building.exitCode, 1);
  await it.until(async () => (await it.status()).app === 'moose-facts', 'the daemon');
  assert.equal((await it.json<{ releases: Release[] }>(['releases'])).releases.length, count);
  await it.json(['build']);
  assert.equal((await it.json<{ releases: Release[] }>(['releases'])).releases.length, count + 1);
});

test('daemon killed with -9 before the shift and during the drain: undone or finished, and no request is lost', async () => {
  for (const [step, verdicts] of [
    ['dev/start/backend', ['undone', 'verified']],
    ['dev/retire', ['verified']],
  ] as const) {
    appendFileSync(main(), `\n// ${step}\n`);
    const { id } = await it.json<Release>(['build']);
    const load = runLoad({
      url: `http://127.0.0.1:${it.port(30008)}`,
      durationMs: 6000,
      connections: 4,
      signal: AbortSignal.timeout(60_000),
    });
    const deploying = it.start(['deploy', 'dev', '--json']);
    await heard(deploying, step);
    deploying.kill('SIGKILL');
    for (const pid of await pidsOf(it.home, 'src/daemon.ts')) kill(pid);
    assert.equal((await load).lost, 0);
    await it.until(async () => {
      const receipt = await it.json<Receipt>(['receipt', id, '--env', 'dev']);
      return receipt.verdict !== 'running' && (verdicts as readonly string[]).includes(receipt.verdict);
    }, `after ${step}`);
    await it.until(async () => (await it.service('dev', 'backend'))?.verdict === 'up', `up after ${step}`);
  }
});

test('what fails is explained, and the old release serves on', async () => {
  const cases = [
    { name: 'dies', code: 'console.error("no such table"); process.exit(3);', says: /ended with 3/ },
    { name: 'eats its memory', code: 'const eaten = []; for (;;) eaten.push(Buffer.alloc(4 << 20, 1));', says: /more than its/ },
    {
      name: 'never listens',
      code: 'setInterval(() => undefined, 1000); await new Promise(() => undefined);',
      says: /listens on port 5000/,
    },
  ];
  for (const { name, code, says } of cases) {
    const serves = (await it.service('dev', 'backend'))?.answering;
    writeFileSync(main(), `${code}\n`);
    await it.json(['build']);
    const failed = await it.antler(['deploy', 'dev']);
    assert.equal(failed.code, 1, name);
    assert.match(failed.stdout + failed.stderr, says, name);
    assert.match(failed.stdout + failed.stderr, /hint/, name);
    assert.equal((await it.service('dev', 'backend'))?.answering, serves, name);
    assert.equal((await fetch(url(30008))).status, 200, name);
  }
  writeFileSync(main(), source);
});

test('a Dockerfile that fails: the last lines, and nothing is recorded', async () => {
  const file = join(it.app, 'apps/moose-facts/backend/Dockerfile');
  const dockerfile = readFileSync(file, 'utf8');
  const count = (await it.json<{ releases: Release[] }>(['releases'])).releases.length;
  appendFileSync(file, '\nRUN echo what went wrong >&2; exit 7\n');
  const failed = await it.antler(['build']);
  writeFileSync(file, dockerfile);
  assert.equal(failed.code, 1);
  assert.match(failed.stdout + failed.stderr, /what went wrong/);
  assert.match(failed.stdout + failed.stderr, /images\/build-failed/);
  assert.equal((await it.json<{ releases: Release[] }>(['releases'])).releases.length, count);
});

test('two deploys at once: the second waits, and both end well', async () => {
  const [one, two] = await Promise.all([it.antler(['deploy', 'dev', 'r1']), it.antler(['deploy', 'dev', 'r2'])]);
  assert.deepEqual([one.code, two.code], [0, 0], one.stderr + two.stderr);
  const running = (await it.service('dev', 'backend'))?.answering;
  assert.ok(running === 'r1' || running === 'r2');
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
    ...stg.map((address) => [address, '5000']),
    ...virtual.flatMap((address) => [
      [address, '5000'],
      [address, '8080'],
    ]),
    [gateway, String(it.port(30009))],
    [virtual[0] ?? '', String(it.port(30009))],
  ];
  for (const [address = '', port = ''] of targets) {
    const { stdout } = await it.antler(['exec', 'dev', 'backend', '--', 'node', '-e', CALL, address, port]);
    assert.doesNotMatch(stdout, /OPEN/, `${address}:${port}`);
    assert.match(stdout, /dropped|refused/, `${address}:${port}`);
  }
  const { stdout: own } = await it.antler(['exec', 'dev', 'backend', '--', 'node', '-e', CALL, 'backend', '5000']);
  assert.match(own, /OPEN/, 'its own environment answers');
});

test('everything killed, networks and addresses gone, as after a reboot: the boot entry brings all back', async () => {
  const { id } = JSON.parse(readFileSync(join(it.home, 'instance.json'), 'utf8')) as { id: string };
  const inside = (await podman(it, 'ps', '--format', '{{.Pid}}')).trim().split('\n').map(Number);
  for (let turn = 0; turn < 5; turn += 1)
    for (const pid of [...(await pidsOf(it.home, '')), ...(await pidsOf(id, 'conmon')), ...inside]) kill(pid);
  await run('nft', ['delete', 'table', 'inet', `antler_${id}`]);
  const { stdout } = await run('ip', ['-o', '-4', 'address', 'show', 'dev', 'lo']);
  for (const address of stdout.matchAll(/inet (10\.[\d.]+\/32)/g)) {
    const file = readFileSync(join(it.home, 'edge/addresses'), 'utf8');
    if (file.includes(address[1] ?? '?')) await run('ip', ['address', 'del', address[1] ?? '', 'dev', 'lo']);
  }
  await assert.rejects(fetch(url(30008)));
  await run(join(it.home, 'boot'), [], { timeout: 60_000 });
  for (const port of [30008, 30009, 30010]) await untilAnswers(url(port), { everyMs: 200, timeoutMs: 60_000 });
  await it.until(async () => (await it.status()).environments.every((each) => each.verdict === 'up'));
});

test('down keeps the data; down --purge leaves nothing', async () => {
  const { id } = JSON.parse(readFileSync(join(it.home, 'instance.json'), 'utf8')) as { id: string };
  const down = await it.antler(['down', '--yes']);
  assert.equal(down.code, 0, down.stdout + down.stderr);
  assert.equal((await podman(it, 'ps', '-aq', '--filter', `label=antler.instance=${id}`)).trim(), '');
  assert.deepEqual(await pidsOf(it.home, ''), []);
  const purge = await it.antler(['down', '--purge', '--yes']);
  assert.equal(purge.code, 0, purge.stdout + purge.stderr);
  const { stdout: tables } = await run('nft', ['list', 'tables']);
  assert.doesNotMatch(tables, new RegExp(id));
  const { stdout: networks } = await run('podman', ['network', 'ls']);
  assert.doesNotMatch(networks, new RegExp(id));
  assert.throws(() => readFileSync(join(it.home, 'platform.db')));
});

async function ids(environment: string): Promise<readonly string[]> {
  return (await podman(it, 'ps', '-q', '--filter', `label=antler.environment=${environment}`)).trim().split('\n');
}
