import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pageOf } from './page.ts';
import type { Results } from './results.ts';
import { partsOf } from './rollouts.ts';
import { median } from './starts.ts';

const startedAt = '2026-11-23T12:00:00.000Z';

test('partsOf() adds containers, which start in turn, and takes the longest of the checks, which wait side by side', () => {
  const step = (name: string, ms: number, state: 'done' | 'skipped' = 'done') => ({ step: name, startedAt, ms, state });
  const steps = [
    step('dev/fetch', 30),
    step('dev/start/backend', 150),
    step('dev/start/frontend', 160),
    step('dev/gate/backend', 400),
    step('dev/gate/frontend', 250),
    step('dev/shift/100', 20),
    step('dev/soak', 999, 'skipped'),
    step('dev/retire', 700),
  ];
  assert.deepEqual(partsOf({ steps }), { startMs: 310, checkMs: 400, drainMs: 700, otherMs: 50 });
});

test('median() is the middle, or the middle of the two in the middle', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(median([]), 0);
});

test('pageOf() says of each goal whether it is met', () => {
  const results = {
    at: startedAt,
    machine: {
      cpu: 'a cpu',
      cores: 2,
      memoryBytes: 8 * 1024 ** 3,
      system: 'Debian',
      kernel: '6.1',
      init: 'systemd',
      versions: { Node: '24.21.0' },
    },
    up: { coldMs: 90_000, warmMs: 9000, againMs: [1400, 1600, 1500] },
    starts: [{ command: '--help', goal: 3, ratio: 3.2, ms: 96, nodeMs: 30, pairs: 15 }],
    actions: {
      pairs: 15,
      firstStepMs: 140,
      workflows: [
        { title: 'quick', steps: 10, antler: { wallMs: 200, cpuMs: 90 }, script: { wallMs: 20, cpuMs: 10 } },
        { title: 'slow', steps: 10, antler: { wallMs: 260, cpuMs: 90 }, script: { wallMs: 20, cpuMs: 10 } },
      ],
    },
    rollouts: [{ release: 'r2', lastOldAnswerMs: 900, commandMs: 1700, parts: { startMs: 310, checkMs: 400, drainMs: 700, otherMs: 50 } }],
    loaded: {
      load: {
        sent: 60_000,
        ok: 60_000,
        lost: 0,
        errors: 0,
        lostBy: {},
        losses: [],
        posts: 15_000,
        releases: { r2: { answers: 60_000, first: 0, last: 1 } },
        ms: 30_000,
        latencyMs: { p50: 5, p95: 12, p99: 20, max: 80 },
      },
      receipts: [],
      commandMs: [2000, 2100, 2200],
    },
    pushes: { pushMs: 12_000, jobs: [{ name: 'test', ms: 5000 }], tenStepsMs: [1400, 1600, 1500] },
    idle: {
      minutes: 3,
      cpu: { daemon: 0.0123, edge: 0.001, containers: 0.02 },
      written: { daemon: 6 * 1024 ** 2, edge: 0 },
      rolledUp: false,
      loopLagMs: 4,
      history: { targets: 24, bytesPerHour: 2 * 1024 ** 2 },
      memory: { platform: { daemon: 70 * 1024 ** 2 }, apps: 1 },
    },
    busiest: { memory: { platform: { daemon: 90 * 1024 ** 2, edge: 1 }, apps: 1 }, loopLagMs: 31 },
    paint: { browser: 'Chromium 150', ms: [120, 310, 90], emptyMs: [40, 50, 60] },
  } satisfies Results;
  const page = pageOf(results);
  for (const line of [
    /again.*1\.50 s \| ≤ 1\.5 s ✓/,
    /`antler --help` \| 96 ms \| 30 ms \| 3\.2x \| ≤ 3x ✗/,
    /above the physical parts \| 290 ms \(goal ≤ 500 ms ✓\)/,
    /60,000 in 30\.0 s \(goal ≥ 50,000 ✓\)/,
    /all of Antler\*\* \| \*\*70\.0 MB\*\* \(goal ≤ 150 MB ✓\) \| \*\*90\.0 MB/,
    /\| daemon \| 1\.23 % \(goal ≤ 1 % ✗\) \|/,
    /all of Antler\*\* \| 1\.33 % \|/,
    /application’s containers \| 2\.00 % \|/,
    /of 250 ms tells: 4\.0 ms; under the load above 31 ms/,
    /6\.0 MB an hour \(goal ≤ 5 MB ✗\) at the pace of these minutes, in which no hour’s roll-up lay: daemon 6\.0 MB\./,
    /24 targets and with its hours .* 2\.0 MB an hour \(goal ≤ 5 MB ✓\)/,
    /First paint .* 120 ms \(goal ≤ 300 ms ✓\), median of 3; a page of one word takes 50 ms/,
  ])
    assert.match(page, line);
  const bare = pageOf({ ...results, paint: undefined });
  assert.match(bare, /not measured: there is no Chromium/);
});
