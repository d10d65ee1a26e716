import assert from 'node:assert/strict';
import { test } from 'node:test';

import { arePublic, debianSources, parseSimulation, parseStatus, privateAptConf, publicSources, reachSettings } from './apt.ts';
import { builderArgv } from './builder.ts';
import { externalImages, normalImage, registryHost, rewriteFroms } from './dockerfile.ts';
import { buildMemory, parseLimits } from './limits.ts';
import { cleanLine, explainFailure } from './output.ts';
import { planReach, reachLine } from './reach.ts';
import { allBases, baseDockerfile, baseKey, baseReference, BUILT_IN, isTwin, recipeKey, stemKey, type Ground } from './recipe.ts';
import { blobsOf, splitRepository } from './registry.ts';
import { registryCommand, registryConfig } from './registry-config.ts';

const GROUND: Ground = { suite: 'bookworm', arch: 'amd64', node: 'v24.21.0', npm: '11.0.0' };
const SPEC = { packages: ['b', 'a'], node: false, standsFor: [] };

test('recipeKey() changes with what the base is made of, and with nothing else', () => {
  const key = recipeKey(SPEC, GROUND);
  assert.equal(recipeKey({ ...SPEC, packages: ['a', 'b'], standsFor: ['x'] }, GROUND), key);
  assert.equal(recipeKey(SPEC, { ...GROUND, node: 'v26.0.0' }), key, 'a base without Node does not care');
  const others = [
    recipeKey({ ...SPEC, packages: ['a'] }, GROUND),
    recipeKey({ ...SPEC, node: true }, GROUND),
    recipeKey({ ...SPEC, node: true }, { ...GROUND, node: 'v26.0.0' }),
    recipeKey(SPEC, { ...GROUND, suite: 'trixie' }),
    recipeKey(SPEC, { ...GROUND, arch: 'arm64' }),
  ];
  assert.equal(new Set([key, ...others]).size, 6);
});

test('stemKey() and baseKey() follow resolved versions, not their order', () => {
  assert.equal(stemKey(GROUND, { a: '1', b: '2' }), stemKey(GROUND, { b: '2', a: '1' }));
  assert.notEqual(stemKey(GROUND, { a: '1' }), stemKey(GROUND, { a: '2' }));
  assert.equal(baseKey('r', 's', { a: '1', b: '2' }), baseKey('r', 's', { b: '2', a: '1' }));
  assert.notEqual(baseKey('r', 's', { a: '1' }), baseKey('r', 't', { a: '1' }));
  assert.equal(baseReference('node', 'd70405a4eae5ccd5'), 'localhost/antler/base-node:d70405a4eae5');
});

test('isTwin() knows bases that differ in their names alone', () => {
  const reference = baseReference('page', 'd70405a4eae5ccd5');
  assert.ok(isTwin(baseReference('node', 'd70405a4eae5ccd5'), reference));
  for (const other of [
    baseReference('node', 'e70405a4eae5ccd5'),
    'localhost/antler/stem:d70405a4eae5',
    'localhost/antler/app-shop/d70405a4eae5',
    '',
  ])
    assert.ok(!isTwin(other, reference), other);
});

test('allBases() lets the config replace a built-in base', () => {
  assert.equal(allBases({ nginx: SPEC }).nginx, SPEC);
  assert.equal(allBases({}).node, BUILT_IN.node);
});

test('baseDockerfile() installs exactly what was resolved', () => {
  const text = baseDockerfile(SPEC, 'stem', { b: '2-1', a: '1:1.0' });
  assert.match(text, /^FROM stem\n/);
  assert.match(text, /--no-install-recommends a=1:1\.0 b=2-1 /);
  assert.equal(
    baseDockerfile({ packages: [], node: true, standsFor: [] }, 'stem', {}),
    'FROM stem\nCOPY node/ /usr/local/\nCMD ["node"]\n',
  );
});

