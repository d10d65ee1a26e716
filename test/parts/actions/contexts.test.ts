/** What expressions see, by the real program. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CONTEXT_KEYS } from '../../cases/actions/contexts.ts';
import { job, runWorkflow } from './fixture.ts';

const CHECKOUT = '- uses: actions/checkout@v4\n';

test('contexts: each has the properties that the page of compatibility names, and no other', async (t) => {
  const dump = (name: string): string => `- { run: 'printf "%s" "$IT" | base64 -w0; echo', env: { IT: "\${{ toJSON(${name}) }}" } }\n`;
  const names = Object.keys(CONTEXT_KEYS);
  const files = {
    'act/action.yml': `runs:\n  using: composite\n  steps: [{ shell: bash, run: 'printf "%s" "$IT" | base64 -w0; echo', env: { IT: "\${{ toJSON(github) }}" } }]\n`,
  };
  const ran = await runWorkflow(
    t,
    job(
      `${CHECKOUT}- { id: s, run: echo o=1 >> $GITHUB_OUTPUT }\n${names.map(dump).join('')}- uses: ./act\n`,
      'strategy: { matrix: { a: [1] } }\n',
    ),
    { files },
  );
  const found = ran
    .output()
    .slice(1)
    .map((line) => JSON.parse(Buffer.from(line, 'base64').toString('utf8')) as Record<string, unknown>);
  for (const [index, name] of names.entries()) {
    const here = CONTEXT_KEYS[name]?.filter(({ here: kind }) => kind === 'always').map(({ key }) => key) ?? [];
    const values = name === 'steps' || name === 'needs' ? Object.values(found[index] ?? {})[0] : found[index];
    assert.deepEqual(Object.keys(values ?? {}).toSorted(), here.toSorted(), name);
  }
  const inside = CONTEXT_KEYS['github']?.filter(({ here }) => here !== 'never').map(({ key }) => key) ?? [];
  assert.deepEqual(Object.keys(found[names.length] ?? {}).toSorted(), inside.toSorted(), 'github inside of an action');
});

test('github.action: a step’s id or GitHub’s name for it, inside of an action that of the step that called it; steps has only those with an id', async (t) => {
  const say = `echo "$GITHUB_ACTION \${{ github.action }}"`;
  const files = { 'act/action.yml': `runs:\n  using: composite\n  steps: [{ id: inner, shell: bash, run: '${say}' }]\n` };
  const ran = await runWorkflow(
    t,
    job(`${CHECKOUT}- run: '${say}'
- run: '${say}'
- { id: mine, run: '${say}' }
- uses: ./act
- { run: echo $IT, env: { IT: "\${{ toJSON(steps) }}" } }
`),
    { files },
  );
  const said = ran.output().slice(1);
  assert.deepEqual(said.slice(0, 4), ['__run __run', '__run_2 __run_2', 'mine mine', '__self __self']);
  assert.deepEqual(Object.keys(JSON.parse(said.slice(4).join('')) as object), ['mine']);
});

test('github.env, github.path, github.output: the files of the step, also in expressions', async (t) => {
  const ran = await runWorkflow(
    t,
    job(`
- id: s
  run: |
    echo "A=b" >> "\${{ github.env }}"
    echo "o=out" >> "\${{ github.output }}"
    test "$GITHUB_PATH" = "\${{ github.path }}" -a "$GITHUB_STEP_SUMMARY" = "\${{ github.step_summary }}" && echo same
- run: echo "$A \${{ steps.s.outputs.o }}"
`),
  );
  assert.deepEqual(ran.output(), ['same', 'b out']);
});

test('ACTIONS_STEP_DEBUG: a secret or variable of that name tells ::debug:: lines, sets RUNNER_DEBUG, and is no secret', async (t) => {
  const steps = job(`- run: |\n    echo "::debug::told"\n    echo "$RUNNER_DEBUG \${{ runner.debug }} true"\n`);
  for (const args of [
    ['--secret', 'ACTIONS_STEP_DEBUG=true'],
    ['--var', 'ACTIONS_STEP_DEBUG=1'],
  ]) {
    const ran = await runWorkflow(t, steps, { args });
    assert.ok(
      ran.lines.some((line) => line.kind === 'debug' && line.text === 'told'),
      args.join(' '),
    );
    assert.deepEqual(ran.output(), ['1 1 true']);
  }
  const without = await runWorkflow(t, steps);
  assert.equal(
    without.lines.some((line) => line.kind === 'debug'),
    false,
  );
});

test('stop-commands: a token that any line could be is refused and fails the step; a long one is masked', async (t) => {
  const ran = await runWorkflow(
    t,
    job(`
- { name: empty, run: 'echo "::stop-commands::"; echo "::notice::heard"', continue-on-error: true }
- { name: command, run: 'echo "::stop-commands::error"; echo "::notice::heard"', continue-on-error: true }
- run: |
    echo "::stop-commands::a-long-token"
    echo "::notice::not heard"
    echo "::a-long-token::"
    echo "::notice::heard again"
- { run: exit 1, if: "steps.none.outcome == 'x'" }
`),
  );
  const notices = ran.lines.filter(({ kind }) => kind === 'notice').map(({ text }) => text);
  assert.deepEqual(notices, ['heard', 'heard', 'heard again']);
  assert.deepEqual(ran.output(), ['::stop-commands::***', '::notice::not heard', '::***::']);
  const errors = ran.lines.filter(({ kind }) => kind === 'error').map(({ text }) => text);
  assert.equal(errors.filter((text) => text.startsWith('You cannot use a endToken')).length, 2, errors.join('\n'));
});

test('set-env: refused as on GitHub, and the step fails', async (t) => {
  const ran = await runWorkflow(
    t,
    job(`- { name: old, run: 'echo "::set-env name=A::b"' }\n- { run: 'echo "\${A:-none}"', if: always() }\n`),
  );
  assert.deepEqual(ran.output(), ['none']);
  assert.equal(ran.stepConclusions('one')['old'], 'failure');
  assert.ok(ran.lines.some(({ kind, text }) => kind === 'error' && text.startsWith('The `set-env` command is disabled')));
});
