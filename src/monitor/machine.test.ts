import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { machine as contract } from '../contract/watch.ts';
import { openMetrics } from '../store/store.ts';
import { readMachine } from './machine-view.ts';
import { parseCpu, parseMemory, watchMachine } from './machine.ts';

const NOON = Date.UTC(2026, 5, 1, 12);

test('parseCpu: waiting for a disk is no work, time stolen from us is', () => {
  assert.deepEqual(parseCpu('cpu  10 1 5 80 4 0 0 2 7 0\ncpu0 1 2 3 4\n'), { all: 102, busy: 18 });
});

test('parseMemory: total and available', () => {
  assert.deepEqual(parseMemory('MemTotal:       2048 kB\nMemFree: 1 kB\nMemAvailable:   1024 kB\n'), {
    totalBytes: 2048 * 1024,
    availableBytes: 1024 * 1024,
  });
});

test('watchMachine: tells a minute’s share of work and bytes written, and the hottest sensor', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'antler-machine-'));
  t.after(async () => rm(root, { recursive: true, force: true }));
  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  await put('proc/meminfo', 'MemTotal: 100 kB\nMemAvailable: 40 kB\n');
  await put('proc/stat', 'cpu  100 0 0 100 0 0 0 0\n');
  await put('proc/self/io', 'write_bytes: 1000\n');
  await put('sys/class/hwmon/hwmon0/temp1_input', '41000\n');
  const watch = watchMachine({ folder: root, root });
  assert.equal(await watch.minute(), undefined);
  await put('proc/stat', 'cpu  130 0 0 170 0 0 0 0\n');
  await put('proc/self/io', 'write_bytes: 5000\n');
  await put('sys/class/thermal/thermal_zone0/temp', '52500\n');
  await put('sys/class/thermal/thermal_zone1/temp', '61000\n');
  const row = await watch.minute();
  assert.deepEqual([row?.cpu, row?.writtenBytes, row?.temperature, row?.memoryBytes], [0.3, 4000, 61, 60 * 1024]);
  assert.equal((await watch.now()).cpu, 0.3);
});

test('readMachine: is what the contract says, of this machine as well', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'antler-machine-'));
  t.after(async () => rm(folder, { recursive: true, force: true }));
  await using metrics = await openMetrics(join(folder, 'metrics.db'), { keepHouse: false, reserveBytes: 0 });
  const watch = watchMachine({ folder });
  await metrics.minute({
    at: NOON,
    probes: [],
    traffic: [],
    machine: { cpu: 0.5, memoryBytes: 7, diskFreeBytes: 8, temperature: undefined, writtenBytes: 60 },
  });
  const daemon = { startedAt: NOON - 3_600_000, version: '1', loopLagMs: 2 };
  const seen = await readMachine({ metrics, watch, now: NOON + 30_000, range: '1h', daemon });
  assert.deepEqual(contract.parse(seen), seen);
  assert.equal(seen.history.cpu.at(-1), 0.5);
  assert.equal(seen.history.temperature.at(-1), null);
  assert.ok(seen.memory.totalBytes > 1e8 && seen.disk.freeBytes > 0 && seen.daemon.memoryBytes > 1e7);
});
