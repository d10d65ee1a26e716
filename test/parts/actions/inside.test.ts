/** What steps inside of a composite action see of the job around them, by the real program. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { job, runWorkflow } from './fixture.ts';

const CHECKOUT = '- uses: actions/checkout@v4\n';
const action = (steps: string): string => `runs:\n  using: composite\n  steps:\n${steps.replaceAll(/^(?=.)/gm, '    ')}`;

test('job.status inside of an action is the job’s; success() and failure() ask for the action', async (t) => {
  const files = {
    'act/action.yml': action(`- { shell: bash, run: 'echo "1 \${{ job.status }}"', if: success() && !failure() }
- { shell: bash, run: exit 1 }
- { shell: bash, run: 'echo "2 \${{ job.status }}"', if: failure() && !success() }
`),
  };
  const ran = await runWorkflow(
    t,
    job(`${CHECKOUT}- { uses: ./act, continue-on-error: true }
- { name: bad, run: exit 1 }
- { uses: ./act, if: always() }
`),
    { files },
  );
  const said = ['1 success', '2 success', '1 failure', '2 failure'];
  assert.deepEqual(ran.output().slice(1), said);
});

test('GITHUB_ENV inside of an action holds for its next steps; what the calling step set itself lies over it', async (t) => {
  const files = {
    'act/action.yml': action(`- shell: bash
  run: |
    echo "A=new" >> $GITHUB_ENV
    echo "B=new" >> $GITHUB_ENV
- { shell: bash, run: 'echo "$A $B \${{ env.A }} \${{ env.B }}"' }
- uses: ./inner
  env: { C: inner }
`),
    'inner/action.yml': action(`- { shell: bash, run: 'echo "C=lost" >> $GITHUB_ENV; echo "D=new" >> $GITHUB_ENV' }
- { shell: bash, run: 'echo "$A $B $C $D"' }
`),
  };
  const ran = await runWorkflow(
    t,
    job(
      `${CHECKOUT}- { uses: ./act, env: { B: step } }
- run: echo "$A $B $C $D"
`,
      'env: { A: old, D: old }',
    ),
    { files },
  );
  assert.deepEqual(ran.output().slice(1), ['new step new step', 'new step inner new', 'new new lost new']);
});

test('jobs.<id>.steps[*].timeout-minutes of a step that calls an action ends what runs inside of it', async (t) => {
  const files = {
    'act/action.yml': action(`- { shell: bash, run: 'echo begun; sleep 1000' }
- { shell: bash, run: echo not here, if: always() }
`),
  };
  const ran = await runWorkflow(
    t,
    job(`${CHECKOUT}- { name: slow, uses: ./act, timeout-minutes: 0.02 }\n- { run: echo after, if: always() }\n`),
    {
      files,
    },
  );
  assert.deepEqual(ran.output().slice(1), ['begun', 'after']);
  assert.equal(ran.stepConclusions('one')['slow'], 'failure');
  assert.ok(ran.lines.some(({ text }) => text === "The action 'slow' has timed out after 0.02 minutes."));
});
