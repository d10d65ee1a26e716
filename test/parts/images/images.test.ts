/** Bases, builds and pushes with mmdebstrap, buildah and the registry themselves; one stem for all tests. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';

import { createImages, removeBuilder } from '../../../src/images/images.ts';
import { AntlerError } from '../../../src/kit/errors.ts';
import { poll } from '../../../src/kit/wait.ts';
import { failure, ID_BASE, openBench, optionsFor, type Bench } from './bench.ts';
import { openPublicRegistry } from './public-registry.ts';

let bench: Bench;

before(async () => {
  bench = await openBench();
  await bench.startRegistry();
});
after(() => bench.dispose());

const collect = (): { readonly lines: string[]; readonly onLine: (line: string) => void } => {
  const lines: string[] = [];
  return { lines, onLine: (line) => void lines.push(line) };
};

async function manifest(image: { readonly repository: string; readonly digest: string }, path: string): Promise<Response> {
  const { host, name } = { host: bench.registry, name: image.repository.slice(bench.registry.length + 1) };
  return fetch(`http://${host}/v2/${name}/${path}`, { headers: { accept: 'application/vnd.oci.image.manifest.v1+json' } });
}

interface ImageConfig {
  readonly config: { readonly Env: readonly string[]; readonly Labels: Readonly<Record<string, string>> };
  readonly rootfs: unknown;
}

async function configOf(image: { readonly repository: string; readonly digest: string }): Promise<ImageConfig> {
  const { config } = (await (await manifest(image, `manifests/${image.digest}`)).json()) as {
    readonly config: { readonly digest: string };
  };
  return (await (await manifest(image, `blobs/${config.digest}`)).json()) as ImageConfig;
}

test('ensureBase() makes a base once, records it, resolves nothing again, and makes nothing for one that differs in its name alone', async () => {
  const { lines, onLine } = collect();
  const made = await bench.images.ensureBase('tiny', { signal: bench.signal, onLine });
  assert.match(made.reference ?? '', /^localhost\/antler\/base-tiny:[0-9a-f]{12}$/);
  assert.ok(made.packages['ca-certificates'] !== undefined && made.packages['libc6'] !== undefined);
  assert.ok((made.bytes ?? 0) > 50_000_000, `${made.bytes} bytes`);
  assert.ok(lines.length > 5);
  const quiet = collect();
  const again = await bench.images.ensureBase('tiny', { signal: bench.signal, onLine: quiet.onLine });
  assert.deepEqual(again, made);
  assert.deepEqual(quiet.lines, []);
  assert.deepEqual(
    (await bench.images.bases(bench.signal)).map(({ name, key }) => [name, key === undefined]),
    [...['node', 'ci', 'nginx'].map((name) => [name, true]), ['tiny', false], ['hello', true], ['twin', true]],
  );
  const twin = await bench.images.ensureBase('twin', { signal: bench.signal, onLine: quiet.onLine });
  assert.deepEqual([twin.key, twin.bytes, quiet.lines], [made.key, made.bytes, []]);
  assert.match(twin.reference ?? '', /base-twin:/);
});

test('refresh() resolves again and keeps a base whose versions are the same', async () => {
  const before = await bench.images.ensureBase('tiny', { signal: bench.signal });
  const [refreshed] = await bench.images.refresh({ names: ['tiny'], signal: bench.signal });
  assert.equal(refreshed?.key, before.key);
  assert.ok((refreshed?.resolvedAt ?? 0) > (before.resolvedAt ?? 0));
});

test('ensureBase() puts a base’s own packages on the stem, and throws images/base-unknown for a name that nobody knows', async () => {
  const hello = await bench.images.ensureBase('hello', { signal: bench.signal });
  assert.ok(hello.packages['hello'] !== undefined);
  assert.equal((await failure(bench.images.ensureBase('toString', { signal: bench.signal }))).code, 'images/base-unknown');
});

test('build() is root in its own namespace only, gives every file its owner, and leaves nothing of the host in the image', async () => {
  const request = await bench.context(
    'whole',
    {
      Dockerfile: [
        'ARG BASE',
        'FROM ${BASE} AS first',
        'WORKDIR /app',
        'COPY --chown=1000:1000 a /app/a',
        'COPY b c/',
        'RUN touch made && chown 33:33 made',
        'RUN cat /proc/self/uid_map && stat -c "%n %u:%g" a c c/b made && test -s "$SSL_CERT_FILE" && hello',
        'FROM ${BASE}',
        'COPY --from=first /app /app',
        'ARG COLOUR',
        'RUN echo "colour $COLOUR"; stat -c "%n %u:%g" /app/a /app/made',
        'ENV KEPT=yes',
      ].join('\n'),
      a: 'a',
      b: 'b',
    },
    { base: 'hello', args: { COLOUR: 'red' } },
  );
  const { lines, onLine } = collect();
  const built = await bench.images.build({ ...request, labels: { 'x.commit': 'abc' } }, { signal: bench.signal, onLine });
  assert.ok(
    lines.some((line) => new RegExp(`^\\s*0\\s+${ID_BASE}\\s+65536$`).test(line)),
    lines.join('\n'),
  );
  for (const line of [
    'a 1000:1000',
    'c 0:0',
    'c/b 0:0',
    'made 33:33',
    'Hello, world!',
    'colour red',
    '/app/a 1000:1000',
    '/app/made 33:33',
  ]) {
    assert.ok(lines.includes(line), `${line} is not in\n${lines.join('\n')}`);
  }
  assert.ok(lines.includes('[1/2] STEP 2/6: WORKDIR /app'), 'steps are counted as in the Dockerfile');

  const config = await configOf(built);
  assert.deepEqual(
    config.config.Env.filter((line) => !line.startsWith('PATH=')),
    ['KEPT=yes'],
  );
  assert.equal(config.config.Labels['x.commit'], 'abc');
  await bench.images.verify(built, bench.signal);
  assert.equal(
    (await failure(bench.images.verify({ ...built, digest: `sha256:${'0'.repeat(64)}` }, bench.signal))).code,
    'images/not-verified',
  );
});

test('build() gives the same digest for the same content, also after a fresh checkout, and recipe() says so before', async () => {
  const files = { Dockerfile: 'ARG BASE\nFROM ${BASE}\nCOPY x /x\nRUN date +%N > /when\n', x: '1' };
  const request = await bench.context('same', files, { base: 'tiny' });
  const recipe = await bench.images.recipe(request, bench.signal);
  const first = await bench.images.build(request, { signal: bench.signal });
  await bench.context('same', files, { base: 'tiny' }); // new times
  assert.equal(await bench.images.recipe(request, bench.signal), recipe);
  const second = await bench.images.build({ ...request, tag: 'r2' }, { signal: bench.signal });
  assert.equal(second.digest, first.digest);
  await bench.context('same', { ...files, x: '2' });
  assert.notEqual(await bench.images.recipe(request, bench.signal), recipe);
});

test('build() lets a base stand for a public image that cannot be reached, and says so', async () => {
  const { lines, onLine } = collect();
  const request = await bench.context('stand-in', { Dockerfile: 'ARG V=1\nFROM registry.invalid/antler-tiny:${V}\nRUN echo here\n' });
  const images = createImages({
    ...optionsFor(bench),
    bases: () => ({ tiny: { packages: [], node: false, standsFor: ['registry.invalid/antler-tiny:1'] } }),
  });
  const built = await images.build(request, { signal: bench.signal, onLine });
  assert.deepEqual(built.stoodFor, ['registry.invalid/antler-tiny:1']);
  assert.ok(lines.some((line) => /registry\.invalid\/antler-tiny:1: .* the base tiny stands for it/.test(line)));
});

test('build() throws images/build-failed with the step and the last 20 lines', async () => {
  const request = await bench.context(
    'fails',
    { Dockerfile: 'ARG BASE\nFROM ${BASE}\nRUN for i in $(seq 40); do echo line $i; done; exit 3\n' },
    { base: 'tiny' },
  );
  const error = await failure(bench.images.build(request, { signal: bench.signal }));
  assert.equal(error.code, 'images/build-failed');
  assert.match(error.message, /^Cannot build fails as step 2\/2 \(RUN for .*\) ended with 3$/);
  assert.equal(error.lines.length, 20);
  assert.ok(error.lines.includes('line 40') && !error.lines.includes('line 15'));
});

test('build() caps memory: a step that needs more is killed, and the error says why', async () => {
  const request = await bench.context('greedy', { Dockerfile: 'ARG BASE\nFROM ${BASE}\nRUN tail /dev/zero\n' }, { base: 'tiny' });
  const error = await failure(bench.images.build(request, { signal: bench.signal }));
  assert.equal(error.code, 'images/build-failed');
  assert.match(error.message, /most likely it needed more than the 256 MB of memory that a build may use/);
});

test('build() ends at once on abort and leaves nothing', async () => {
  const request = await bench.context('slow', { Dockerfile: 'ARG BASE\nFROM ${BASE}\nRUN echo started; sleep 120\n' }, { base: 'tiny' });
  const stop = new AbortController();
  const started = performance.now();
  let at = 0;
  const onLine = (line: string): void => {
    if (line !== 'started') return;
    at = performance.now() - started;
    stop.abort();
  };
  const error = await failure(bench.images.build(request, { signal: stop.signal, onLine }));
  assert.equal(error.code, 'kit/aborted');
  assert.ok(performance.now() - started - at < 15_000);
  assert.deepEqual(await bench.containers(), []);
  assert.deepEqual(await readdir(join(bench.home, 'images/work')), []);
});

/** Starts a build in a process of its own and kills that in the middle of it. */
async function killBuild(context: string): Promise<void> {
  const { reference } = await bench.images.ensureBase('tiny', { signal: bench.signal });
  await bench.context(context, { Dockerfile: `FROM ${reference}\nRUN echo started; sleep 120\n` });
  const argv = [join(import.meta.dirname, 'victim.ts'), bench.home, bench.instance, bench.registry, context];
  const victim = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const chunk of victim.stdout) if (String(chunk).includes('started')) break;
  victim.kill('SIGKILL');
}

