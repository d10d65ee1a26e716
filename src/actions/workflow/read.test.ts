import assert from 'node:assert/strict';
import { test } from 'node:test';

import { evaluateText } from '../expressions/evaluate.ts';
import type { Workflow } from '../model.ts';
import { readWorkflow } from './read.ts';

const job = (keys: string): string => `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n${keys}`;
const steps = (text: string): string => job(`    steps:\n${text}`);

async function workflowOf(text: string): Promise<Workflow> {
  const result = await readWorkflow('w.yml', text);
  assert.equal(result.kind, 'workflow', JSON.stringify(result));
  return result.workflow;
}

async function problemsOf(text: string): Promise<readonly string[]> {
  const result = await readWorkflow('w.yml', text);
  assert.equal(result.kind, 'problems', 'the workflow is taken');
  return result.problems.map(({ at, message, hint }) => `${at} ${message}${hint === undefined ? '' : ` (${hint})`}`);
}

test('readWorkflow: a block scalar keeps its text exactly, with and without expressions', async () => {
  const text = "          if True:\n              print('a', 'b')  \n\n          # ${{ github.ref }} {x}\n";
  const { jobs } = await workflowOf(
    steps(`      - run: |\n${text}      - run: >-\n          one\n          \${{ github.ref }}\n          it's 'a'\n`),
  );
  const [script, folded] = (jobs[0]?.steps ?? []).map(({ run }) => run && evaluateText(run, { contexts: { github: { ref: 'R' } } }));
  assert.equal(script, "if True:\n    print('a', 'b')  \n\n# R {x}\n");
  assert.equal(folded, "one R it's 'a'");
});

test('readWorkflow: keys that the official converter drops are there', async () => {
  const { jobs, ...root } = await workflowOf(
    [
      'name: N\nrun-name: R\nenv: { A: 1 }\ndefaults: { run: { shell: sh, working-directory: w } }\nconcurrency: g\non: [push, pull_request]',
      'jobs:\n  a:\n    name: J\n    runs-on: { labels: x }\n    timeout-minutes: 5\n    continue-on-error: true\n    environment: dev\n    outputs: { o: p }',
      '    defaults: { run: { shell: bash } }\n    strategy: { fail-fast: false, max-parallel: 2, matrix: { v: [1] } }\n    container: node',
      '    steps:\n      - { id: s, uses: ./x, with: { k: v }, timeout-minutes: 1, continue-on-error: true }\n      - { run: x, shell: bash, working-directory: d }',
    ].join('\n'),
  );
  assert.deepEqual(Object.keys(root).toSorted(), ['concurrency', 'defaults', 'env', 'name', 'on', 'path', 'runName']);
  assert.deepEqual(root.on, { push: {}, pull_request: { types: ['opened', 'synchronize', 'reopened'] } });
  const [first] = jobs;
  assert.deepEqual(first?.runsOn, { kind: 'literal', value: 'x', at: { line: 10, column: 24 } });
  for (const key of ['name', 'timeoutMinutes', 'continueOnError', 'environment', 'outputs', 'container'] as const)
    assert.ok(first?.[key], key);
  assert.deepEqual(Object.keys(first?.strategy ?? {}), ['matrix', 'failFast', 'maxParallel']);
  assert.deepEqual(Object.keys(first?.steps[0] ?? {}), ['at', 'id', 'continueOnError', 'timeoutMinutes', 'uses', 'with']);
  assert.deepEqual(Object.keys(first?.steps[1] ?? {}), ['at', 'run', 'shell', 'workingDirectory']);
});