test('baseDockerfile() lets pip install, as public Python images do', () => {
  const python = { packages: ['python3-pip'], node: false, standsFor: [] };
  assert.match(baseDockerfile(python, 'stem', { 'python3-pip': '23' }), /^ENV PIP_BREAK_SYSTEM_PACKAGES=1$/m);
});

test('debianSources() keeps Debian and its suite, and has the public ones where the host says nothing', () => {
  const targets = [
    'http://mirror.lan/debian/|bookworm|main|Debian',
    'http://mirror.lan/debian/|bookworm|contrib|Debian',
    'http://mirror.lan/debian/|bookworm-backports|main|Debian',
    'http://mirror.lan/debian/|sid|main|Debian',
    'https://download.example.com/linux/debian/|bookworm|stable|Example',
  ].join('\n');
  const sources = debianSources(targets, 'bookworm');
  assert.equal(sources.length, 1);
  assert.match(sources[0] ?? '', /^deb \[signed-by=\S+\] http:\/\/mirror\.lan\/debian\/ bookworm main contrib$/);
  assert.equal(arePublic(sources), false);
  assert.deepEqual(debianSources('', 'trixie'), publicSources('trixie'));
  assert.equal(arePublic(publicSources('trixie')), true);
});

test('reachSettings() takes proxies, CA and date checks from apt, and nothing else', () => {
  const dump = [
    'Acquire::http::Proxy "http://proxy.lan:3128";',
    'Acquire::https "";',
    'Acquire::https::CaInfo "/etc/ssl/own.crt";',
    'Acquire::Check-Valid-Until "false";',
    'Acquire::cdrom::mount "/media/cdrom/";',
    'Acquire::IndexTargets::deb::Packages::MetaKey "x";',
    'DPkg::Post-Invoke:: "rm -rf /";',
  ].join('\n');
  assert.deepEqual(reachSettings(dump), [
    'Acquire::http::Proxy "http://proxy.lan:3128";',
    'Acquire::https::CaInfo "/etc/ssl/own.crt";',
    'Acquire::Check-Valid-Until "false";',
  ]);
});

test('privateAptConf() knows nothing of the host but how to reach mirrors', () => {
  const conf = privateAptConf({ folder: '/x', status: undefined, arch: 'arm64', settings: ['Acquire::Retries "3";'] });
  assert.match(conf, /Dir::State::status "\/x\/empty-status";/);
  for (const name of ['main', 'parts', 'sourceparts']) assert.ok(conf.includes(`Dir::Etc::${name} "/dev/null";`), name);
  assert.match(conf, /APT::Architecture "arm64";/);
  assert.match(conf, /Acquire::Retries "3";/);
});

test('parseSimulation() reads what apt would install, upgrades as well', () => {
  const output = [
    'Inst libc6 (2.36-9+deb12u10 Debian:12.11/stable [amd64])',
    'Inst tzdata [2024a-0] (2025b-0+deb12u1 Debian:12.11/stable [all]) []',
    'Conf libc6 (2.36-9+deb12u10 Debian:12.11/stable [amd64])',
  ].join('\n');
  assert.deepEqual(parseSimulation(output), { libc6: '2.36-9+deb12u10', tzdata: '2025b-0+deb12u1' });
});

test('parseStatus() reads installed packages only', () => {
  const status = 'Package: a\nStatus: install ok installed\nVersion: 1\n\nPackage: b\nStatus: deinstall ok config-files\nVersion: 2\n';
  assert.deepEqual(parseStatus(status), { a: '1' });
});