test('build() goes on after a daemon that was killed while it built', async () => {
  await killBuild('victim');
  const request = await bench.context('next', { Dockerfile: 'ARG BASE\nFROM ${BASE}\nRUN echo well\n' }, { base: 'tiny' });
  await bench.images.build(request, { signal: bench.signal });
  assert.deepEqual(await bench.containers(), []);
  assert.deepEqual(await bench.working(), []);
  assert.deepEqual(await readdir(join(bench.home, 'images/work')), []);
});

test('removeBuilder() ends a running builder, and leaves no container, folder or mount', { timeout: 60_000 }, async () => {
  const { instance, signal } = bench;
  const request = await bench.context('ended', { Dockerfile: 'ARG BASE\nFROM ${BASE}\nRUN echo started; sleep 120\n' }, { base: 'tiny' });
  const started = Promise.withResolvers<void>();
  const onLine = (line: string): void => (line === 'started' ? started.resolve() : undefined);
  const ended = failure(bench.images.build(request, { signal, onLine }));
  await started.promise;
  assert.equal((await bench.containers()).length, 1);
  await removeBuilder({ instance, engineConf: join(bench.home, 'gone.conf') }, signal);
  assert.equal((await ended).code, 'images/build-failed');
  const traces = async (): Promise<readonly string[]> => {
    const run = (await readdir('/run')).filter((name) => name.includes(instance));
    const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').filter((line) => line.includes(instance));
    return [...(await bench.containers()), ...run, ...mounts];
  };
  assert.deepEqual(await traces(), []);
  await removeBuilder({ instance, engineConf: join(bench.home, 'containers.conf') }, signal); // again is harmless
});

