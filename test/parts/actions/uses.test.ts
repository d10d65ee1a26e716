/** Actions by the real program: composite and JavaScript ones of the repository, and those that are built in. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { ended, job, makeTree, runWorkflow, start } from './fixture.ts';

const CHECKOUT = '- uses: actions/checkout@v4\n';

test('uses: ./path: a composite action has inputs with defaults, outputs, conditions and step results of its own', async (t) => {
  const files = {
    'act/action.yml': `
inputs:
  who: { required: true }
  greeting: { default: "hello from \${{ github.ref_name }}" }
outputs:
  said: { value: "\${{ steps.say.outputs.text }}" }
runs:
  using: composite
  steps:
    - id: say
      shell: bash
      env: { WHO: "\${{ inputs.who }}" }
      run: |
        echo "text=\${{ inputs.greeting }}, $WHO, $OUTER" >> $GITHUB_OUTPUT
        echo "FROM_INSIDE=yes" >> $GITHUB_ENV
        test -f "$GITHUB_ACTION_PATH/action.yml" && echo "path is right"
    - { shell: bash, run: echo skipped, if: "inputs.who == 'nobody'" }
    - { shell: sh, run: exit 1, continue-on-error: true }
    - uses: ./inner
`,
    'inner/action.yaml': `runs:\n  using: composite\n  steps: [{ shell: bash, run: 'echo inner "\${{ steps.say.outcome }}" "\${GITHUB_ACTION_PATH##*/}"' }]\n`,
  };
  const ran = await runWorkflow(
    t,
    job(`${CHECKOUT}- id: a
  uses: ./act
  env: { OUTER: outer }
  with: { Who: me, odd: 1 }
- run: echo "\${{ steps.a.outputs.said }}|$FROM_INSIDE|\${{ steps.say.outputs.text }}|$OUTER"
`),
    { files },
  );
  assert.deepEqual(ran.output().slice(1), ['path is right', 'inner  inner', 'hello from main, me, outer|yes||']);
  assert.ok(ran.lines.some(({ kind, text }) => kind === 'warning' && text.startsWith("Unexpected input(s) 'odd'")));
  assert.equal(ran.code, 0, ran.stdout);
});

test('uses: ./path: a composite action that fails fails its step, and says where its file is wrong', async (t) => {
  const files = {
    'bad/action.yml': `runs: { using: composite, steps: [{ shell: bash, run: exit 5 }, { shell: bash, run: echo not here }, { shell: bash, run: echo cleanup, if: failure() }] }\n`,
    'wrong/action.yml': `runs:\n  using: composite\n  steps:\n    - run: echo no shell\n`,
    'docker/action.yml': `runs: { using: docker, image: Dockerfile }\n`,
  };
  const ran = await runWorkflow(
    t,
    job(`${CHECKOUT}- { name: bad, uses: ./bad, continue-on-error: true }
- { name: wrong, uses: ./wrong, continue-on-error: true }
- { name: docker, uses: ./docker, continue-on-error: true }
- { name: absent, uses: ./absent, continue-on-error: true }
`),
    { files },
  );
  assert.deepEqual(ran.output().slice(1), ['cleanup']);
  const errors = ran.lines.filter(({ kind }) => kind === 'error').map(({ text }) => text);
  assert.equal(errors[0], 'Process completed with exit code 5.');
  assert.match(errors[1] ?? '', /shell.*wrong\/action\.yml:4:\d+/);
  assert.match(errors[2] ?? '', /docker.*not supported yet/);
  assert.match(errors[3] ?? '', /no action\.yml or action\.yaml/);
});

test('uses: ./path: a JavaScript action gets INPUT_*, hands state to its post, and posts run in reverse order, always', async (t) => {
  const files = {
    'js/action.yml': `inputs: { who am i: { default: d } }\noutputs: { o: {} }\nruns: { using: node24, main: main.js, post: post.js, pre: pre.js }\n`,
    'js/main.js': `const { appendFileSync: add } = require('node:fs');
console.log('main', process.env['INPUT_WHO_AM_I'], process.env.GITHUB_ACTION_PATH.endsWith('/js'));
add(process.env.GITHUB_STATE, 'a=state of ' + process.env['INPUT_WHO_AM_I'] + '\\n');
console.log('::save-state name=b::more');
add(process.env.GITHUB_OUTPUT, 'o=out\\n');
process.exitCode = process.env['INPUT_WHO_AM_I'] === 'fails' ? 1 : 0;
`,
    'js/post.js': `console.log('post', process.env['STATE_a'], process.env['STATE_b'], process.env['INPUT_WHO_AM_I']);\n`,
    'quiet/action.yml': `runs: { using: node20, main: main.js, post: main.js, post-if: success() }\n`,
    'quiet/main.js': `console.log('quiet')\n`,
  };
  const ran = await runWorkflow(
    t,
    job(`${CHECKOUT}- { id: one, uses: ./js, with: { who am i: first } }
- { uses: ./quiet }
- { run: 'echo \${{ steps.one.outputs.o }}' }
- { uses: ./js, with: { who am i: fails } }
- { run: echo not here }
`),
    { files },
  );
  assert.deepEqual(ran.output().slice(1), [
    'main first true',
    'quiet',
    'out',
    'main fails true',
    'post state of fails more fails',
    'post state of first more first',
  ]);
  const names = ran.steps.filter(({ state }) => state === 'completed').map(({ name, conclusion }) => `${name}: ${conclusion}`);
  assert.deepEqual(names.slice(-4), [
    'Post Run ./js: success',
    'Post Run ./quiet: skipped',
    'Post Run ./js: success',
    'Complete job: success',
  ]);
  assert.ok(ran.lines.some(({ kind, text }) => kind === 'warning' && text.includes('`pre` execution is not supported')));
});