test('externalImages() names what a Dockerfile stands on: no scratch, no earlier stage', () => {
  const cases: readonly [string, Readonly<Record<string, string>>, readonly (string | undefined)[]][] = [
    ['FROM node:24', {}, ['node:24']],
    ['ARG BASE\nFROM ${BASE}', { BASE: 'x/y:1' }, ['x/y:1']],
    ['ARG BASE\nFROM ${BASE}', {}, [undefined]],
    ['ARG V=3.12\nFROM python:${V}-slim AS b\nFROM b\nFROM scratch', {}, ['python:3.12-slim']],
    ['ARG V=3.12\nFROM python:$V', { V: '3.13' }, ['python:3.13']],
    ['FROM ${X:-debian}:12', {}, ['debian:12']],
    ['# syntax=docker/dockerfile:1\nFROM --platform=$BUILDPLATFORM golang:1 AS Build\nFROM BUILD', {}, ['golang:1']],
    ['RUN echo FROM x', {}, []],
    ['FROM a\nRUN <<EOF\nFROM b\nEOF\n', {}, ['a']],
  ];
  for (const [dockerfile, args, images] of cases) {
    assert.deepEqual(
      externalImages(dockerfile, args).map(({ image }) => image),
      images,
      dockerfile,
    );
  }
});

test('rewriteFroms() puts its line behind each FROM and exchanges images', () => {
  const text = 'ARG V=1\nFROM --platform=x \\\n  py:${V} AS b\nRUN x\nFROM b\nCMD y';
  assert.equal(
    rewriteFroms(text, { line: 'ARG Z=1', images: { 'py:${V}': 'ours' } }),
    'ARG V=1\nFROM --platform=x \\\n  ours AS b\nARG Z=1\nRUN x\nFROM b\nARG Z=1\nCMD y',
  );
});

test('normalImage() and registryHost() read names as every engine does', () => {
  const cases: readonly [string, string, string][] = [
    ['python:3.12-slim', 'docker.io/library/python:3.12-slim', 'registry-1.docker.io'],
    ['grafana/grafana', 'docker.io/grafana/grafana:latest', 'registry-1.docker.io'],
    ['ghcr.io/a/b:1', 'ghcr.io/a/b:1', 'ghcr.io'],
    ['localhost:5000/a', 'localhost:5000/a:latest', 'localhost:5000'],
    ['redis@sha256:00', 'docker.io/library/redis@sha256:00', 'registry-1.docker.io'],
  ];
  for (const [image, normal, host] of cases) {
    assert.equal(normalImage(image), normal);
    assert.equal(registryHost(normal), host);
  }
});

test('planReach() hands the host’s own sources to Debian images of its suite only, and public ones to none', () => {
  const own = { sources: ['deb http://mirror.lan/debian bookworm main'], settings: ['Acquire::https::CaInfo "/x";'] };
  const debian = planReach({ packages: own, ca: '/ca', debian: true });
  assert.match(debian.files['apt.conf'] ?? '', /Dir::Etc::sourcelist "\/dev\/antler\/sources\.list"/);
  assert.match(debian.files['apt.conf'] ?? '', /Acquire::https::CaInfo "\/dev\/antler\/ca\.crt"/);
  assert.equal(planReach({ packages: own, ca: '/ca', debian: false }).files['sources.list'], undefined);
  const plain = planReach({ packages: { sources: publicSources('bookworm'), settings: [] }, ca: undefined, debian: true });
  assert.deepEqual(plain.files, { 'apt.conf': '\n' });
  assert.equal(reachLine(plain), 'ARG APT_CONFIG=/dev/antler/apt.conf');
});

test('cleanLine() counts steps as the Dockerfile has them', () => {
  const cases: readonly [string, string | undefined][] = [
    ['STEP 1/4: FROM x', 'STEP 1/3: FROM x'],
    ['STEP 2/4: ARG APT_CONFIG=/dev/antler/apt.conf', undefined],
    ['[2/2] STEP 3/4: RUN y', '[2/2] STEP 2/3: RUN y'],
    ['subprocess exited with status 1', undefined],
    ['hello', 'hello'],
  ];
  for (const [line, clean] of cases) assert.equal(cleanLine(line), clean);
});

