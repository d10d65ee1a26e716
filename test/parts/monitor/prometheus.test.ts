/** Debian's promtool reads what is shown to Prometheus. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { exec } from '../../../src/kit/exec.ts';
import { sampleInput } from '../../../src/monitor/prometheus/fixtures.ts';
import { metricsText } from '../../../src/monitor/prometheus/metrics.ts';

async function check(text: string) {
  const { exitCode, stderr } = await exec(['promtool', 'check', 'metrics'], {
    input: text,
    accept: [1, 2, 3],
    timeoutMs: 20_000,
    signal: new AbortController().signal,
  });
  return { exitCode, stderr };
}

test('metricsText: `promtool check metrics` has nothing to say, also with names that are to be escaped', async () => {
  const nothing = { exitCode: 0, stderr: '' };
  assert.deepEqual(await check(metricsText(sampleInput())), nothing);
  const input = sampleInput();
  const services = input.services.map((each) => ({ ...each, service: 'a "b"\\\n\u0000 🦌 \ud83e {x="y"} # z' }));
  assert.deepEqual(await check(metricsText({ ...input, services })), nothing);
  assert.deepEqual(
    await check(metricsText({ ...input, versions: [], deploys: [], rollbacks: [], targets: [], services: [], traffic: [] })),
    nothing,
  );
});

test('promtool sees what is wrong: a family without help, and a line that is none', async () => {
  const text = metricsText(sampleInput());
  assert.equal((await check(text.replaceAll(/^# HELP .*\n/gm, ''))).exitCode, 3);
  assert.equal((await check(`${text}broken{ 1\n`)).exitCode, 1);
});
