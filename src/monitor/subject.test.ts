import assert from 'node:assert/strict';
import { test } from 'node:test';

import { foldCheck, foldService, type CheckView, type ReplicaView, type ServiceView } from './subject.ts';
import { planTargets } from './targets.ts';
import type { Sample, Target, TargetVerdict } from './types.ts';

const TARGET: Target = planTargets({ services: [], monitors: [] })[0] ?? assert.fail();

function check(verdict: TargetVerdict, { detail = 'refused', release }: { detail?: string; release?: string } = {}): CheckView {
  const good: Sample = {
    target: TARGET,
    at: 1,
    outcome: 'good',
    ms: 1,
    detail: 'answers 200',
    ...(release === undefined ? {} : { release }),
  };
  const bad: Sample = { target: TARGET, at: 1, outcome: 'bad', ms: 1, detail, evidence: 'what came' };
  return verdict === 'up' ? { verdict, last: good, failure: undefined } : { verdict, last: bad, failure: bad };
}

function replica(name: string, more: Partial<ReplicaView> = {}): ReplicaView {
  return { name, direct: check('up'), container: check('up'), running: name.split('.')[0], foreign: false, ...more };
}

function service(more: Partial<ServiceView> = {}): ServiceView {
  return {
    wanted: 'r2',
    edge: check('up', { release: 'r2' }),
    replicas: [replica('r2.1.7'), replica('r2.2.8')],
    coming: [],
    deploying: false,
    moving: new Set(),
    ...more,
  };
}

const down = check('down');
const gone = check('down', { detail: 'crash loop, last ended with 1 (crash)' });
const restarting = check('degraded', { detail: 'restarting, last ended with 137 (killed)' });
const slow = check('degraded', { detail: 'slow: 1.4 s' });

const TABLE: readonly (readonly [why: string, view: Partial<ServiceView>, verdict: string, reason: string])[] = [
  ['all is well', {}, 'up', ''],
  ['the edge does not answer', { edge: down }, 'down', 'through the edge: refused'],
  ['one of two replicas is down', { replicas: [replica('r2.1.7'), replica('r2.2.8', { direct: down })] }, 'degraded', 'r2.2.8: refused'],
  [
    'all replicas are down, although the edge still answers',
    { replicas: [replica('r2.1.7', { direct: down }), replica('r2.2.8', { container: gone })] },
    'down',
    'all 2 replicas: r2.1.7: refused',
  ],
  ['the only replica is down', { replicas: [replica('r2.1.7', { direct: down })] }, 'down', 'r2.1.7: refused'],
  [
    'a crash loop is why its port refuses',
    { replicas: [replica('r2.1.7'), replica('r2.2.8', { direct: down, container: gone })] },
    'degraded',
    'r2.2.8: crash loop, last ended with 1 (crash)',
  ],
  [
    'a replica is being started again',
    { replicas: [replica('r2.1.7', { container: restarting })] },
    'degraded',
    'r2.1.7: restarting, last ended with 137 (killed)',
  ],
  ['slow through the edge', { edge: slow }, 'degraded', 'through the edge: slow: 1.4 s'],
  ['a slow replica', { replicas: [replica('r2.1.7', { direct: slow })] }, 'degraded', 'r2.1.7: slow: 1.4 s'],
  ['another release answers', { edge: check('up', { release: 'r1' }) }, 'drift', 'r1 answers, r2 is wanted'],
  ['another release runs', { replicas: [replica('r2.1.7', { running: 'r1' })] }, 'drift', 'r2.1.7 runs r1'],
  [
    'another image behind the right name',
    { replicas: [replica('r2.1.7', { foreign: true })] },
    'drift',
    'r2.1.7 runs another image than r2',
  ],
  [
    'nobody has looked through the edge',
    { edge: undefined, replicas: [replica('r2.1.7', { direct: check('unknown') })] },
    'unknown',
    'refused',
  ],
  ['our own fault', { edge: check('unknown', { detail: 'no route' }) }, 'unknown', 'no route'],
  ['a new replica that nobody has looked at', { replicas: [replica('r2.1.7', { direct: check('unknown') })] }, 'up', ''],
  [
    'a rollout hides weakness',
    { deploying: true, replicas: [replica('r2.1.7'), replica('r2.2.8', { direct: down })] },
    'deploying',
    'r2.2.8: refused',
  ],
  [
    'a release that has just been replaced answered last',
    { moving: new Set(['r1', 'r2']), edge: check('up', { release: 'r1' }) },
    'deploying',
    'r1 answers, r2 is wanted',
  ],
  [
    'a rollout hides no third release',
    { deploying: true, moving: new Set(['r1', 'r2']), coming: [replica('r1.1.9')], edge: check('up', { release: 'r7' }) },
    'drift',
    'r7 answers, r2 is wanted',
  ],
  ['what is coming has its share of the requests', { coming: [replica('r3.1.9')], edge: check('up', { release: 'r3' }) }, 'up', ''],
  [
    'what is coming does not answer yet',
    { coming: [replica('r3.1.9', { direct: check('unknown') })] },
    'deploying',
    'r3.1.9 is being started: refused',
  ],
  [
    'what is coming has fallen again: its rollout says what becomes of it',
    { coming: [replica('r3.1.9', { container: gone })] },
    'deploying',
    'r3.1.9, which is coming, is down: crash loop, last ended with 1 (crash)',
  ],
  [
    'nothing has ever served, and the first replica is being started',
    { wanted: 'r3', edge: undefined, replicas: [], coming: [replica('r3.1.9', { direct: check('unknown') })] },
    'deploying',
    'r3.1.9 is being started: refused',
  ],
  [
    'the first replica answers, and nothing is led there yet',
    { wanted: 'r3', edge: undefined, replicas: [], coming: [replica('r3.1.9')] },
    'deploying',
    'r3.1.9 does not serve yet',
  ],
  [
    'all that served is down while what is coming answers',
    { deploying: true, replicas: [replica('r2.1.7', { direct: down })], coming: [replica('r3.1.9')] },
    'deploying',
    'r2.1.7: refused',
  ],
  [
    'all that served is down, and so is what is coming',
    { deploying: true, replicas: [replica('r2.1.7', { direct: down })], coming: [replica('r3.1.9', { direct: down })] },
    'down',
    'r2.1.7: refused',
  ],
  ['a rollout never hides an outage', { deploying: true, edge: down }, 'down', 'through the edge: refused'],
  ['a rollout that goes well is nothing to see', { deploying: true }, 'up', ''],
];

for (const [why, view, verdict, reason] of TABLE) {
  test(`foldService(): ${why}: ${verdict}`, () => {
    const folded = foldService(service(view));
    assert.deepEqual([folded.verdict, folded.reason], [verdict, reason]);
  });
}

test('foldService() and foldCheck() bring what came as evidence', () => {
  assert.equal(foldService(service({ edge: down })).evidence, 'what came');
  assert.deepEqual(foldCheck(down), { verdict: 'down', reason: 'refused', evidence: 'what came' });
  assert.deepEqual(foldCheck(check('up')), { verdict: 'up', reason: '', evidence: '' });
});
