/** Steps by the real program: shells, folders, conditions, ends, contexts, what their files and commands do. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { job, runWorkflow } from './fixture.ts';

test('jobs.<id>.steps[*].shell: bash with pipefail, unspecified without, sh, python, and a command line of your own', async (t) => {
  const ran = await runWorkflow(
    t,
    job(`
- { shell: bash, run: 'false | true; echo reached', continue-on-error: true, name: bash }
- { run: 'false | true; echo plain', name: plain }
- { shell: sh, run: 'echo sh \${BASH_VERSION:-none}' }
- shell: python
  run: |
    import sys
    for n in (1, 2):
        print("py", n)
- { shell: 'perl {0}', run: 'print "perl\\n";' }
- { shell: 'bash -c "cat {0}"', run: 'echo not run' }
`),
  );
  assert.deepEqual(ran.output(), ['plain', 'sh none', 'py 1', 'py 2', 'perl', 'echo not run']);
  assert.equal(ran.code, 0);
});

test('jobs.<id>.steps[*].run: a script keeps its text, exactly', async (t) => {
  const ran = await runWorkflow(
    t,
    job(`
- run: |
    cat <<'END' | od -c | head -3
      two  spaces	tab \\\\ "q" 'q' $x \`y\` 💥
    END
- run: >-
    echo folded
    into one
- run: 'echo "\${{ '' it''''s '' }}"'
`),
  );
  assert.match(ran.output()[0] ?? '', /^0000000 +t +w +o +s +p|^0000000 {12}t {3}w {3}o/);
  assert.deepEqual(ran.output().slice(-2), ['folded into one', " it's "]);
});

test('jobs.<id>.steps[*].if: success by default, failure(), always(), and a step’s outcome', async (t) => {
  const ran = await runWorkflow(
    t,
    job(`
- { id: bad, name: bad, run: exit 3, continue-on-error: true }
- { name: outcome, run: echo, if: "steps.bad.outcome == 'failure' && steps.bad.conclusion == 'success'" }
- { name: worse, run: exit 4 }
- { name: skipped, run: echo }
- { name: on failure, run: echo, if: failure() }
- { name: always, run: echo, if: "\${{ always() }}" }
- { name: never, run: echo, if: success() }
- { name: cancelled, run: echo, if: cancelled() }
- { name: plain, run: echo, if: github.ref_name == 'main' }
`),
  );
  assert.deepEqual(ran.stepConclusions('one'), {
    bad: 'success',
    outcome: 'success',
    worse: 'failure',
    skipped: 'skipped',
    'on failure': 'success',
    always: 'success',
    never: 'skipped',
    cancelled: 'skipped',
    plain: 'skipped',
  });
  assert.ok(ran.lines.some(({ kind, text }) => kind === 'error' && text === 'Process completed with exit code 4.'));
});

test('jobs.<id>.steps[*].timeout-minutes: the step fails, says so, and its whole tree is gone', async (t) => {
  const ran = await runWorkflow(
    t,
    job(`
- { name: slow, run: 'sleep 1000 & sleep 1000', timeout-minutes: 0.01, continue-on-error: true }
- { name: after, run: 'pgrep -s 0 -c sleep || echo none left' }
`),
  );
  assert.deepEqual(ran.stepConclusions('one'), { slow: 'success', after: 'success' });
  assert.ok(ran.lines.some(({ kind, text }) => kind === 'error' && text === "The action 'slow' has timed out after 0.01 minutes."));
});

test('jobs.<id>.steps[*].timeout-minutes: one that cannot be evaluated is told and is no limit, and the job goes on', async (t) => {
  const ran = await runWorkflow(
    t,
    job(`
- { name: bad, run: echo ran, timeout-minutes: "\${{ fromJSON('x') }}" }
- { name: after, run: echo after, if: always() }
`),
  );
  assert.deepEqual(ran.output(), ['ran', 'after']);
  assert.deepEqual(ran.stepConclusions('one'), { bad: 'success', after: 'success' });
  const [first, second] = ran.lines.filter(({ kind }) => kind === 'error').map(({ text }) => text);
  assert.equal(first, 'An error occurred when attempting to determine the step timeout.');
  assert.match(second ?? '', /fromJSON|JSON/);
});

test('jobs.<id>.steps[*].working-directory: below the workspace; one that is not there is said', async (t) => {
  const ran = await runWorkflow(
    t,
    job(`- { run: mkdir -p 'a b' }\n- { working-directory: 'a b', run: 'basename "$PWD"' }\n- { working-directory: nowhere, run: echo }\n`),
  );
  assert.deepEqual(ran.output(), ['a b']);
  assert.ok(
    ran.lines.some(({ kind, text }) => kind === 'error' && /there is no folder .*nowhere/.test(text)),
    JSON.stringify(ran.lines.slice(-4)),
  );
});

test('GITHUB_ENV, GITHUB_PATH, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY: later steps and expressions see what was written', async (t) => {
  const ran = await runWorkflow(
    t,
    job(`
- id: s
  run: |
    echo "A=1=2" >> $GITHUB_ENV
    printf 'B<<X\\nline 1\\nline 2\\nX\\n' >> $GITHUB_ENV
    mkdir -p "$RUNNER_TEMP/bin"; printf '#!/bin/sh\\necho my tool\\n' > "$RUNNER_TEMP/bin/mytool"; chmod +x "$RUNNER_TEMP/bin/mytool"
    echo "$RUNNER_TEMP/bin" >> $GITHUB_PATH
    echo "o=out" >> $GITHUB_OUTPUT
    echo "# Summary" >> $GITHUB_STEP_SUMMARY
- run: |
    echo "$A|$B|\${{ env.A }}|\${{ steps.s.outputs.o }}"
    mytool
`),
  );
  assert.deepEqual(ran.output(), ['# Summary', '1=2|line 1', 'line 2|1=2|out', 'my tool']);
});

test('GITHUB_ENV: NODE_OPTIONS is refused, GITHUB_* and RUNNER_* stay what they are, a wrong line fails the step', async (t) => {
  const ran = await runWorkflow(
    t,
    job(`
- run: |
    echo "NODE_OPTIONS=--x" >> $GITHUB_ENV
    echo "GITHUB_SHA=forged" >> $GITHUB_ENV
    echo "RUNNER_OS=Forged" >> $GITHUB_ENV
- run: 'echo "\${NODE_OPTIONS:-none} \${#GITHUB_SHA} $RUNNER_OS"'
- { name: wrong, run: 'echo nothing >> $GITHUB_ENV' }
`),
  );
  assert.deepEqual(ran.output(), ['none 40 Linux']);
  const errors = ran.lines.filter(({ kind }) => kind === 'error').map(({ text }) => text);
  assert.deepEqual(errors, [
    "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.",
    "Unable to process file command 'env' successfully.",
    "Invalid format 'nothing'",
  ]);
  assert.equal(ran.stepConclusions('one')['wrong'], 'failure');
});

test('workflow commands: set-output, groups, annotations, stop-commands, echo, add-mask; add-path is disabled', async (t) => {
  const ran = await runWorkflow(
    t,
    job(`
- id: s
  run: |
    echo "::set-output name=a::b%0Ac%25"
    echo "::group::My group"
    echo inside
    echo "::endgroup::"
    echo "::error file=a.js,line=1,col=2::broken%0Ahere"
    echo "::stop-commands::tok"
    echo "::set-output name=a::not me"
    echo "::tok::"
    echo "::echo::on"
    echo "::set-output name=x::y"
    echo "::add-mask::topsecret1"
    echo topsecret1
    echo "::nothing::" >&2
- run: echo "\${{ steps.s.outputs.a }}"
- run: echo "::add-path::/x"
`),
  );
  const told = ran.lines
    .filter(({ kind, step }) => step > 1 && !['command', 'system'].includes(kind))
    .map(({ kind, text, where }) => (where === undefined ? `${kind} ${text}` : { kind, text, where }));
  const body = told.filter((one) => typeof one !== 'string' || !/^(?:group Run|endgroup $)/.test(one));
  assert.deepEqual(body, [
    'group My group',
    'output inside',
    { kind: 'error', text: 'broken\nhere', where: { file: 'a.js', line: '1', col: '2' } },
    'output ::stop-commands::tok',
    'output ::set-output name=a::not me',
    'output ::tok::',
    'output ::set-output name=x::y',
    'output ::add-mask::***',
    'output ***',
    'output ::nothing::',
    'output b',
    'output c%',
    "error Unable to process command '::add-path::/x' successfully.",
    body.at(-1),
  ]);
  assert.match(JSON.stringify(body.at(-1)), /The `add-path` command is disabled/);
  assert.equal(ran.code, 1);
});

test('workflow commands: a matcher’s file makes annotations of the output of every later step, until it is removed', async (t) => {
  const matcher = JSON.stringify({
    problemMatcher: [
      { owner: 'cc', pattern: [{ regexp: '^(.+):(\\d+): (error|warning): (.*)$', file: 1, line: 2, severity: 3, message: 4 }] },
    ],
  });
  const ran = await runWorkflow(
    t,
    job(`
- uses: actions/checkout@v5
- run: echo "::add-matcher::.github/cc.json"
- run: |
    printf 'a.c:3: \\033[31merror: no such thing\\033[0m\\nplain\\n'
    echo 'a.c:4: error: no such thing'
- run: |
    echo '::remove-matcher owner=cc::'
    echo 'a.c:5: error: unseen'
- run: echo "::add-matcher::../../etc/passwd"
`),
    { files: { '.github/cc.json': matcher } },
  );
  const found = ran.lines.filter(({ where }) => where !== undefined);
  assert.deepEqual(
    found.map(({ kind, where }) => [kind, where]),
    [3, 4].map((line) => ['error', { file: 'a.c', line: String(line), message: 'no such thing' }]),
  );
  assert.ok(ran.output().includes('a.c:5: error: unseen') && ran.output().includes('plain'));
  assert.equal(ran.code, 1);
  assert.ok(ran.lines.some(({ text }) => text.includes('There is no file ../../etc/passwd')));
});

test('contexts: github, runner, job, strategy, vars, inputs, and their variables, are those of GitHub', async (t) => {
  const ran = await runWorkflow(
    t,
    `on:
  workflow_dispatch:
    inputs: { level: { type: choice, options: [low, high] }, on: { type: boolean }, n: { type: number, default: 3 } }
${job(`
- run: |
    echo "$GITHUB_EVENT_NAME $GITHUB_REF $GITHUB_REF_NAME $GITHUB_REF_TYPE $GITHUB_JOB $GITHUB_ACTOR $CI $GITHUB_ACTIONS $RUNNER_OS"
    echo "\${{ github.event.inputs.level }} \${{ inputs.on && 'on' }} \${{ inputs.n == 3 }} \${{ vars.V }} \${{ job.status }} \${{ runner.os }}"
    test "$PWD" = "$GITHUB_WORKSPACE" -a "$PWD" = "\${{ github.workspace }}" && echo here
    python3 -c 'import json,os; print(json.load(open(os.environ["GITHUB_EVENT_PATH"]))["inputs"])'
    echo "\${{ hashFiles('**/none') }}|\${{ github.sha }}" | wc -c