test('readWorkflow: every problem at once, in order, with line, column and what is allowed', async () => {
  assert.deepEqual(
    await problemsOf(
      [
        'on:',
        '  pusj:',
        'jobs:',
        '  a:',
        '    runs-on: ubuntu-latest',
        '    needs: [b, zz]',
        '    if: github.ref == secrets.X',
        '    steps:',
        '      - rnu: x',
        '      - run: |',
        '          echo ${{ githib.ref }}',
        '        id: 1x',
        '  b:',
        '    runs-on: ubuntu-latest',
        '    needs: a',
        '    steps: [{ run: "${{ nope() }}" }]',
      ].join('\n'),
    ).then((lines) => lines.map((line) => line.replace(/(Allowed here: \w+, \w+).*\)/, '$1…)'))),
    [
      'w.yml:2:3 The key `pusj` is not known here (Did you mean `push`? Allowed here: branch_protection_rule, check_run…)',
      'w.yml:6:16 The job `a` needs `zz`, which is no job here (Jobs here: a, b)',
      'w.yml:7:23 The expression names `secrets`, which is no context here (Allowed here: github, inputs…)'.replace(
        ', inputs, vars, needs',
        ', inputs…',
      ),
      'w.yml:9:9 The key `rnu` is not known here (Did you mean `run`? Allowed here: name, id…)',
      'w.yml:11:20 The expression names `githib`, which is no context here (Did you mean `github`? Allowed here: github, inputs…)',
      'w.yml:12:13 The step id `1x` may have letters, digits, `_` and `-` only, and begins with a letter or `_`',
      'w.yml:15:12 The job `b` needs `a`, which waits for it: a → b → a is a cycle',
      'w.yml:16:25 The expression calls `nope`, which is no function here (Allowed here: hashFiles, case…)',
    ],
  );
});

const REFUSED: readonly (readonly [text: string, at: string])[] = [
  [job('    services: { db: postgres }\n    steps: [{ run: x }]'), '5:5'],
  [job('    snapshot: x\n    steps: [{ run: x }]'), '5:5'],
  [job('    container: { image: x, options: --privileged }\n    steps: [{ run: x }]'), '5:28'],
  ['on: push\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n    with: { a: b }', '4:5'],
  ['on:\n  schedule:\n    - cron: 0 0 * * *\njobs: { a: { runs-on: x, steps: [{ run: x }] } }', '2:3'],
  ['on: [push, release]\njobs: { a: { runs-on: x, steps: [{ run: x }] } }', '1:12'],
  ['on: { pull_request: { types: [opened, closed] } }\njobs: { a: { runs-on: x, steps: [{ run: x }] } }', '1:39'],
  [steps('      - { run: x, background: true }'), '6:19'],
  [steps('      - { wait-all: true, name: y }'), '6:11'],
  [steps('      - parallel: [{ run: x }]'), '6:9'],
  [steps('      - uses: docker://alpine'), '6:15'],
  [steps('      - uses: actions/cache@v4'), '6:15'],
  [steps('      - { run: x, shell: pwsh }'), '6:26'],
  [job('    permissions: { id-token: write }\n    steps: [{ run: x }]'), '5:30'],
];

for (const [text, at] of REFUSED) {
  test(`readWorkflow: refuses what is not run yet at ${at}: ${text.split('\n').slice(-2).join(' ').trim()}`, async () => {
    const problems = await problemsOf(text);
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0] ?? '', new RegExp(`^w.yml:${at} .*not supported yet`));
  });
}

