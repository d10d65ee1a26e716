/** Installs the Debian packages that the tests with real parts need, with the same code that `antler up` uses. */

import { readFile } from 'node:fs/promises';
import process from 'node:process';

import { applyHost, planHost, readFacts } from '../src/host/host.ts';
import type { Resource } from '../src/host/types.ts';

const PACKAGES = [
  'buildah',
  'busybox-static',
  'ca-certificates',
  'catatonit',
  'chromium',
  'curl',
  'docker-registry',
  'git',
  'haproxy',
  'iproute2',
  'mmdebstrap',
  'nftables',
  'openssh-server',
  'podman',
  'prometheus',
  'runc',
  'runit',
  'uidmap',
];

const { signal } = new AbortController();
const packages = PACKAGES.map((name): Resource => ({ kind: 'package', name }));
// Containers with ids of their own, without an instance that has seen to it; a line that is there stays.
const ids: Resource = { kind: 'id-range', user: 'containers', start: 0x4000_0000, count: 1024 * 65_536 };
const hasIds = (await readFile('/etc/subuid', 'utf8').catch(() => '')).includes('containers:');
const wanted = hasIds ? packages : [...packages, ids];
const changes = planHost(wanted, await readFacts(wanted, { signal }));
for (const { text } of changes) process.stdout.write(`${text}\n`);
await applyHost(changes, { signal, onLine: (line) => process.stdout.write(`  ${line}\n`) });
