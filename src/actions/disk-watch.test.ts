import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { poll, sleep } from '../kit/wait.ts';
import { createDiskWatch, judgeDisk, largest, type WatchedJob } from './disk-watch.ts';

const folder = mkdtempSync(join(tmpdir(), 'antler-disk-watch-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const signal = AbortSignal.timeout(20_000);

test('judgeDisk: a table of sights', () => {
  const cases = [
    [{ free: 100, floor: 100 }, 'well'],
    [{ free: 99, floor: 100 }, 'end'],
    [{ free: 99, floor: 100, freeBefore: 50 }, 'wait'], // what was ended gives its space back
    [{ free: 50, floor: 100, freeBefore: 50 }, 'end'], // it does not, or another one takes it
    [{ free: 40, floor: 100, freeBefore: 50 }, 'end'],
    [{ free: 100, floor: 100, freeBefore: 50 }, 'well'],
    [{ free: 0, floor: 0 }, 'well'],
  ] as const;
  for (const [sight, wanted] of cases) assert.equal(judgeDisk(sight), wanted, JSON.stringify(sight));
});

test('largest: who holds the most; whoever cannot be counted in time; of equals the last', () => {
  const cases = [
    [[1], 0],
    [[1, 3, 2], 1],
    [[1, undefined, 9], 1],
    [[2, 2, 1], 1],
    [[0, 0], 1],
  ] as const;
  for (const [held, wanted] of cases) assert.equal(largest(held), wanted, JSON.stringify(held));
});

test('createDiskWatch: one timer, only while jobs run; the largest is ended with a code and what to type, the others go on', async () => {
  let free = 1000;
  let looks = 0;
  const ended: string[] = [];
  const watch = createDiskWatch({
    folders: [folder],
    floor: 500,
    everyMs: 5,
    freeOf: async () => {
      looks += 1;
      return free;
    },
  });
  const job = (name: string, bytes: number): WatchedJob => {
    const file = join(folder, name);
    writeFileSync(file, Buffer.alloc(bytes, 1));
    return {
      run: 7,
      folders: [file],
      async end(error) {
        assert.equal(error.code, 'actions/disk-floor');
        ended.push(`${name}: ${error.message} → ${error.hint}`);
        rmSync(file);
        free = 1000;
      },
    };
  };
  const seen = async (): Promise<void> => {
    const from = looks;
    await poll(() => (looks > from + 2 ? true : undefined), { signal, everyMs: 2, what: 'looks' });
  };
  {
    using _small = watch.add(job('small', 4096));
    using _large = watch.add(job('large', 65_536));
    using _other = watch.add(job('other', 8192));
    await seen();
    assert.deepEqual(ended, []);
    free = 400;
    await poll(() => (ended.length > 0 ? true : undefined), { signal, everyMs: 2, what: 'an end' });
    await seen();
    assert.equal(ended.length, 1);
    assert.match(
      ended[0] ?? '',
      /^large: .* has 400 B free, and 500 B is the floor; of the 3 running jobs .* the most \(64 KB\) → .*rerun 7/,
    );
  }
  await sleep(30, signal);
  const rest = looks;
  await sleep(30, signal);
  assert.equal(looks, rest, 'nothing is looked at when no job runs');
});

test('createDiskWatch: where the space does not come back the next one is ended; a disk that cannot be read ends nobody', async () => {
  let free: number | undefined;
  const ended: number[] = [];
  const never = Promise.withResolvers<void>();
  const watch = createDiskWatch({
    folders: ['/gone'],
    floor: 500,
    everyMs: 5,
    freeOf: async () => free ?? Promise.reject(new Error('EIO')),
  });
  const add = (run: number): Disposable =>
    watch.add({
      run,
      folders: [join(folder, 'absent')],
      end: async () => {
        ended.push(run);
        await never.promise;
      },
    });
  using _one = add(1);
  using _two = add(2);
  await sleep(40, signal);
  assert.deepEqual(ended, []);
  free = 100;
  await poll(() => (ended.length === 2 ? true : undefined), { signal, everyMs: 2, what: 'both ends' });
  assert.deepEqual(ended, [2, 1]);
  never.resolve();
});
