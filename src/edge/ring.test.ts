import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createLineReader } from './lines.ts';
import { outcomeOf, parseRequestLine, releaseOf } from './ring.ts';

test('parseRequestLine() reads a request and passes over what is none', () => {
  assert.deepEqual(parseRequestLine('17300 6 dev:backend r1.0.1 200 12 10 --'), {
    pid: 17_300,
    backend: 'dev:backend',
    server: 'r1.0.1',
    status: 200,
    ms: 12,
    responded: true,
    termination: '--',
    probe: false,
  });
  assert.equal(parseRequestLine('17300 6 dev:backend r1.0.1 200 12 10 -- -')?.probe, false);
  assert.equal(parseRequestLine('17300 6 dev:backend r1.0.1 200 12 10 -- probe')?.probe, true);
  assert.equal(parseRequestLine('17300 9 service:dev:backend <NOSRV> 400 0 -1 PR')?.responded, false);
  for (const line of [
    '',
    'Server dev:backend/r1.0.1 is UP, reason: Layer7 check passed.',
    'Proxy dev:backend stopped (FE: 0, BE: 5).',
    '1 2 3',
  ]) {
    assert.equal(parseRequestLine(line), undefined, line);
  }
});

test('outcomeOf() follows the design’s word *lost*', () => {
  const table = [
    ['200 10 --', 'served'],
    ['500 10 --', 'served'], // the app's own 5xx is an error, not lost
    ['503 10 --', 'served'],
    ['304 10 --', 'served'],
    ['503 -1 SC', 'lost'],
    ['503 -1 sC', 'lost'],
    ['503 -1 sQ', 'lost'],
    ['502 -1 SH', 'lost'],
    ['504 -1 sH', 'lost'],
    ['502 -1 PH', 'lost'], // the answer was not HTTP
    ['200 10 SD', 'lost'], // half an answer
    ['200 10 sD', 'lost'],
    ['200 10 KD', 'lost'],
    ['200 10 DD', 'lost'],
    ['500 -1 IH', 'lost'],
    ['503 -1 RC', 'lost'],
    ['-1 -1 CR', 'aborted'],
    ['408 -1 cR', 'aborted'],
    ['-1 -1 CC', 'aborted'],
    ['-1 -1 CH', 'aborted'],
    ['200 10 CD', 'aborted'],
    ['200 10 cD', 'aborted'],
    ['403 -1 PR', 'aborted'],
    ['400 -1 PR', 'aborted'],
    ['302 -1 LR', 'aborted'],
    ['101 10 --', 'served'],
    ['101 10 sD', 'served'], // the tunnel stood
    ['101 10 KD', 'served'],
    ['101 10 CD', 'served'],
  ] as const;
  for (const [rest, expected] of table) {
    const [status, response, termination] = rest.split(' ');
    const line = parseRequestLine(`1 2 dev:backend r1.0.1 ${status} 10 ${response} ${termination}`);
    assert.equal(line && outcomeOf(line), expected, rest);
  }
});

test('releaseOf() is what stands before the first dot; `none` where no server answered', () => {
  assert.deepEqual(['r42.0.3', 'r1.12.7', '<NOSRV>', 'hold'].map(releaseOf), ['r42', 'r1', 'none', 'hold']);
});

test('createLineReader() joins lines that chunks cut anywhere', () => {
  const text = 'one\ntwo words\n\nthree\nrest';
  for (let size = 1; size <= text.length; size++) {
    const reader = createLineReader();
    const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size));
    assert.deepEqual(
      chunks.flatMap((chunk) => reader.push(chunk)),
      ['one', 'two words', '', 'three'],
    );
    assert.deepEqual(reader.push('\n'), ['rest']);
  }
});
