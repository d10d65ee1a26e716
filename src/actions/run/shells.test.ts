import assert from 'node:assert/strict';
import { test } from 'node:test';

import { planShell } from './shells.ts';

const CASES: readonly (readonly [string | undefined, readonly string[], readonly string[], string])[] = [
  [undefined, ['bash', 'sh'], ['-e', '{0}'], '.sh'],
  ['', ['bash', 'sh'], ['-e', '{0}'], '.sh'],
  ['bash', ['bash'], ['--noprofile', '--norc', '-e', '-o', 'pipefail', '{0}'], '.sh'],
  ['sh', ['sh'], ['-e', '{0}'], '.sh'],
  ['python', ['python', 'python3'], ['{0}'], '.py'],
  ['bash -l {0}', ['bash'], ['-l', '{0}'], '.sh'],
  ['perl {0}', ['perl'], ['{0}'], ''],
  ['/usr/bin/env -S "perl -w" {0} a', ['/usr/bin/env'], ['-S', 'perl -w', '{0}', 'a'], ''],
  ['node --eval "a \\"b\\"" {0}', ['node'], ['--eval', 'a "b"', '{0}'], ''],
];

for (const [shell, programs, args, extension] of CASES) {
  test(`planShell: ${shell ?? 'none given'}`, () => {
    const plan = planShell(shell);
    assert.deepEqual([plan.programs, plan.args, plan.extension], [programs, args, extension]);
    assert.equal(plan.prepare('a\n'), 'a\n');
  });
}

for (const shell of ['perl', 'zsh -e', 'cmd']) {
  test(`planShell: ${shell} is refused in GitHub’s words`, () => assert.throws(() => planShell(shell), /Invalid shell option/));
}