test('actions/checkout: the working tree as it stands, changes and modes included, what is ignored left out, with its history', async (t) => {
  const tree = makeTree(
    t,
    `on: push\n${job(`
- run: ls -A | wc -l
- { id: c, uses: actions/checkout@v4 }
- run: |
    git log --format=%s -1; test "$(git rev-parse HEAD)" = "$GITHUB_SHA" && echo "\${{ steps.c.outputs.ref }}"
    ls; ./run.sh; cat "sub/a b.txt" new.txt; git status --short; test "\${{ steps.c.outputs.commit }}" = "$GITHUB_SHA" && echo same
    echo changed > run.sh; git tag mine; git remote get-url origin
- { uses: actions/checkout@v4, with: { path: deep/er, fetch-depth: 0 } }
- run: deep/er/run.sh; git -C deep/er tag
`)}`,
    { files: { 'run.sh': '#!/bin/sh\necho ran\n', '.gitignore': 'ignored\n', ignored: 'x', 'sub/a b.txt': 'x' }, message: 'the message' },
  );
  writeFileSync(join(tree.folder, 'sub/a b.txt'), 'changed here\n');
  writeFileSync(join(tree.folder, 'new.txt'), 'new\n');
  const shown = (await ended(start(tree, ['--json']))).output().filter((text) => !text.startsWith('Checked out'));
  assert.deepEqual(shown, [
    '0',
    'the message',
    'refs/heads/main',
    'new.txt',
    'run.sh',
    'sub',
    'ran',
    'changed here',
    'new',
    ' M "sub/a b.txt"',
    '?? new.txt',
    'same',
    'http://antler.localhost/' +
      shown
        .find((text) => text.startsWith('http'))
        ?.split('/')
        .slice(3)
        .join('/'),
    'ran',
  ]);
  assert.equal(
    execFileSync('git', ['-C', tree.folder, 'tag'], { encoding: 'utf8' }),
    '',
    'the tag came into the working tree’s repository',
  );
});

test('actions/checkout: what is not supported yet, and what leads out of the workspace, is refused', async (t) => {
  const ran = await runWorkflow(
    t,
    job(`
- { uses: actions/checkout@v4, with: { repository: other/one }, continue-on-error: true }
- { uses: actions/checkout@v4, with: { path: ../out }, continue-on-error: true }
- { run: ln -s / up }
- { uses: actions/checkout@v4, with: { path: up/tmp/antler-escape }, continue-on-error: true }
- { uses: actions/checkout@v4, with: { ref: nowhere }, continue-on-error: true }
`),
  );
  assert.equal(ran.stderr.includes('error'), false, ran.stderr);
  const errors = ran.lines.filter(({ kind }) => kind === 'error').map(({ text }) => text);
  assert.match(errors[0] ?? '', /another repository .*not supported yet/);
  assert.match(errors[1] ?? '', /not below the workspace/);
  assert.match(errors[2] ?? '', /not below the workspace/);
  assert.match(errors[3] ?? '', /no such branch, tag or commit/);
});

test('actions/setup-node: takes the Node that is there where it fits, and says which are there where none does', async (t) => {
  const ran = await runWorkflow(
    t,
    job(`${CHECKOUT}- { id: n, uses: actions/setup-node@v4, with: { node-version-file: package.json, cache: npm, check-latest: true } }
- run: test "$(node --version)" = "\${{ steps.n.outputs.node-version }}" && echo same
- { uses: actions/setup-node@v4, with: { node-version: 4 } }
`),
    { files: { 'package.json': '{"engines": {"node": ">=24"}}' } },
  );
  assert.deepEqual(ran.output().slice(-1), ['same']);
  assert.ok(!ran.lines.some(({ kind }) => kind === 'notice' || kind === 'warning'), 'what is taken without effect is a word in reading');
  assert.match(
    ran.lines.findLast(({ kind }) => kind === 'error')?.text ?? '',
    /Cannot set up Node 4 as it is not here: there (?:is|are) \d+\.\d+/,
  );
});
