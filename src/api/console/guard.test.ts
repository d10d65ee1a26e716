import assert from 'node:assert/strict';
import { test } from 'node:test';

import { guard } from './guard.ts';

const NAMES = new Set(['localhost', 'board', 'board.local']);
const json = { 'content-type': 'application/json', 'content-length': '2' };

const CASES: readonly (readonly [string, string, Record<string, string>, number | undefined])[] = [
  ['an address', 'GET', { host: '127.0.0.1:7700' }, undefined],
  ['an address of the network', 'GET', { host: '192.168.1.7:7700' }, undefined],
  ['an IPv6 address', 'GET', { host: '[::1]:7700' }, undefined],
  ['localhost through a tunnel on another port', 'GET', { host: 'localhost:9000' }, undefined],
  ['the machine’s name', 'GET', { host: 'Board.local:7700' }, undefined],
  ['a name that an attacker lets lead here', 'GET', { host: 'evil.example:7700' }, 421],
  ['a name that only begins like an address', 'GET', { host: '127.0.0.1.evil.example' }, 421],
  ['no name', 'GET', {}, 421],
  ['a name with a path in it', 'GET', { host: 'localhost/@evil' }, 421],
  [
    'a link from elsewhere',
    'GET',
    { host: 'localhost', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    undefined,
  ],
  [
    'a frame elsewhere',
    'GET',
    { host: 'localhost', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    403,
  ],
  [
    'an application on another port that loads',
    'GET',
    { host: 'localhost:7700', 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' },
    403,
  ],
  [
    'the page itself',
    'POST',
    { host: 'localhost:7700', origin: 'http://localhost:7700', 'sec-fetch-site': 'same-origin', ...json },
    undefined,
  ],
  ['behind a proxy that speaks TLS', 'POST', { host: 'localhost:7700', origin: 'https://localhost:7700', ...json }, undefined],
  ['another site that posts', 'POST', { host: 'localhost:7700', origin: 'http://evil.example', ...json }, 403],
  [
    'another port that posts',
    'POST',
    { host: 'localhost:7700', origin: 'http://localhost:30008', 'sec-fetch-site': 'same-site', ...json },
    403,
  ],
  ['a post of nobody', 'POST', { host: 'localhost:7700', ...json }, 403],
  ['a post from a file', 'POST', { host: 'localhost:7700', origin: 'null', ...json }, 403],
  ['a form', 'POST', { host: 'localhost:7700', origin: 'http://localhost:7700', 'content-type': 'text/plain', 'content-length': '2' }, 415],
  [
    'a body of unknown length and no type',
    'POST',
    { host: 'localhost:7700', origin: 'http://localhost:7700', 'transfer-encoding': 'chunked' },
    415,
  ],
  ['a removal without a body', 'DELETE', { host: 'localhost:7700', origin: 'http://localhost:7700' }, undefined],
];

for (const [what, method, headers, status] of CASES) {
  test(`guard(): ${what} is ${status === undefined ? 'let in' : `refused with ${status}`}`, () => {
    assert.equal(guard({ method, headers }, NAMES)?.status, status);
  });
}
