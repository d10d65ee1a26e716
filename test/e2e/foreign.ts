/** Somebody else's repository on a second instance, beside the shared one: a Flask back end as a stranger would write it, by help and errors alone. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { testInstance, type TestInstance } from '../kit/instance.ts';
import { answering, it, url } from './shared.ts';

const run = promisify(execFile);

const APP = `import os

from flask import Flask, jsonify, request

app = Flask(__name__)
entries = []


@app.get("/health")
def health():
    return jsonify(status="ok")


@app.get("/entries")
def list_entries():
    return jsonify(entries=entries, environment=os.environ["ANTLER_ENVIRONMENT"])


@app.post("/entries")
def add_entry():
    entries.append(request.get_json()["text"])
    return jsonify(count=len(entries)), 201


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)
`;
const FILES: Readonly<Record<string, string>> = {
  'guestbook/app.py': APP,
  'guestbook/requirements.txt': 'flask\n',
  'guestbook/Dockerfile': `FROM python:3.12-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY app.py .
EXPOSE 5000
CMD ["python", "app.py"]
`,
};

let foreign: TestInstance;
const at = (port: number, path: string): string => `http://localhost:${foreign.port(port)}${path}`;
const write = (name: string, text: string): void => writeFileSync(join(foreign.app, name), text);
const config = (): string => readFileSync(join(foreign.app, 'antler.config.ts'), 'utf8');

before(async () => {
  const folder = mkdtempSync('/var/tmp/antler-guestbook-');
  mkdirSync(join(folder, 'guestbook'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  const git = (...args: string[]): Promise<unknown> =>
    run('git', ['-c', 'user.name=s', '-c', 'user.email=s@example.org', ...args], { cwd: folder });
  await git('init', '-q', '-b', 'main');
  await git('add', '-A');
  await git('commit', '-qm', 'a guest book');
  foreign = testInstance({ app: folder, offset: it.offset + 150 });
  rmSync(folder, { recursive: true });
});
after(async () => foreign[Symbol.asyncDispose]());

test('antler init in a stranger’s repository writes a config that passes', async () => {
  const { code, stdout, stderr } = await foreign.antler(['init']);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /port 5000, healthy when \/health answers[^]*antler up/);
  assert.equal((await foreign.antler(['config', 'check'])).code, 0);
  const again = await foreign.antler(['init']);
  assert.equal(again.code, 1, again.stderr);
  assert.match(again.stderr, /config\/exists/);
});

test('antler up beside another instance: the guest book answers in three environments, and every next command works in that shell', async () => {
  const up = await foreign.antler(['up', '--yes'], { timeoutMs: 400_000 });
  assert.equal(up.code, 0, up.stdout + up.stderr);
  const urls = [...up.stdout.matchAll(/^ +(dev|stg|prod) +(http:\S+)$/gm)].map(([, name = '', link = '']) => ({ name, link }));
  assert.deepEqual(urls, [
    { name: 'dev', link: at(30_008, '') },
    { name: 'stg', link: at(30_009, '') },
    { name: 'prod', link: at(30_010, '') },
  ]);
  for (const { name, link } of urls) {
    const posted = await fetch(`${link}/entries`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: `I was in ${name}` }),
    });
    assert.deepEqual([posted.status, posted.headers.get('x-release')], [201, 'r1']);
    assert.deepEqual(await (await fetch(`${link}/entries`)).json(), { entries: [`I was in ${name}`], environment: name });
  }
  const next = (up.stdout.split('Next:\n')[1] ?? '').trim().split('\n');
  assert.ok(next.length >= 3, up.stdout);
  const env = { ...process.env, ANTLER_HOME: foreign.home, ANTLER_PORT_OFFSET: String(foreign.offset) };
  for (const line of next) {
    const { stdout } = await run('sh', ['-c', line], { cwd: foreign.app, env });
    assert.match(stdout, /guestbook|http:\/\/|served|health/i, line);
  }
  assert.equal((await fetch(url(30_008))).status, 200, 'the other instance');
  assert.notEqual(await answering('prod'), undefined);
});

test('what fails there is explained: last lines, exit or probe, likely cause; the old release serves on', async () => {
  const cases = [
    {
      name: 'dies',
      start: '5m', // nobody waits so long for what has ended
      code: APP.replace('entries = []', 'raise RuntimeError("no such table: entries")'),
      says: /guestbook ended with 1 before it was ready[^]*│ +RuntimeError: no such table: entries[^]*hint Type `\S*antler logs dev guestbook`/,
    },
    {
      name: 'is never ready',
      start: '5s',
      code: APP.replace('jsonify(status="ok")', '("warming up", 503)'),
      says: /guestbook answers \/health with 503[^]*│ .*GET \/health[^]*hint Let \/health answer 200/,
    },
  ];
  const made = config();
  for (const { name, start, code, says } of cases) {
    write('antler.config.ts', made.replace("health: { path: '/health' }", `health: { path: '/health', start: '${start}' }, stop: '1s'`));
    write('guestbook/app.py', code);
    const up = await foreign.antler(['up', '--yes']);
    assert.equal(up.code, 1, `${name}\n${up.stdout}`);
    assert.match(up.stderr, says, name);
    assert.equal((await fetch(at(30_008, '/entries'))).headers.get('x-release'), 'r1', name);
  }
});

test('antler down --purge of the one instance leaves the other alone', async () => {
  const down = await foreign.antler(['down', '--purge', '--yes']);
  assert.equal(down.code, 0, down.stderr);
  await assert.rejects(fetch(at(30_008, '/entries')));
  assert.equal((await fetch(url(30_008))).status, 200);
  assert.equal((await it.antler(['doctor'])).code, 0);
});
