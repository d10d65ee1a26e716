/** Interrupting `antler run`: the ladder, what still runs, and that nothing is left. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'node:test';

import { ended, job, makeTree, processesWith, start, type Ran, type Tree } from './fixture.ts';

test('Ctrl-C: the step gets SIGINT, `if: always()` and cancelled() still run, the run is cancelled and nothing is left', async (t) => {
  const tree = makeTree(
    t,
    `on: push\n${job(`
- name: trapped
  run: |
    trap 'echo interrupted; exit 5' INT
    echo ready; while :; do sleep 0.1; done
- { run: echo not here }
- { run: 'echo always \${{ job.status }}', if: always() }
- { run: echo cancelled, if: cancelled() }
`)}`,
  );
  const ran = await interrupted(tree, start(tree, ['--json']), ['SIGINT']);
  assert.deepEqual(ran.output(), ['ready', 'interrupted', 'always cancelled', 'cancelled']);
  assert.deepEqual(ran.conclusions(), { one: 'cancelled' });
  assert.equal(ran.stepConclusions('one')['trapped'], 'cancelled');
  assert.equal(ran.code, 130);
  assert.deepEqual([readdirSync(tree.temp), processesWith(tree.temp)], [[], []]);
});

test('Ctrl-C: what runs inside of an action ends with the step that called it; an action that `if: always()` calls runs its steps', async (t) => {
  const action = (run: string): string =>
    `runs:\n  using: composite\n  steps: [{ shell: bash, run: '${run}' }, { shell: bash, run: echo and more }]\n`;
  const tree = makeTree(
    t,
    `on: push\n${job(`- uses: actions/checkout@v4\n- uses: ./slow\n- { uses: ./clean, if: always() }\n- { run: echo not here }\n`)}`,
    {
      files: {
        'slow/action.yml': action('echo ready; while :; do sleep 0.1; done'),
        'clean/action.yml': action('echo "clean ${{ job.status }}"'),
      },
    },
  );
  const ran = await interrupted(tree, start(tree, ['--json']), ['SIGINT']);
  assert.deepEqual(ran.output().slice(1), ['ready', 'clean cancelled', 'and more']);
  assert.deepEqual(ran.conclusions(), { one: 'cancelled' });
});

test('Ctrl-C: who listens to neither SIGINT nor SIGTERM is killed after ten seconds, with all that it started', async (t) => {
  const tree = makeTree(
    t,
    `on: push\n${job(`
- run: |
    trap '' INT TERM
    (setsid sh -c 'trap "" INT TERM; while :; do sleep 1; done' &)
    echo ready; while :; do sleep 1; done
`)}`,
  );
  const began = Date.now();
  const ran = await interrupted(tree, start(tree, ['--json']), ['SIGINT']);
  const took = Date.now() - began;
  assert.ok(took > 9000 && took < 30_000, `${took} ms`);
  assert.deepEqual(ran.conclusions(), { one: 'cancelled' });
  assert.deepEqual([readdirSync(tree.temp), processesWith(tree.temp)], [[], []]);
});

test('Ctrl-C twice ends at once and leaves no process and no folder', async (t) => {
  const tree = makeTree(
    t,
    `on: push\n${job(`- run: |\n    trap '' INT TERM\n    sleep 1000 & setsid sleep 1000 &\n    echo ready; while :; do sleep 1; done\n`)}`,
  );
  const began = Date.now();
  const ran = await interrupted(tree, start(tree, ['--json']), ['SIGINT', 'SIGINT']);
  assert.ok(Date.now() - began < 7000);
  assert.equal(ran.code, 130);
  assert.deepEqual([readdirSync(tree.temp), processesWith(tree.temp)], [[], []]);
});

test('Ctrl-C: a step whose condition holds also then goes on to its end', async (t) => {
  const tree = makeTree(t, `on: push\n${job(`- { if: always(), run: 'echo ready; sleep 2; echo finished' }\n- { run: echo not here }\n`)}`);
  const ran = await interrupted(tree, start(tree, ['--json']), ['SIGINT']);
  assert.deepEqual(ran.output(), ['ready', 'finished']);
  assert.deepEqual(ran.conclusions(), { one: 'cancelled' });
});

test('Ctrl-C: jobs that wait are cancelled, those with always() run', async (t) => {
  const tree = makeTree(
    t,
    `on: push
jobs:
  first: { runs-on: ubuntu-latest, steps: [{ run: 'echo ready; sleep 100' }] }
  second: { needs: first, runs-on: ubuntu-latest, steps: [{ run: echo no }] }
  third: { needs: first, if: always(), runs-on: ubuntu-latest, steps: [{ run: 'echo third \${{ needs.first.result }}' }] }
`,
  );
  const ran = await interrupted(tree, start(tree, ['--json']), ['SIGINT']);
  assert.deepEqual(ran.conclusions(), { first: 'cancelled', second: 'cancelled', third: 'success' });
  assert.deepEqual(ran.output('third'), ['third cancelled']);
});

/** Signals once the step has said that it is ready, 300 ms between two. */
async function interrupted(tree: Tree, child: ChildProcess, signals: readonly NodeJS.Signals[]): Promise<Ran> {
  const over = ended(child);
  const seen = new Promise<void>((resolve) => child.stdout?.on('data', (chunk: Buffer) => chunk.includes('"ready"') && resolve()));
  await Promise.race([seen, over]);
  for (const signal of signals) {
    child.kill(signal);
    await wait(300);
  }
  return over;
}
