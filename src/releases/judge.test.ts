import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ServerState } from '../edge/types.ts';
import { judgeBake, type BakeInput, type Counts, type Judged } from './judge.ts';

const server = (state: ServerState['state']): ServerState => ({
  environment: 'dev',
  service: 'web',
  name: 'r2.1.2',
  address: '10.1.101.11',
  port: 5000,
  weight: 100,
  state,
  check: 'L7STS/500',
  sessions: 0,
});
const counts = (served: number, errors = 0, lost = 0): Counts => ({ served, errors, lost });
const judged = (service: string, { fresh = counts(0), old = counts(0) }: Partial<Judged>): Judged => ({ service, fresh, old });

const CASES: readonly (readonly [string, Partial<Judged & BakeInput>, RegExp | undefined])[] = [
  ['nothing happened', {}, undefined],
  ['well', { fresh: counts(100, 5) }, undefined],
  ['6 % errors', { fresh: counts(100, 6), old: counts(100, 2) }, /^web: 6 of its 100 answers were errors \(the old release: 2 of 100\)$/],
  ['no worse than twice the old one', { fresh: counts(100, 6), old: counts(100, 3) }, undefined],
  ['errors only, but too few answers to prove it', { fresh: counts(19, 19) }, undefined],
  ['errors only, and enough of them', { fresh: counts(20, 20) }, /^web: 20 of its 20 answers were errors/],
  ['one lost', { fresh: counts(1000, 0, 1) }, /^web: 1 requests were lost on it$/],
  ['the old one’s losses', { fresh: counts(100), old: counts(100, 0, 9) }, undefined],
  ['its check fails', { servers: [server('up'), server('down')] }, /^web r2\.1\.2 fails its check \(L7STS\/500\)$/],
  ['not checked yet, as after a restart of HAProxy', { servers: [server('starting')] }, undefined],
  ['ended', { dead: ['web 1'] }, /^web 1 ended$/],
];

for (const [name, input, why] of CASES) {
  test(`judgeBake: ${name}: ${why === undefined ? 'stays' : 'goes back'}`, () => {
    const said = judgeBake({ services: [judged('web', input)], servers: [], dead: [], ...input });
    if (why === undefined) assert.equal(said, undefined);
    else assert.match(said ?? '', why);
  });
}

test('judgeBake: errors that one service hands on from another are the other’s: each is set against its own old release', () => {
  const api = judged('api', { fresh: counts(100, 6), old: counts(1000, 0) });
  const why = judgeBake({ services: [judged('web', { fresh: counts(100) }), api], servers: [], dead: [] });
  assert.equal(why, 'api: 6 of its 100 answers were errors (the old release: 0 of 1000)');
});
