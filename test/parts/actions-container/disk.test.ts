/** Jobs on a disk that gets full: the floor before one starts, the end of the one that fills it, and that nothing of what became of a run is lost. */

import assert from 'node:assert/strict';
import { mkdir, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { createDiskWatch } from '../../../src/actions/actions.ts';
import { openCursor } from '../../../src/actions/logs/reader.ts';
import { openLog } from '../../../src/actions/logs/writer.ts';
import { diskFree, requireDisk } from '../../../src/host/host.ts';
import { exec } from '../../../src/kit/exec.ts';
import { poll } from '../../../src/kit/wait.ts';
import { follow, PATH, place, root, texts } from '../actions/place.ts';
import { smallDisk } from '../store/disk.ts';
import { openBench, run, signal } from './bench.ts';

const MIB = 1024 ** 2;

test('jobs on a small disk', async (t) => {
  // Everything of the runs lies on it, as in a home: record, logs, workspaces.
  const disk = join(root, '0');
  await mount(t, disk, 48);
  const jobs = join(disk, 'places');
  let measured = (folder: string): Promise<number> => diskFree(folder);
  let floor = 16 * MIB;
  const bench = await openBench(t, {
    folder: jobs,
    // Seldom: the disk is full to its last byte by then.
    disk: createDiskWatch({ folders: [jobs], floor: 16 * MIB, freeOf: (folder) => measured(folder), everyMs: 400 }),
    diskFloor: async () => requireDisk(disk, floor),
  });
  const settled = async (): Promise<true> =>
    poll(async () => ((await bench.engine.list(signal)).length === 0 && (await readdir(jobs)).length === 0 ? true : undefined), {
      signal,
      timeoutMs: 20_000,
      what: 'the removal of all jobs',
    });

  await t.test(
    'a job that fills it is ended: the record, the last line of the log and the space are there, and it can run again',
    async () => {
      await using it = await place({
        openJob: async ({ run: id, request }, opening) => bench.sandboxes.open(request, { run: id, signal: opening }),
      });
      const { runs } = await it.push('fill', { [PATH]: workflow('dd if=/dev/zero of=fill bs=1M; echo "dd ended"; sleep 100') });
      const [id = 0] = runs;
      const events = await follow(it.runs, id);
      const said = texts(events);
      const ended = it.runs.get(id);
      const [job] = ended.jobs;
      assert.deepEqual([ended.state, ended.conclusion, job?.state, job?.conclusion], ['completed', 'cancelled', 'completed', 'cancelled']);
      assert.match(
        job?.reason ?? '',
        /Cannot let the job go on as the disk of .*places has 0 B free, and 16 MB is the floor\. .*antler run rerun 1/,
      );
      assert.equal(said.at(-1), job?.reason, 'the last line of its log');
      assert.ok(
        said.some((text) => text.includes('No space left on device')),
        'it was full',
      );
      assert.ok(!said.includes('posted'), 'it has no time for `if: always()`');
      await settled();
      assert.ok((await diskFree(disk)) > 30 * MIB, 'its space came back');

      await it.push('mended', { [PATH]: workflow('echo fine') });
      assert.ok(texts(await follow(it.runs, id + 1)).includes('fine'));
      assert.equal(it.runs.get(id + 1).conclusion, 'success');
      floor = 1024 * MIB;
      await it.runs.rerun(id + 1, { failed: false, actor: 'ann' });
      const refused = texts(await follow(it.runs, id + 1));
      assert.match(refused.join('\n'), /Cannot go on as the disk of .* free, and 1 GB is the floor/);
      assert.equal(it.runs.get(id + 1).conclusion, 'failure');
      await settled();
      await assert.rejects(bench.open(), { code: 'host/disk-floor' });
      assert.deepEqual(await readdir(jobs), [], 'nothing was made');
      floor = 16 * MIB;
    },
  );

  await t.test('of two the one is ended that wrote more, also where that lies in its own file system; the other goes on', async () => {
    await using modest = await bench.open();
    await using greedy = await bench.open();
    await run(modest, 'dd if=/dev/zero of=some bs=1M count=4');
    await run(greedy, 'dd if=/dev/zero of=/srv/fill bs=1M count=12');
    const until = poll(() => (greedy.ended?.aborted === true ? true : undefined), { signal, timeoutMs: 20_000, what: 'its end' });
    const waits = run(greedy, 'trap "" INT TERM; while :; do sleep 1; done');
    measured = async () => (greedy.ended?.aborted === true ? 40 * MIB : MIB);
    await until;
    assert.equal((await waits).reason, 'canceled');
    assert.equal(await bench.engine.inspect(greedy.name, signal), undefined, 'it is gone when its step has ended');
    assert.equal(modest.ended?.aborted, false);
    assert.equal((await run(modest, 'cat some | head -c 3; echo fine')).text.slice(3), 'fine\n');
  });
  await settled();
});

test('openLog(): what a full disk refused is written once there is room, and the gap is said', async (t) => {
  const disk = await smallDisk(t, 2);
  const path = join(disk.folder, 'a.log');
  const line = (text: string) => ({ at: 1, job: 'a', step: 2, kind: 'output', text }) as const;
  {
    await using log = await openLog(path);
    await log.write(line('before'));
    await log.flush();
    await disk.fill();
    for (let index = 0; index < 40; index += 1) {
      await log.write(line(`${index} ${'x'.repeat(500)}`));
      await log.flush();
    }
    await disk.empty();
    await log.write(line('after'));
  }
  const back: string[] = [];
  for await (const { text } of openCursor(path, 'a').read(Infinity, signal)) back.push(text);
  assert.equal(back[0], 'before');
  assert.equal(back.filter((text) => text.includes('the disk was full')).length, 1);
  assert.equal(back.at(-1), 'after');
});

async function mount(t: TestContext, folder: string, megabytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  await exec(['mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'antler-test', folder], { signal });
  t.after(() => exec(['umount', '--lazy', folder], { signal: AbortSignal.timeout(10_000) }));
  assert.ok((await statfs(folder)).blocks > 0);
}

function workflow(script: string): string {
  return `on: push
defaults: { run: { shell: sh } }
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
      - run: ${JSON.stringify(script)}
      - { if: always(), run: echo posted }
`;
}
