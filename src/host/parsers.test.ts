import assert from 'node:assert/strict';
import { test } from 'node:test';

import { couldNotFetch, parseInstalled, parsePolicy, wasInterrupted } from './apt/parse.ts';
import { maskFirst, toGiveBack } from './apt/mask-first.ts';
import { parseUnitFiles, unitsBrought } from './apt/units.ts';
import { diffLines } from './diff.ts';
import { hasMemoryController, parseCgroupMounts, parseLimits, parseMeminfo, parseOsRelease } from './machine-parse.ts';
import { parseLocks } from './proc/locks.ts';
import { parseListeners } from './proc/ports.ts';
import { namesHome } from './proc/processes.ts';
import { parseIdRanges } from './resources/accounts.ts';
import { parseAddresses } from './resources/network.ts';

test('parseInstalled() leaves out what is only half there', () => {
  const text = 'git\t1:2.39.5-0+deb12u2\tinstalled\nnginx\t1.22\tconfig-files\nhello\t2.10\thalf-installed\n';
  assert.deepEqual([...parseInstalled(text)], [['git', '1:2.39.5-0+deb12u2']]);
});

test('parsePolicy() gives candidates, none for names that no source has', () => {
  const text =
    'hello:\n  Installed: (none)\n  Candidate: 2.10-3\n  Version table:\n     2.10-3 500\nghost:\n  Installed: (none)\n  Candidate: (none)\n';
  assert.deepEqual([...parsePolicy(text)], [['hello', '2.10-3']]);
});

test('couldNotFetch() tells a mirror that is away from a package that fails', () => {
  assert.ok(couldNotFetch(['E: Failed to fetch http://127.0.0.1:1/x.deb  Could not connect to 127.0.0.1:1']));
  assert.ok(couldNotFetch(['Err:1 http://deb.debian.org bookworm InRelease', "  Temporary failure resolving 'deb.debian.org'"]));
  assert.ok(!couldNotFetch(['dpkg: error processing package hello (--configure):']));
});

test('wasInterrupted() hears what apt says after a kill', () => {
  assert.ok(wasInterrupted(["E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem."]));
  assert.ok(!wasInterrupted(['E: Unable to locate package x']));
});

test('maskFirst(): the text that a shell reads holds nothing of ours', () => {
  const hook = maskFirst({ kind: 'systemd', etc: '/a b; c', note: '/$(d)' });
  assert.doesNotMatch(hook.args.join(' '), /a b|\(d\)/);
  assert.deepEqual([hook.env['ANTLER_ETC'], hook.env['ANTLER_NOTE']], ['/a b; c', '/$(d)']);
});

test('toGiveBack(): a table of units that were turned off', () => {
  const on = { name: 'on', brought: true, atBoot: true };
  const off = { name: 'off', brought: true, atBoot: false };
  const gone = { name: 'gone', brought: false, atBoot: false };
  const left = { name: 'left', brought: false, atBoot: true };
  const cases = [
    ['installed', [on, off, gone, left], ['off']],
    ['purged', [on, off, gone, left], ['gone', 'left']],
    ['installed', [], []],
  ] as const;
  for (const [when, noted, wanted] of cases) assert.deepEqual(toGiveBack(noted, when), wanted, when);
});

test('unitsBrought() names new units that would start by themselves, and no others', () => {
  const before = parseUnitFiles('ssh.service enabled enabled\n');
  const after = parseUnitFiles(
    'ssh.service enabled enabled\nhaproxy.service enabled enabled\npodman.socket enabled enabled\nnftables.service disabled enabled\ndbus.service static -\n',
  );
  assert.deepEqual(unitsBrought(before, after), ['haproxy.service', 'podman.socket']);
});

test('parseLocks() knows holders from waiters, whatever the kind of lock', () => {
  const text = `1: POSIX  ADVISORY  WRITE 3568 fe:00:2097277 0 EOF
1: -> POSIX  ADVISORY  WRITE 4000 fe:00:2097277 0 EOF
2: FLOCK  ADVISORY  WRITE 705 00:18:991 0 EOF
3: OFDLCK ADVISORY  READ  -1 00:06:12 0 0
`;
  assert.deepEqual(parseLocks(text), [
    { pid: 3568, inode: 2097277 },
    { pid: 705, inode: 991 },
    { pid: -1, inode: 12 },
  ]);
});

