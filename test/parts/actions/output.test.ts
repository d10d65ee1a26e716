/** What steps print, by the real program: nothing is lost, nothing breaks us, secrets do not come through. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { follow, PATH, place, texts } from './place.ts';
import { job, makeTree, runWorkflow, start } from './fixture.ts';

test('output: all of a step that fails at once is there, also its last line without a newline', async (t) => {
  const ran = await runWorkflow(t, job(`- run: 'for i in 1 2 3; do echo "out $i"; done; printf "no newline" >&2; exit 7'`));
  assert.deepEqual(ran.output().toSorted(), ['no newline', 'out 1', 'out 2', 'out 3']);
});

test('output: what is still in the pipe when a step fails is there to its last line', async (t) => {
  const ran = await runWorkflow(t, job(`- run: seq 1 100000; exit 7`));
  assert.deepEqual([ran.output().length, ran.output().at(-1)], [100_000, '100000']);
});

test('output: a line of 1 MB, binary bytes and a character cut in two come through', async (t) => {
  const ran = await runWorkflow(
    t,
    job(`
- run: head -c 1048576 /dev/zero | tr '\\0' x; echo
- run: printf 'a\\377\\376\\000b\\n'; printf '\\xf0\\x9f'; sleep 0.2; printf '\\x92\\xa5\\r\\n'
- run: head -c 200000 /dev/urandom
`),
  );
  const [long = '', binary, cut] = ran.output();
  assert.deepEqual([long.length, /^x+$/.test(long)], [1024 * 1024, true]);
  assert.deepEqual([binary, cut], ['a��\0b', '💥']);
  assert.equal(ran.code, 0);
});

test('output: what a process in the background prints later holds nobody up, and it is ended with the job', async (t) => {
  const began = Date.now();
  const ran = await runWorkflow(t, job(`- run: '(sleep 1000; echo late) & echo started'\n- run: 'setsid sleep 1000 & echo second'`));
  assert.deepEqual(ran.output(), ['started', 'second']);
  assert.ok(Date.now() - began < 20_000);
});

test('output: 800 MB of it pass without our memory growing with them', async (t) => {
  const tree = makeTree(t, `on: push\n${job(`- run: yes ${'x'.repeat(2000)} | head -c 800000000`)}`);
  const child = start(tree, []);
  child.stdout?.resume();
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, memoryOf(child.pid))), 50);
  const [code] = (await once(child, 'close')) as [number];
  clearInterval(timer);
  assert.equal(code, 0);
  assert.ok(most > 20 && most < 300, `${most} MB`);
});

test('output: a job that prints without end fills its log and no disk; it is said, the job goes on, and its last lines are there', async () => {
  await using it = await place({ logLimits: { headBytes: 500_000, tailBytes: 50_000 } });
  await it.push('much', { [PATH]: `on: push\n${job(`- run: yes ${'x'.repeat(99)} | head -c 30000000\n- run: echo after`)}` });
  const said = texts(await follow(it.runs, 1));
  assert.equal(it.runs.get(1).conclusion, 'success');
  const size = statSync(join(it.folder, 'runs/1/1/one.log')).size;
  assert.ok(size > 500_000 && size < 700_000, `${size} bytes`);
  assert.ok(
    said.some((text) => text.startsWith('The log of this job is full (')),
    'told',
  );
  assert.ok(said.some((text) => /^\d{6} lines are left out here/.test(text)));
  assert.ok(said.includes('after'));
});

/** Resident, in MB; 0 where it has gone. */
function memoryOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

test('secrets: masked raw and encoded, in names, annotations, groups, summaries and errors; never an output of a job', async (t) => {
  const secret = 's3cr3t "quoted" v&lue';
  const ran = await runWorkflow(
    t,
    `jobs:
  one:
    name: job
    runs-on: ubuntu-latest
    outputs:
      leaked: "x \${{ steps.s.outputs.v }}"
      fine: ok
    steps:
      - id: s
        name: "with \${{ secrets.TOKEN }}"
        env: { T: "\${{ secrets.TOKEN }}" }
        run: |
          echo "raw $T"
          printf '%s' "user:$T" | base64 -w0; echo
          python3 -c 'import os,json,urllib.parse,html; t=os.environ["T"]; print(json.dumps(t)); print(urllib.parse.quote(t, safe="")); print(html.escape(t))'
          echo "::warning title=$T::$T"
          echo "::group::$T"
          echo "v=$T" >> $GITHUB_OUTPUT
          echo "# $T" >> $GITHUB_STEP_SUMMARY
          echo "$LINE2"
          exit 0
      - run: echo "\${{ fromJSON(secrets.TOKEN) }}"
        if: always()
  two:
    needs: one
    if: always()
    runs-on: ubuntu-latest
    steps:
      - run: echo "<\${{ needs.one.outputs.leaked }}> <\${{ needs.one.outputs.fine }}>"
      - run: echo "second line of it"
`,
    { args: ['--secret', `TOKEN=${secret}`, '--secret', 'MULTI'], env: { MULTI: 'first line\nsecond line of it' } },
  );
  const all = ran.stdout + ran.stderr;
  for (const form of [secret, 's3cr3t', Buffer.from(secret).toString('base64').slice(4, 20), encodeURIComponent(secret)]) {
    assert.equal(all.includes(form), false, `${form} came through`);
  }
  assert.deepEqual(ran.output('two'), ['<> <ok>', '***']);
  assert.ok(ran.lines.some(({ kind, text }) => kind === 'warning' && text === "Skip output 'leaked' since it may contain secret."));
  assert.ok('with ***' in ran.stepConclusions('one'));
  assert.deepEqual(ran.jobs.find(({ key, state }) => key === 'one' && state === 'completed')?.outputs, { fine: 'ok' });
});