test('build() throws where the registry is stopped in the middle of a push, and pushes once it is back', async () => {
  const big = 'ARG BASE\nFROM ${BASE}\nRUN head -c 48M /dev/urandom > /x\n'; // a second to compress
  const request = await bench.context('unpushed', { Dockerfile: big }, { base: 'tiny' });
  const repository = join(bench.home, 'registry/docker/registry/v2/repositories/bench/unpushed');
  const building = failure(bench.images.build(request, { signal: bench.signal }));
  await poll(async () => (await readdir(join(repository, '_uploads')).catch(() => []))[0], {
    signal: bench.signal,
    everyMs: 2,
    timeoutMs: 120_000,
    what: 'an upload',
  });
  await bench.stopRegistry();
  const error = await building;
  assert.equal(error.code, 'images/push-failed');
  assert.match(error.message, /stopped answering$/);
  assert.deepEqual(await readdir(join(repository, '_manifests')).catch(() => []), [], 'nobody can pull the half of it');
  await bench.startRegistry();
  const built = await bench.images.build(request, { signal: bench.signal });
  await bench.images.verify(built, bench.signal);
});

test('build() asks for free space first', async () => {
  const diskFloor = async (): Promise<void> => {
    throw new AntlerError('host/disk-floor', 'Cannot build as the disk has 1 MB left');
  };
  const images = createImages({ ...optionsFor(bench), diskFloor });
  const request = await bench.context('full', { Dockerfile: 'FROM scratch\n' });
  assert.equal((await failure(images.build(request, { signal: bench.signal }))).code, 'host/disk-floor');
});