test('parseListeners() gives the port and socket of what listens, IPv4 and IPv6', () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:7530 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 14690 1 0000000000000000 100 0 0 10 0
   1: 0100007F:7530 0100007F:D2A4 01 00000000:00000000 00:00000000 00000000     0        0 15000 1 0000000000000000 20 4 30 10 -1
   2: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 999 1 0
`;
  assert.deepEqual(parseListeners(text), [
    { port: 30000, inode: 14690 },
    { port: 22, inode: 999 },
  ]);
});

test('namesHome() is not fooled by a longer name', () => {
  assert.ok(namesHome('haproxy\0-f\0/var/lib/antler/edge/haproxy.cfg\0', '/var/lib/antler'));
  assert.ok(namesHome('node\0--home\0/var/lib/antler\0', '/var/lib/antler'));
  assert.ok(!namesHome('node\0--home\0/var/lib/antler-two\0', '/var/lib/antler'));
  assert.ok(namesHome('x\0/var/lib/antler-two\0/var/lib/antler\0', '/var/lib/antler'));
});

test('parseIdRanges() leaves broken lines out', () => {
  assert.deepEqual(parseIdRanges('# x\npi:100000:65536\nbroken\ncontainers:2147483647:2147483648\n'), [
    { user: 'pi', start: 100000, count: 65536 },
    { user: 'containers', start: 2147483647, count: 2147483648 },
  ]);
});

test('parseAddresses() reads every address of lo', () => {
  assert.deepEqual(parseAddresses('[{"ifname":"lo","addr_info":[{"local":"127.0.0.1"},{"local":"10.9.2.1"}]}]'), ['127.0.0.1', '10.9.2.1']);
});

test('parseCgroupMounts() tells v1, hybrid and v2 apart', () => {
  assert.equal(parseCgroupMounts('cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n'), 'v2');
  assert.equal(parseCgroupMounts('cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n'), 'v1');
  assert.equal(parseCgroupMounts('cgroup /a cgroup rw 0 0\ncgroup2 /b cgroup2 rw 0 0\n'), 'hybrid');
  assert.equal(parseCgroupMounts('proc /proc proc rw 0 0\n'), 'none');
});

test('hasMemoryController() sees a Pi that boots with it off', () => {
  assert.ok(hasMemoryController('v2', '', 'cpuset cpu io memory pids\n'));
  assert.ok(!hasMemoryController('v2', 'memory\t0\t10\t0\n', 'cpuset cpu io pids\n'));
  assert.ok(hasMemoryController('hybrid', '#subsys\tx\nmemory\t4\t10\t1\n', ''));
  assert.ok(!hasMemoryController('v1', 'memory\t0\t10\t0\n', ''));
});

test('parseOsRelease() and parseMeminfo() and parseLimits() read the files as they are', () => {
  const os = parseOsRelease(
    'PRETTY_NAME="Raspbian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=raspbian\nID_LIKE=debian\n',
  );
  assert.deepEqual(os, { id: 'raspbian', like: ['debian'], version: '12', codename: 'bookworm', name: 'Raspbian GNU/Linux 12 (bookworm)' });
  assert.equal(parseMeminfo('MemTotal:        1024 kB\nMemAvailable:     512 kB\n', 'MemAvailable'), 524288);
  assert.deepEqual(
    parseLimits(
      'Max processes             96365                96365                processes\nMax open files            1024                 20000                files\n',
    ),
    {
      openFiles: 20000,
      processes: 96365,
    },
  );
  assert.equal(
    parseLimits('Max processes             unlimited            unlimited            processes\n').processes,
    Number.POSITIVE_INFINITY,
  );
});

test('diffLines() shows the changed middle, a few lines of it', () => {
  assert.deepEqual(diffLines('a\nb\nc\n', 'a\nX\nc\n'), ['- b', '+ X']);
  assert.deepEqual(diffLines('', 'a\n'), ['+ a']);
  assert.deepEqual(diffLines('a\n', 'a\n'), []);
  assert.equal(diffLines('', 'x\n'.repeat(20)).at(-1), '+ … 14 more');
});
