/** protect(), judgeBake(), explain(): who may go, who must go back, and why it did not come up. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hasCode } from '../kit/errors.ts';
import type { Code } from '../kit/codes.ts';
import type { RolloutRow } from '../store/types.ts';
import { explain, type Symptom } from './explain.ts';
import { environment } from './fixtures.ts';
import { protect, type ProtectInput } from './protect.ts';

const MINUTE = 60_000;
const verified = (id: number, release: number, endedAt: number): RolloutRow => ({
  id,
  environment: 'stg',
  release,
  from: undefined,
  kind: 'deploy',
  verdict: 'verified',
  phase: 'ended',
  actor: 'a',
  forcedReason: undefined,
  reason: undefined,
  cut: 0,
  startedAt: endedAt - 1000,
  endedAt,
});
const BASE: ProtectInput = {
  environment: environment('prod', { from: 'stg', soakMs: MINUTE, approve: 1 }),
  release: 3,
  kind: 'promote',
  force: false,
  reason: undefined,
  hold: undefined,
  first: false,
  upstream: [verified(7, 3, 10 * MINUTE)],
  upstreamNow: { name: 'stg', release: 3, verifiedAt: 10 * MINUTE },
  now: 20 * MINUTE,
};
const HOLD = { environment: 'prod', reason: 'r2 was bad', actor: 'ann', since: 0 };

test('protect(): refuses by code, or says what to wait for', () => {
  const cases: readonly (readonly [string, Partial<ProtectInput>, Code | { readonly soakMs: number; readonly approvals: number }])[] = [
    ['verified and soaked', {}, { soakMs: 0, approvals: 1 }],
    ['verified just now', { now: 10 * MINUTE + 1000 }, { soakMs: MINUTE - 1000, approvals: 1 }],
    ['the environment’s first rollout does not soak', { now: 10 * MINUTE, first: true }, { soakMs: 0, approvals: 1 }],
    ['not verified upstream', { upstream: [verified(7, 2, 0)] }, 'releases/not-verified-upstream'],
    ['forced without a reason', { force: true }, 'releases/reason-missing'],
    ['forced with a blank reason', { force: true, reason: ' ' }, 'releases/reason-missing'],
    ['forced', { force: true, reason: 'fire', upstream: [] }, { soakMs: 0, approvals: 1 }],
    ['held', { hold: HOLD }, 'releases/held'],
    ['held, going back', { hold: HOLD, kind: 'rollback' }, { soakMs: 0, approvals: 0 }],
    [
      'upstream moved on too soon',
      {
        upstream: [verified(8, 4, 10 * MINUTE + 20_000), verified(7, 3, 10 * MINUTE)],
        upstreamNow: { name: 'stg', release: 4, verifiedAt: 0 },
      },
      'releases/soaking',
    ],
    ['no upstream', { environment: environment('dev'), upstream: [], upstreamNow: undefined }, { soakMs: 0, approvals: 0 }],
  ];
  for (const [name, more, expected] of cases) {
    if (typeof expected === 'string')
      assert.throws(
        () => protect({ ...BASE, ...more }),
        (error) => hasCode(error, expected),
        name,
      );
    else assert.deepEqual(protect({ ...BASE, ...more }), expected, name);
  }
});

test('explain(): names the likely cause and the next thing to type', () => {
  const base: Symptom = { environment: 'dev', service: 'web', port: 80, path: '/', memory: 64 * 1024 * 1024, lines: [] };
  const cases: readonly (readonly [Partial<Symptom>, RegExp, RegExp])[] = [
    [{ exit: { code: 137, reason: 'oom' } }, /more than its 64/, /services\.web\.memory/],
    [{ exit: { code: 127, reason: 'crash' } }, /not found/, /Dockerfile/],
    [{ exit: { code: 1, reason: 'crash' }, lines: ['Error: listen EADDRINUSE'] }, /port was in use/, /antler logs dev web/],
    [{ exit: { code: 1, reason: 'crash' }, lines: ['EROFS: read-only file system'] }, /may not/, /hardened/],
    [{ exit: { code: 3, reason: 'crash' } }, /ended with 3/, /antler logs/],
    [{ check: 'L4CON' }, /listens on port 80/, /0\.0\.0\.0:80/],
    [{ check: 'L7STS/404' }, /answers \/ with 404/, /health\.path/],
    [{ check: 'L7STS' }, /answers \/ with an error/, /health\.path/],
    [{ check: 'L7TOUT' }, /too long/, /health\.timeout/],
    [{}, /never passed/, /antler logs/],
  ];
  for (const [more, what, hint] of cases) {
    const said = explain({ ...base, ...more });
    assert.match(said.what, what);
    assert.match(said.hint, hint);
  }
});
