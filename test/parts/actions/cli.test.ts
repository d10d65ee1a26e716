/** `antler run` as people type it: what it chooses, refuses, prints and ends with. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { ended, job, makeTree, runWorkflow, start } from './fixture.ts';

test('antler run: problems of all workflow files at once, with line and column, end 78', async (t) => {
  const tree = makeTree(t, 'on: push\njobs:\n  a:\n    runs-on: x\n    stpes: []\n', {
    files: { '.github/workflows/b.yml': 'on: psuh\njobs: { a: { runs-on: x, needs: b, steps: [{ run: "${{ nope.x }}" }] } }\n' },
  });
  const { code, stderr } = await ended(start(tree, ['--json']));
  assert.equal(code, 78);
  const { error } = JSON.parse(stderr) as { error: { code: string; problems: readonly { at: string }[] } };
  assert.equal(error.code, 'actions/invalid');
  const places = error.problems.map(({ at }) => at);
  assert.ok(places.includes('.github/workflows/test.yml:5:5'), places.join(' '));
  assert.ok(
    places.some((at) => at.startsWith('.github/workflows/b.yml:1:')) && places.some((at) => at.startsWith('.github/workflows/b.yml:2:')),
    places.join(' '),
  );
});

test('antler run: wrong use ends 64 with the nearest name', async (t) => {
  const tree = makeTree(t, `on: push\n${job('- run: echo')}`, { files: { 'not-json': 'x' } });
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--job', 'oen'], /`one`/],
    [['tset'], /`test/],
    [['--event', 'release'], /push, pull_request, workflow_dispatch/],
    [['--event', 'workflow_dispatch'], /none starts on `workflow_dispatch`/],
    [['--env', 'X'], /NAME=VALUE/],
    [['--secret', 'NOT_SET_ANYWHERE'], /nobody can be asked/],
    [['--env-file', 'absent'], /ENOENT/],
    [['--eventpath', 'not-json'], /JSON/],
  ];
  for (const [args, said] of cases) {
    const { code, stderr } = await ended(start(tree, args));
    assert.deepEqual([args, code], [args, 64]);
    assert.match(stderr, said);
  }
});

test('antler run: files of secrets, environment and event; one job with what it needs; one cell', async (t) => {
  const ran = await runWorkflow(
    t,
    `jobs:
  base: { runs-on: ubuntu-latest, steps: [{ run: echo base }] }
  cell:
    needs: base
    runs-on: ubuntu-latest
    strategy: { matrix: { n: [1, 2], s: [a, b] } }
    steps:
      - run: echo "\${{ matrix.n }}\${{ matrix.s }} $A $B \${{ secrets.S == 'from file' }} \${{ github.event.custom.deep }}"
  other: { runs-on: ubuntu-latest, steps: [{ run: echo other }] }
`,
    {
      files: { env: 'A="a a"\n# comment\nB=2\n', secrets: "S='from file'\n", event: '{"custom": {"deep": 7}}' },
      args: [
        'test',
        '--job',
        'cell',
        '--matrix',
        'n:2',
        '--matrix',
        's:b',
        '--env-file',
        'env',
        '--secret-file',
        'secrets',
        '--eventpath',
        'event',
        '--env',
        'B=3',
      ],
    },
  );
  assert.deepEqual(ran.conclusions(), { base: 'success', 'cell (4)': 'success' });
  assert.deepEqual(ran.output('cell (4)'), ['2b a a 3 true 7']);
});

test('antler run: filters decide what a push starts, and a workflow that was named runs all the same', async (t) => {
  const tree = makeTree(t, `on: { push: { branches: [release] } }\n${job('- run: echo filtered')}`, {
    files: { '.github/workflows/other.yml': `on: push\n${job('- run: echo other')}` },
  });
  const all = await ended(start(tree, ['--json']));
  assert.deepEqual([all.output(), all.code], [['other'], 0]);
  assert.match(all.stderr, /branch main is not among/);
  const named = await ended(start(tree, ['test.yml', '--json']));
  assert.deepEqual(named.output(), ['filtered']);
});

test('antler run: for people each job’s lines have its name before them, groups are shown, colour is not where no terminal is', async (t) => {
  const tree = makeTree(
    t,
    `on: push\njobs:\n  a: { runs-on: ubuntu-latest, steps: [{ name: Say, run: "echo '::group::G'; echo in; echo '::endgroup::'; echo out; echo '::error file=x,line=2::bad'" }] }\n  b: { runs-on: ubuntu-latest, steps: [{ run: exit 2 }] }\n`,
  );
  const { stdout, stderr, code } = await ended(start(tree, []));
  for (const line of [
    '▸ a',
    'a │ ▸ Say',
    'a │   ▾ G',
    'a │     in',
    'a │   out',
    'a │   error: bad (x:2)',
    'b │   error: Process completed with exit code 2.',
  ]) {
    assert.ok(stdout.split('\n').includes(line), `${line} is not in:\n${stdout}`);
  }
  assert.match(stdout, /^✓ a {2}\d/m);
  assert.match(stdout, /^✗ b {2}\d/m);
  assert.equal(`${stdout}${stderr}`.includes('\u001B'), false);
  assert.match(stderr, /on this machine itself/);
  assert.equal(code, 1);
});

test('antler run: a folder without git, one without a commit, and one without workflows', async (t) => {
  const workflow = `on: push\n${job('- uses: actions/checkout@v4\n- run: cat file; ls -A')}`;
  const plain = await ended(start(makeTree(t, workflow, { git: false, files: { file: 'content\n' } }), ['--json']));
  assert.deepEqual(plain.output().slice(1), ['content', '.github', 'file']);
  const tree = makeTree(t, 'x', { git: false, files: {} });
  writeFileSync(join(tree.folder, '.github/workflows/test.yml'), '');
  const { code } = await ended(start(tree, []));
  assert.equal(code, 78);
});

test('antler run --list: jobs, what they need, what starts them', async (t) => {
  const tree = makeTree(
    t,
    `on: [push, workflow_dispatch]\njobs:\n  a: { runs-on: x, steps: [{ run: x }] }\n  b: { needs: a, runs-on: x, steps: [{ run: x }] }\n`,
  );
  const { stdout, code } = await ended(start(tree, ['--list']));
  assert.match(stdout, /^b +a +push, workflow_dispatch +\.github\/workflows\/test\.yml$/m);
  assert.equal(code, 0);
});