test('explainFailure() names the step and the likely cause', () => {
  const step = 'STEP 2/3: RUN npm ci';
  const cases: readonly [readonly string[], RegExp][] = [
    [[step, 'Error: building at STEP "RUN npm ci": exit status 3'], /^step 2\/3 \(RUN npm ci\) ended with 3$/],
    [[step, 'Killed', 'Error: building at STEP "RUN npm ci": exit status 137'], /was killed: most likely .* 1 GB of memory/],
    [[step, 'Error: building at STEP "RUNN ": Build error: Unknown instruction: "RUNN" x'], /unknown instruction RUNN$/],
    [
      ['STEP 1/3: FROM a', 'Error: creating build container: initializing source docker://a: x'],
      /names an image that could not be pulled$/,
    ],
    [[], /^its Dockerfile failed$/],
  ];
  for (const [lines, expected] of cases) assert.match(explainFailure(lines, '1 GB'), expected);
});

test('parseLimits() never asks for more than our own hard limits', () => {
  const text =
    'Limit   Soft Limit  Hard Limit  Units\nMax processes             96365                96365                processes\nMax open files            20000                20000                files\n';
  assert.deepEqual(parseLimits(text), { openFiles: 20_000, processes: 32_768 });
  assert.deepEqual(parseLimits('Max open files            1024                 unlimited            files'), {
    openFiles: 65_536,
    processes: 32_768,
  });
});

test('buildMemory() is half of the machine’s, in whole megabytes, and neither too little to build with nor more than a build needs', () => {
  const MB = 1024 ** 2;
  const cases: readonly [number, number][] = [
    [512, 512],
    [906, 512],
    [1024, 512],
    [1972, 986],
    [4006, 2003],
    [4096, 2048],
    [65_536, 2048],
  ];
  for (const [machine, build] of cases) assert.equal(buildMemory(machine * MB + 4096), build * MB);
});

test('builderArgv() maps every id, caps memory, and writes to its own storage only', () => {
  const argv = builderArgv(['images'], {
    home: '/h',
    instance: 'abcd',
    engineConf: '/c',
    idBase: 100_000,
    memory: 5,
    cpus: 2,
    network: 'n',
    mounts: [{ source: '/s', target: '/work' }],
    name: 'x',
    rootfs: '/r',
    storage: '/h/storage',
    limits: { openFiles: 1, processes: 2 },
    signal: new AbortController().signal,
  });
  const after = (name: string): readonly string[] => argv.flatMap((value, index) => (argv[index - 1] === name ? [value] : []));
  assert.deepEqual(after('--uidmap'), ['0:100000:65536']);
  assert.deepEqual(after('--gidmap'), ['0:100000:65536']);
  assert.deepEqual(after('--memory'), ['5']);
  assert.deepEqual(after('--memory-swap'), ['5']);
  assert.deepEqual(after('--network'), ['n']);
  assert.deepEqual(
    after('--volume').filter((mount) => mount.endsWith(':rw')),
    ['/h/storage:/storage:rw', '/h/storage/cache:/var/lib/containers/cache:rw'],
  );
  assert.ok(!argv.includes('--privileged'));
  assert.ok(after('--env').includes('BUILDAH_NOPIVOT=1')); // else no RUN works with buildah 1.39
});

test('registryConfig() binds loopback only, allows deletion and has no cache', () => {
  const config: unknown = JSON.parse(registryConfig({ port: 30_500, storageDir: '/h/reg "x"' }));
  assert.ok(typeof config === 'object' && config !== null && 'http' in config && 'storage' in config);
  assert.deepEqual((config.http as { addr: string }).addr, '127.0.0.1:30500');
  assert.ok(!Object.hasOwn(config.storage as object, 'cache'));
  assert.deepEqual(registryCommand('/c'), ['/usr/bin/docker-registry', 'serve', '/c']);
});

test('blobsOf() reads an image’s manifest, each blob once, and refuses a list', () => {
  const blob = { digest: `sha256:${'0'.repeat(64)}`, size: 3 };
  assert.deepEqual(blobsOf(JSON.stringify({ config: blob, layers: [blob, blob] })), [blob]);
  assert.equal(blobsOf(JSON.stringify({ manifests: [] })), undefined);
  assert.equal(blobsOf('<html>'), undefined);
  assert.deepEqual(splitRepository('127.0.0.1:1/a/b'), { host: '127.0.0.1:1', name: 'a/b' });
});
