/** What `antler init` guesses from a Dockerfile. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Found } from './init/find.ts';
import { frontness, guessHealth, guessPort, publicImages } from './init/guess.ts';
import { mergeStandIns, standInsFor } from './init/stand-ins.ts';

function found(text: string, more: Partial<Found> = {}): Found {
  return { context: 'api', dockerfile: 'Dockerfile', text, sources: [], requirements: '', ...more };
}

const PORTS: readonly (readonly [Found, number])[] = [
  [found('FROM a AS b\nEXPOSE 1\nFROM python:3.12\nEXPOSE 5000/tcp 9090'), 5000],
  [found('FROM python:3.12\nENV A=1 PORT=7000'), 7000],
  [found('FROM python:3.12\nCMD ["gunicorn", "--bind", "0.0.0.0:8001", "app:app"]'), 8001],
  [found('FROM python:3.12\nCMD flask run --host 0.0.0.0 --port=5055'), 5055],
  [found('FROM node:22', { sources: ['const port = process.env.PORT ?? 4000;\napp.listen(port)'] }), 4000],
  [found('FROM golang:1.22', { sources: ['http.ListenAndServe(":8090", nil)'] }), 8090],
  [found('FROM python:3.12-slim', { requirements: 'Flask==3' }), 5000],
  [found('FROM nginx:alpine'), 80],
  [found('FROM nginxinc/nginx-unprivileged:stable'), 8080],
  [found('FROM node:22'), 3000],
  [found('FROM scratch\nCOPY a /a'), 8080],
];

test('guessPort: EXPOSE of the last stage, then ENV, command, source, framework, image', () => {
  for (const [one, port] of PORTS) assert.equal(guessPort(one).value, port, one.text);
});

test('guessHealth: HEALTHCHECK, then a known route, then /, then the first route', () => {
  assert.equal(guessHealth(found('FROM a\nHEALTHCHECK CMD curl -f http://localhost:80/alive || exit 1')).value, '/alive');
  assert.equal(guessHealth(found('FROM a', { sources: ["@app.route('/')\n@app.route('/healthz')"] })).value, '/healthz');
  assert.equal(guessHealth(found('FROM a', { sources: ["app.get('/', home)\napp.get('/items', items)"] })).value, '/');
  assert.equal(guessHealth(found('FROM a', { sources: ['@app.get("/items")'] })).value, '/items');
  assert.equal(guessHealth(found('FROM a')).value, '/');
});

test('publicImages: stages are none, ARG defaults are filled in', () => {
  assert.deepEqual(publicImages('ARG V=3.12\nFROM python:${V}-slim AS b\nFROM b AS c\nFROM scratch\nFROM node:22'), [
    'python:3.12-slim',
    'node:22',
  ]);
});

test('standInsFor: a Flask image becomes a base of Debian packages, with what pip has to fetch', () => {
  const [one] = standInsFor(
    found('FROM python:3.12-slim\nRUN pip install -r requirements.txt gunicorn', { requirements: 'Flask==3.0.0\n# no\nodd_one>1\nPyYAML' }),
  );
  assert.deepEqual(one?.base, {
    packages: ['python3', 'python3-pip', 'python-is-python3', 'python3-flask', 'python3-yaml', 'gunicorn', 'python3-gunicorn'],
    standsFor: ['docker.io/library/python:3.12-slim'],
  });
  assert.deepEqual(
    one.notes.map((note) => note.split(' ', 4).join(' ')),
    ['odd-one is not among', 'Flask==3.0.0 is pinned: where'],
  );
});

test('standInsFor: nothing stands for Alpine, other registries, or an nginx whose folders Debian does not know', () => {
  for (const text of [
    'FROM python:3.12-alpine\nRUN apk add curl',
    'FROM ghcr.io/a/python:3',
    'FROM nginx:alpine\nCOPY . /usr/share/nginx/html',
  ])
    assert.deepEqual(standInsFor(found(text)), [], text);
});

test('mergeStandIns: two services on one kind of image share a base', () => {
  const all = ['node:22-slim', 'node:20'].flatMap((image) => standInsFor(found(`FROM ${image}`)));
  assert.deepEqual(mergeStandIns(all), { js: { node: true, standsFor: ['docker.io/library/node:22-slim', 'docker.io/library/node:20'] } });
});

test('frontness: a front end looks more like one than an API does', () => {
  assert.ok(frontness(found('FROM node:22'), 'frontend') > frontness(found('FROM python:3'), 'backend'));
  assert.ok(frontness(found('FROM nginx'), 'pages') > frontness(found('FROM python:3'), 'api'));
});