`)}`,
    { args: ['--event', 'workflow_dispatch', '--input', 'level=high', '--input', 'on=true', '--var', 'V=v', '--actor', 'mona'] },
  );
  assert.deepEqual(ran.output().slice(0, 3), [
    'workflow_dispatch refs/heads/main main branch one mona true true Linux',
    'high on true v success Linux',
    'here',
  ]);
  assert.deepEqual(ran.output().slice(3), ["{'level': 'high', 'on': 'true', 'n': '3'}", '42']);
});

test('steps: nothing of our own environment leaks into them', async (t) => {
  const ran = await runWorkflow(t, job(`- run: env`), {
    env: { LEAK_ME: 'leaked', AWS_SECRET_ACCESS_KEY: 'leaked', NODE_OPTIONS: '--no-warnings' },
  });
  assert.equal(
    ran.output().some((line) => /leaked|NODE_OPTIONS|NODE_COMPILE_CACHE/.test(line)),
    false,
  );
  assert.ok(ran.output().some((line) => line.startsWith('HOME=')));
});

test('names of branches, commit messages and values of env with quotes, newlines, emoji and shell metacharacters stay data', async (t) => {
  const odd = `a'b"c\`id\`$(id);&|<>💥\\n`;
  const ran = await runWorkflow(
    t,
    job(`
- env:
    BRANCH: \${{ github.ref_name }}
    MESSAGE: \${{ github.event.head_commit.message }}
    ODD: \${{ vars.ODD }}
  run: |
    printf '%s\\n' "$BRANCH" "$MESSAGE" "$ODD" "$GITHUB_REF_NAME" "$EXTRA"
- name: "\${{ vars.ODD }}"
  run: echo
`),
    {
      branch: `feat/a'b"c$(id)&💥`,
      message: `it's "quoted" \`id\` $(id)\n\nsecond 💥 line`,
      args: ['--var', `ODD=${odd}`, '--env', `EXTRA=${odd}`],
    },
  );
  assert.deepEqual(ran.output(), [
    `feat/a'b"c$(id)&💥`,
    'it\'s "quoted" `id` $(id)',
    '',
    'second 💥 line',
    odd,
    `feat/a'b"c$(id)&💥`,
    odd,
    '',
  ]);
  assert.ok(odd in ran.stepConclusions('one'));
});
