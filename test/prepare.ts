/** Installs the Debian packages that the tests with real parts need, with the same code that `antler up` uses. */

import process from 'node:process';

import { applyHost, planHost, readFacts } from '../src/host/host.ts';
import type { Resource } from '../src/host/types.ts';

const PACKAGES = [
  'buildah',
  'busybox-static',
  'ca-certificates',
  'catatonit',
  'curl',
  'docker-registry',
  'git',
  'haproxy',
  'iproute2',
  'mmdebstrap',
  'nftables',
  'openssh-server',
  'podman',
  'runc',
  'runit',
  'uidmap',
];

const { signal } = new AbortController();
const wanted = PACKAGES.map((name): Resource => ({ kind: 'package', name }));
const changes = planHost(wanted, await readFacts(wanted, { signal }));
for (const { text } of changes) process.stdout.write(`${text}\n`);
await applyHost(changes, { signal, onLine: (line) => process.stdout.write(`  ${line}\n`) });