const SLIPS: readonly (readonly [name: string, text: string, expected: string])[] = [
  ['one YAML slip is one problem', 'on: push\njobs:\n  a: [\n  b:\n   - c\n  d: }\n', 'w.yml:4:3 This is not YAML'],
  ['an empty file', '\n', 'w.yml:1:1 The file is empty'],
  ['a tag where `!` was meant', job('    if: !cancelled()\n    steps: [{ run: x }]'), 'w.yml:5:9 A value that begins with `!` is a tag'],
  [
    'aliases that explode',
    `a: &a [x,x,x,x,x,x,x,x,x,x]\n${Array.from('bcdefg', (name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdef'[i]}`).join()}]`).join('\n')}\non: *g`,
    'w.yml:1:1 The file unfolds to more values',
  ],
  ['an alias without an anchor', 'on: push\njobs: { a: { runs-on: *x, steps: [{ run: x }] } }', 'w.yml:2:23 The alias `*x` has no anchor'],
  ['two kinds of a step in one', steps('      - { run: x, uses: ./a }'), 'w.yml:6:19 `uses` does not go together with `run`'],
  ['an alias to itself', 'on: &a [*a]\njobs: {}', 'w.yml:1:9 The alias `*a` contains itself'],
  ['brackets without end', '['.repeat(10_000), 'w.yml:1:1 The file is nested too deeply'],
  ['a key called constructor', job('    constructor: 1\n    steps: [{ run: x }]'), 'w.yml:5:5 The key `constructor` is not known here'],
  [
    'a list where keys are needed',
    job('    strategy: [a]\n    steps: [{ run: x }]'),
    'w.yml:5:15 A list is not allowed here: needed is keys with values',
  ],
  ['a job without steps', job('    timeout-minutes: 1'), 'w.yml:3:3 The job `a` has no steps'],
  [
    'filters that exclude each other',
    'on: { push: { tags: a, tags-ignore: b } }\njobs: { a: { runs-on: x, steps: [{ run: x }] } }',
    'w.yml:1:24 `tags` and `tags-ignore` exclude each other',
  ],
  ['an action without its version', steps('      - uses: actions/checkout'), 'w.yml:6:15 The action `actions/checkout` lacks its version'],
  [
    'a text that is too long with its expressions',
    steps(`      - run: \${{ github.ref }} ${'x'.repeat(21_000)}`),
    'w.yml:6:14 The text with its expressions is longer than',
  ],
  [
    'a choice without options',
    'on: { workflow_dispatch: { inputs: { x: { type: choice } } } }\njobs: { a: { runs-on: x, steps: [{ run: x }] } }',
    'w.yml:1:41 The input `x` is a choice',
  ],
];

for (const [name, text, expected] of SLIPS) {
  test(`readWorkflow: says where and what: ${name}`, async () => {
    const problems = await problemsOf(text);
    assert.ok(problems[0]?.startsWith(expected), problems.join('\n'));
  });
}

test('readWorkflow: `{push, pull_request}` names two events', async () => {
  const { on } = await workflowOf('on: {push, pull_request}\njobs: { a: { runs-on: x, steps: [{ run: x }] } }');
  assert.deepEqual(Object.keys(on), ['push', 'pull_request']);
});

test('readWorkflow: warns of what has no effect and of conditions that are always true', async () => {
  const result = await readWorkflow(
    'w.yml',
    job('    permissions: { contents: read }\n    if: ${{ false }} || 1\n    steps: [{ run: x }]'),
  );
  assert.deepEqual(result.kind === 'workflow' && result.warnings.map(({ at, message }) => `${at} ${message.slice(0, 29)}`), [
    'w.yml:5:5 `permissions` has no effect: ',
    'w.yml:6:9 This condition is always true',
  ]);
});

test('readWorkflow: `${{ }}` for a whole strategy gives its parts', async () => {
  const { jobs } = await workflowOf(job('    strategy: ${{ fromJSON(vars.S) }}\n    steps: [{ run: x }]'));
  assert.deepEqual(jobs[0]?.strategy?.failFast, {
    kind: 'expression',
    text: "(fromJSON(vars.S))['fail-fast']",
    at: { line: 5, column: 15 },
  });
});

test('readWorkflow: what follows from a problem is not told again', async () => {
  const problems = await problemsOf('on:\njobs: { a: { runs-on: x, steps: [{ name: x }] }, b: { name: y } }');
  assert.deepEqual(
    problems.map((line) => line.replace(/ \(.*/, '')),
    ['w.yml:1:4 An empty value is not known here', 'w.yml:2:34 A step needs one of these keys', 'w.yml:2:53 A job needs one of these keys'],
  );
});