test('adopt() copies an image of a public registry, and a base does not stand for one that answers', async () => {
  const request = await bench.context('original', { Dockerfile: 'ARG BASE\nFROM ${BASE}\nENV ORIGINAL=yes\n' }, { base: 'tiny' });
  const original = await bench.images.build(request, { signal: bench.signal });
  await using elsewhere = await openPublicRegistry(bench);
  const image = `${elsewhere.host}/bench/original:r1`;

  const adopted = await bench.images.adopt({ app: 'bench', service: 'cache', tag: 'r1', image }, { signal: bench.signal });
  assert.equal(adopted.repository, `${bench.registry}/bench/cache`);
  assert.deepEqual(adopted.stoodFor, []);
  assert.equal((await configOf(adopted)).config.Env.includes('ORIGINAL=yes'), true);
  await bench.images.verify(adopted, bench.signal);
  assert.deepEqual((await configOf(adopted)).rootfs, (await configOf(original)).rootfs);

  const bases = () => ({ tiny: { packages: [], node: false, standsFor: [image] } });
  const images = createImages({ ...optionsFor(bench), bases });
  const user = await bench.context('user', { Dockerfile: `FROM ${image}\nRUN echo "original is $ORIGINAL"\n` });
  const there = await images.build(user, { signal: bench.signal });
  assert.deepEqual(there.stoodFor, []);
  assert.equal((await configOf(there)).config.Env.includes('ORIGINAL=yes'), true);
  await elsewhere.stop();
  const gone = await images.build(user, { signal: bench.signal });
  assert.deepEqual(gone.stoodFor, [image]);
  assert.equal((await configOf(gone)).config.Env.includes('ORIGINAL=yes'), false);
});

test('adopt() throws images/pull-failed for an image that cannot be reached', async () => {
  const request = { app: 'bench', service: 'cache', tag: 'r1', image: 'registry.invalid/redis:7' };
  assert.equal((await failure(bench.images.adopt(request, { signal: bench.signal }))).code, 'images/pull-failed');
});

test('records are JSON that names every package, its version, and when it was resolved', async () => {
  const record = JSON.parse(await readFile(join(bench.home, 'images/bases/tiny.json'), 'utf8')) as Readonly<Record<string, unknown>>;
  assert.deepEqual(Object.keys(record).sort(), ['bytes', 'key', 'packages', 'recipe', 'resolvedAt', 'stem']);
});
