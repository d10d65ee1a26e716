/** Jobs in their graph, by the real program: order, conditions, matrices, results, limits. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runWorkflow, type Ran } from './fixture.ts';

const one = (id: string, rest: string, script: string): string =>
  `  ${id}:\n    runs-on: ubuntu-latest\n${rest}    steps:\n      - run: ${script}\n`;

test('jobs.<id>.needs: a true graph: each starts when its own needs are over, not when a level is', async (t) => {
  const ran = await runWorkflow(
    t,
    `jobs:\n${one('quick', '', 'echo quick')}${one('slow', '', 'sleep 2')}${one('after', '    needs: quick\n', 'echo after')}${one('last', '    needs: [slow, after]\n', 'echo last')}`,
  );
  assert.deepEqual(ran.conclusions(), { quick: 'success', slow: 'success', after: 'success', last: 'success' });
  assert.ok(endOf(ran, 'after') < endOf(ran, 'slow'), 'after waited for slow');
  assert.ok(startOf(ran, 'last') >= endOf(ran, 'slow'), 'last did not wait');
});

test('jobs.<id>.if: without a condition a job is skipped when one that it needs, directly or not, did not succeed', async (t) => {
  const ran = await runWorkflow(
    t,
    `jobs:
${one('bad', '', 'exit 1')}${one('skipped', '    needs: bad\n', 'echo x')}${one('below', '    needs: skipped\n', 'echo x')}${one('always', '    needs: skipped\n    if: always()\n', 'echo x')}${one('under', '    needs: always\n', 'echo x')}${one('failure', '    needs: skipped\n    if: failure()\n', 'echo x')}${one('result', "    needs: bad\n    if: always() && needs.bad.result == 'failure'\n", 'echo x')}${one('never', '    if: cancelled()\n', 'echo x')}`,
  );
  assert.deepEqual(ran.conclusions(), {
    bad: 'failure',
    skipped: 'skipped',
    below: 'skipped',
    always: 'success',
    under: 'skipped',
    failure: 'success',
    result: 'success',
    never: 'skipped',
  });
  assert.equal(ran.code, 1);
  assert.equal(ran.jobs.find(({ key, state }) => key === 'skipped' && state === 'completed')?.reason, 'bad failed');
});

test('jobs.<id>.outputs: steps hand text of any kind to the jobs that need theirs', async (t) => {
  const ran = await runWorkflow(
    t,
    `jobs:
  a:
    runs-on: ubuntu-latest
    outputs:
      text: \${{ steps.s.outputs.text }}
      empty: \${{ steps.s.outputs.none }}
    steps:
      - id: s
        run: |
          cat > "$GITHUB_OUTPUT" <<'FILE'
          text<<END
          first "line"
          it's 💥 \`id\` $HOME
          END
          FILE
  b:
    needs: a
    runs-on: ubuntu-latest
    steps:
      - run: printf '%s|%s|\\n' "$TEXT" "$EMPTY"
        env:
          TEXT: \${{ needs.a.outputs.text }}
          EMPTY: \${{ needs.a.outputs.empty }}
`,
  );
  assert.deepEqual(ran.output('b'), ['first "line"', "it's 💥 `id` $HOME||"]);
});

test('jobs.<id>.strategy.matrix: every cell runs with its values, made of an output where that is asked', async (t) => {
  const ran = await runWorkflow(
    t,
    `jobs:
  list:
    runs-on: ubuntu-latest
    outputs: { all: '\${{ steps.s.outputs.all }}' }
    steps:
      - id: s
        run: echo 'all=["a b","c"]' >> $GITHUB_OUTPUT
  cell:
    needs: list
    runs-on: ubuntu-latest
    strategy:
      matrix:
        item: \${{ fromJSON(needs.list.outputs.all) }}
        n: [1]
        include: [{ item: c, extra: yes }]
    steps:
      - run: echo "\${{ matrix.item }}/\${{ matrix.n }}/\${{ matrix.extra }}/\${{ strategy.job-index }}/\${{ strategy.job-total }}"
`,
  );
  assert.deepEqual([ran.output('cell (1)'), ran.output('cell (2)')], [['a b/1//0/2'], ['c/1/yes/1/2']]);
  assert.deepEqual(ran.jobs.find(({ key, state }) => key === 'cell (1)' && state === 'completed')?.matrix, { item: 'a b', n: 1 });
});

test('jobs.<id>.strategy.fail-fast: the first cell that fails cancels the others, and without it none', async (t) => {
  const workflow = (failFast: string): string => `jobs:
  cell:
    runs-on: ubuntu-latest
    strategy:
${failFast}      matrix: { n: [1, 2] }
    steps:
      - run: if [ \${{ matrix.n }} = 1 ]; then exit 1; fi; sleep 3; echo through
`;
  const fast = await runWorkflow(t, workflow(''));
  assert.deepEqual(fast.conclusions(), { 'cell (1)': 'failure', 'cell (2)': 'cancelled' });
  assert.match(fast.jobs.at(-1)?.reason ?? '', /cell \(1\) failed/);
  assert.equal(fast.code, 1);
  const slow = await runWorkflow(t, workflow('      fail-fast: false\n'));
  assert.deepEqual(slow.conclusions(), { 'cell (1)': 'failure', 'cell (2)': 'success' });
});

test('jobs.<id>.strategy.max-parallel: no more cells at once', async (t) => {
  const ran = await runWorkflow(
    t,
    `jobs:
  cell:
    runs-on: ubuntu-latest
    strategy: { max-parallel: 2, matrix: { n: [1, 2, 3, 4, 5] } }
    steps: [{ run: sleep 0.2 }]
`,
  );
  let most = 0;
  let running = 0;
  for (const { state, key } of ran.jobs) {
    if (key === '' || state === 'queued') continue;
    running += state === 'in_progress' ? 1 : -1;
    most = Math.max(most, running);
  }
  assert.equal(most, 2);
  assert.equal(Object.keys(ran.conclusions()).length, 5);
});

test('jobs.<id>.continue-on-error: the job fails, the run does not, and those that need it run', async (t) => {
  const ran = await runWorkflow(
    t,
    `jobs:\n${one('bad', '    continue-on-error: true\n', 'exit 1')}${one('after', '    needs: bad\n', "echo '${{ needs.bad.result }}'")}`,
  );
  assert.deepEqual(ran.conclusions(), { bad: 'failure', after: 'success' });
  assert.deepEqual(ran.output('after'), ['success']);
  assert.equal(ran.code, 0);
});

test('jobs.<id>.timeout-minutes: a job that never ends is cancelled, says why, and leaves no process', async (t) => {
  const ran = await runWorkflow(
    t,
    `jobs:
  endless:
    runs-on: ubuntu-latest
    timeout-minutes: 0.01
    steps:
      - run: sleep 1000
      - run: echo not here
      - if: always()
        run: echo cleaning up
`,
  );
  assert.deepEqual(ran.conclusions(), { endless: 'cancelled' });
  assert.match(ran.jobs.at(-1)?.reason ?? '', /exceeded the maximum execution time of 0\.01 minutes/);
  assert.deepEqual(ran.output(), ['cleaning up']);
  assert.equal(ran.code, 1);
});

test('jobs.<id>.runs-on: a label that no runner serves is said, and the job is not run', async (t) => {
  const ran = await runWorkflow(
    t,
    `jobs:\n  w:\n    runs-on: windows-latest\n    steps: [{ run: echo ran }]\n  l:\n    runs-on: [self-hosted, linux]\n    steps: [{ run: echo ran }]\n`,
  );
  assert.deepEqual(ran.conclusions(), { w: 'failure', l: 'success' });
  assert.match(
    ran.jobs.find(({ key, state }) => key === 'w' && state === 'completed')?.reason ?? '',
    /no runner here serves the label `windows-latest`/,
  );
  assert.deepEqual(ran.output('w'), []);
});

test('jobs.<id>.concurrency: of two jobs of a group one runs at a time', async (t) => {
  const body = '    concurrency: only-${{ github.ref_name }}\n';
  const ran = await runWorkflow(t, `jobs:\n${one('a', body, 'sleep 0.3')}${one('b', body, 'sleep 0.3')}`);
  assert.deepEqual(ran.conclusions(), { a: 'success', b: 'success' });
  assert.ok(startOf(ran, 'b') >= endOf(ran, 'a') || startOf(ran, 'a') >= endOf(ran, 'b'));
});

test('concurrency: a job that asks for its own workflow’s group is cancelled with GitHub’s words, and the others run', async (t) => {
  for (const job of ['concurrency: Deploy-main', 'concurrency: { group: deploy-main, cancel-in-progress: true }']) {
    const ran = await runWorkflow(
      t,
      `concurrency: deploy-\${{ github.ref_name }}\njobs:\n${one('free', '', 'echo free')}${one('locked', `    ${job}\n    timeout-minutes: 1\n`, 'echo never')}${one('after', '    needs: locked\n', 'echo never')}`,
    );
    assert.deepEqual(ran.conclusions(), { free: 'success', locked: 'cancelled', after: 'skipped' }, job);
    assert.match(
      ran.jobs.find(({ key, state }) => key === 'locked' && state === 'completed')?.reason ?? '',
      /^Canceling since a deadlock for concurrency group 'deploy-main' was detected between 'top level workflow' and 'locked'$/i,
    );
    assert.deepEqual([ran.output(), ran.code], [['free'], 1], job);
  }
});

test('jobs.<id>.name: with expressions, and a run-name that masks nothing it need not', async (t) => {
  const ran = await runWorkflow(
    t,
    `run-name: Run by \${{ github.actor }}\njobs:\n  a:\n    name: On \${{ github.ref_name }}\n    runs-on: ubuntu-latest\n    steps: [{ run: echo x }]\n`,
    { args: ['--actor', 'mona'] },
  );
  assert.equal(ran.jobs.at(-1)?.name, 'On main');
  assert.deepEqual(
    ran.records.find(({ kind }) => kind === 'run'),
    { kind: 'run', at: ran.records[0]?.at, state: 'in_progress', name: 'Run by mona' },
  );
});

test('jobs.<id>.env: workflow, job and step lay over each other; `defaults` set shell and folder', async (t) => {
  const ran = await runWorkflow(
    t,
    `env: { A: workflow, B: workflow, C: workflow }
defaults: { run: { working-directory: sub } }
jobs:
  a:
    runs-on: ubuntu-latest
    env: { B: job, C: job }
    defaults: { run: { shell: sh } }
    steps:
      - run: mkdir sub
        working-directory: .
      - run: echo "$A $B $C $(basename "$PWD") $0"
        env: { C: step }
`,
  );
  assert.match(ran.output()[0] ?? '', /^workflow job step sub .*script\.sh$/);
  assert.ok(ran.lines.some(({ kind, text }) => kind === 'system' && text.endsWith('/sh -e {0}')));
});

function startOf({ jobs }: Ran, key: string): number {
  return jobs.find((record) => record.key === key && record.state === 'in_progress')?.at ?? Number.NaN;
}

function endOf({ jobs }: Ran, key: string): number {
  return jobs.find((record) => record.key === key && record.state === 'completed')?.at ?? Number.NaN;
}
