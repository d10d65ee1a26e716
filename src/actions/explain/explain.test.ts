import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { TriggerEvent } from '../types.ts';
import { readWorkflow } from '../workflow/read.ts';
import { explain } from './explain.ts';

const event: TriggerEvent = { name: 'push', ref: 'refs/heads/main', sha: 'a1', actor: 'me', payload: {} };

async function linesOf(text: string, about: Partial<TriggerEvent> = {}): Promise<readonly string[]> {
  const result = await readWorkflow('w.yml', text);
  assert.equal(result.kind, 'workflow', JSON.stringify(result));
  const told = { ...event, ...about };
  const { decision, jobs } = explain(result.workflow, told, { contexts: { github: { ref: told.ref } } });
  if (decision.kind === 'skipped') return [decision.reason, ...jobs.map(({ id }) => id)];
  return jobs.map(({ kind, names, reason }) => `${names.join(' + ')} ${kind}${reason === undefined ? '' : `: ${reason}`}`);
}

const job = (id: string, keys: string): string => `  ${id}: { runs-on: x, steps: [{ run: x }]${keys === '' ? '' : `, ${keys}`} }`;

test('explain: jobs in the order of their needs, with the names of their cells', async () => {
  const text = ['on: push', 'jobs:', job('deploy', 'needs: [test]'), job('test', 'strategy: { matrix: { v: [1, 2] } }')].join('\n');
  assert.deepEqual(await linesOf(text), ['test (1) + test (2) runs', 'deploy runs']);
});

test('explain: a condition that does not hold skips the job and those that need it, unless they ask for it', async () => {
  const text = [
    'on: push',
    'jobs:',
    job('tag', 'if: "startsWith(github.ref, \'refs/tags/\')"'),
    job('after', 'needs: tag'),
    job('last', 'needs: after'),
    job('always', "needs: tag, if: '!cancelled()'"),
    job('failed', 'needs: tag, if: failure()'),
  ].join('\n');
  assert.deepEqual(await linesOf(text), [
    "tag skipped: its condition does not hold: startsWith(github.ref, 'refs/tags/')",
    'after skipped: it needs tag, which is skipped',
    'last skipped: it needs after, which is skipped',
    'always runs',
    'failed skipped: it needs tag, which is skipped',
  ]);
  assert.deepEqual((await linesOf(text, { ref: 'refs/tags/v1' })).slice(0, 3), ['tag runs', 'after runs', 'last runs']);
});

test('explain: what only a run can tell is open', async () => {
  const text = [
    'on: push',
    'jobs:',
    job('plan', ''),
    job('cells', 'needs: plan, strategy: { matrix: "${{ fromJSON(needs.plan.outputs.m) }}" }'),
    job('maybe', "needs: plan, if: needs.plan.outputs.x == 'needs'"),
    job('then', 'needs: maybe'),
    job('text', 'if: "github.ref != \'needs.x\'"'),
  ].join('\n');
  assert.deepEqual(await linesOf(text), [
    'plan runs',
    'cells runs: its cells or its name are known later',
    "maybe open: its condition is known later: needs.plan.outputs.x == 'needs'",
    'then open: it needs maybe, which is open',
    'text runs',
  ]);
});

test('explain: a workflow that the event does not start has no jobs', async () => {
  assert.deepEqual(await linesOf(['on: { push: { tags: [v*] } }', 'jobs:', job('a', '')].join('\n')), [
    'it names no branches, and filters for others: v*',
  ]);
});
