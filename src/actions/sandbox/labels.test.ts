import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkLabels, runnerArch, servedLabels } from './labels.ts';

test('checkLabels: what is promised is served, whatever its case; what is not is named with what is', () => {
  for (const labels of [['ubuntu-latest'], ['self-hosted', 'Linux', 'X64'], ['antler']]) checkLabels('test', labels, 'x64');
  for (const labels of [['windows-latest'], ['self-hosted', 'arm64'], ['ubuntu-24.04-arm'], []]) {
    assert.throws(() => checkLabels('test', labels, 'x64'), { code: 'actions/no-runner', hint: /ubuntu-latest/ });
  }
  checkLabels('test', ['ubuntu-24.04-arm', 'arm64'], 'arm64');
  assert.throws(() => checkLabels('test', ['macos-15', 'linux', 'gpu'], 'arm64'), /no runner here serves macos-15, gpu/);
});

test('runnerArch: GitHub’s words', () => {
  assert.deepEqual(['x64', 'arm64', 'riscv64'].map(runnerArch), ['X64', 'ARM64', 'RISCV64']);
  assert.ok(!servedLabels('riscv64').includes('x64'));
});
