/** What Podman, conmon and the kernel say, as they say it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { exitReason } from '../reason.ts';
import { findMemoryFolder } from './cgroup.ts';
import { createFrameParser } from './frames.ts';
import { createLogParser } from './k8s-file.ts';
import { parseOomKills } from './kernel-log.ts';
import { toContainer } from './listed.ts';
import { isShared } from './namespaces.ts';
import { gatewayOf } from './networks.ts';

test('createLogParser: lines, parts of both streams between each other, pieces cut anywhere', () => {
  const text = [
    '2026-11-23T12:46:40.606368633+00:00 stdout F one',
    '2026-11-23T12:46:41.000000000+00:00 stdout P lo',
    '2026-11-23T12:46:41.100000000+00:00 stderr F two  spaces',
    '2026-11-23T12:46:42.000000000+00:00 stdout F ng',
    'not a line of ours',
    '2026-11-23T14:46:43.5+02:00 stderr F ',
    '',
  ].join('\n');
  const wanted = [
    { at: Date.parse('2026-11-23T12:46:40.606Z'), stream: 'stdout', text: 'one' },
    { at: Date.parse('2026-11-23T12:46:41.1Z'), stream: 'stderr', text: 'two  spaces' },
    { at: Date.parse('2026-11-23T12:46:42Z'), stream: 'stdout', text: 'long' },
    { at: Date.parse('2026-11-23T12:46:43.5Z'), stream: 'stderr', text: '' },
  ];
  assert.deepEqual(createLogParser().push(text), wanted);
  for (const size of [1, 7, 50]) {
    const parser = createLogParser();
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    assert.deepEqual(
      pieces.flatMap((piece) => parser.push(piece)),
      wanted,
      `pieces of ${size}`,
    );
  }
});

test('createFrameParser: streams told apart, frames cut anywhere', () => {
  const bytes = Buffer.concat([frame(1, 'out'), frame(2, 'err'), frame(1, ''), frame(1, 'x'.repeat(300))]);
  for (const size of [1, 5, 1000]) {
    const parser = createFrameParser();
    const frames = [];
    for (let at = 0; at < bytes.length; at += size) frames.push(...parser.push(bytes.subarray(at, at + size)));
    assert.deepEqual(
      frames.map(({ stream, bytes: part }) => [stream, Buffer.from(part).toString()]),
      [
        ['stdout', 'out'],
        ['stderr', 'err'],
        ['stdout', ''],
        ['stdout', 'x'.repeat(300)],
      ],
    );
  }
});

function frame(stream: number, text: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(text.length, 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

const ID = 'ab'.repeat(32);

test('parseOomKills: only kills for a container’s own limit, with their time', () => {
  const records = [
    '6,1,1000,-;cni-podman1: port 1(veth0) entered blocking state',
    `6,2,2500000,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/libpod_parent/libpod-${ID},task_memcg=/libpod_parent/libpod-${ID},task=tail,pid=7,uid=1000000`,
    `6,3,3000000,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/machine.slice/libpod-${ID}.scope/container,task_memcg=/machine.slice/libpod-${ID}.scope/container,task=sh,pid=8,uid=0`,
    `6,4,4000000,-;oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),global_oom,task_memcg=/libpod_parent/libpod-${ID},task=sh,pid=9,uid=0`,
    '3,5,5000000,-;Memory cgroup out of memory: Killed process 7 (tail)',
  ];
  assert.deepEqual(parseOomKills(records, 1_000_000), [
    { container: ID, at: 1_002_500 },
    { container: ID, at: 1_003_000 },
  ]);
});

const REASONS = [
  [0, false, 'done'],
  [0, true, 'done'],
  [3, false, 'crash'],
  [137, false, 'killed'],
  [143, false, 'killed'],
  [139, false, 'crash'],
  [134, false, 'crash'],
  [137, true, 'oom'],
  [1, true, 'oom'],
] as const;

for (const [exitCode, oom, wanted] of REASONS) {
  test(`exitReason: ${exitCode}${oom ? ' with an OOM kill' : ''} is ${wanted}`, () => assert.equal(exitReason(exitCode, oom), wanted));
}

test('findMemoryFolder: v1, hybrid and v2', () => {
  const v1 =
    'tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0';
  const hybrid = '9:name=systemd:/x\n4:memory:/libpod_parent/libpod-1\n0::/';
  assert.deepEqual(findMemoryFolder(hybrid, v1), { version: 'v1', path: '/sys/fs/cgroup/memory/libpod_parent/libpod-1' });
  assert.deepEqual(findMemoryFolder('0::/machine.slice/libpod-1.scope/container\n', 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0'), {
    version: 'v2',
    path: '/sys/fs/cgroup/machine.slice/libpod-1.scope/container',
  });
  assert.equal(findMemoryFolder('', ''), undefined);
});

test('isShared: the deepest mount counts, the last of several', () => {
  const root = '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw';
  const sharedRoot = '27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw';
  const run = '30 27 0:20 / /run rw shared:5 - tmpfs tmpfs rw';
  const bind = '48 27 254:0 /run/netns /run/netns rw,relatime shared:9 - ext4 /dev/vda rw';
  const slave = '49 48 254:0 /run/netns /run/netns rw,relatime master:9 - ext4 /dev/vda rw';
  assert.equal(isShared(root, '/run/netns'), false);
  assert.equal(isShared(sharedRoot, '/run/netns'), true);
  assert.equal(isShared(`${root}\n${run}`, '/run/netns'), true);
  assert.equal(isShared(`${root}\n${bind}`, '/run/netns'), true);
  assert.equal(isShared(`${sharedRoot}\n${bind}\n${slave}`, '/run/netns'), false);
  assert.equal(isShared(`${root}\n30 27 0:20 / /runner rw shared:5 - tmpfs tmpfs rw`, '/run/netns'), false);
});

test('toContainer: the words of Podman 4 and 5; running without a process is an end', () => {
  const item = {
    Id: ID,
    Names: ['web'],
    Image: 'i',
    Labels: {},
    Networks: [],
    State: 'running',
    Pid: 7,
    ExitCode: 0,
    ExitedAt: -1,
    StartedAt: 5,
  };
  const end = { exitCode: 137, reason: 'killed', at: 1 } as const;
  const kind = (State: string, alive = true): string => toContainer({ ...item, State }, { alive: () => alive, end: () => end }).state.kind;
  const kinds = {
    created: 'created',
    configured: 'created',
    initialized: 'created',
    running: 'running',
    paused: 'running',
    stopping: 'running',
  };
  for (const [state, wanted] of Object.entries({ ...kinds, exited: 'exited', stopped: 'exited', removing: 'removing' })) {
    assert.equal(kind(state), wanted, state);
  }
  assert.equal(kind('running', false), 'exited');
});

test('gatewayOf: the first address', () => {
  assert.equal(gatewayOf('10.70.101.0/24'), '10.70.101.1');
  assert.equal(gatewayOf('10.70.101.128/25'), '10.70.101.129');
});
