/** The console's door against what it must refuse; real HTTP, no browser. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { after, before, test } from 'node:test';

import { poll } from '../../../src/kit/wait.ts';
import { statusOf } from './fixture.ts';
import { serve, type Served } from './server.ts';

let served: Served;
const stop = new AbortController();

before(async () => {
  served = await serve({ signal: stop.signal });
});
after(async () => {
  await served[Symbol.asyncDispose]();
  stop.abort();
});

interface PostOptions {
  /** An origin. */
  readonly to?: string;
  readonly headers?: Record<string, string>;
}

interface Kept {
  readonly cookie: string;
  readonly key: string;
}

async function post(path: string, body: unknown, { to = served.origin, headers = {} }: PostOptions = {}): Promise<Response> {
  const all = { origin: to, 'content-type': 'application/json', ...headers };
  return fetch(`${to}${path}`, { method: 'POST', headers: all, body: JSON.stringify(body) });
}

async function signIn(from = served, to = from.origin): Promise<Kept> {
  const answer = await post('/session', { token: new URL(await from.link()).hash.slice(1) }, { to });
  assert.equal(answer.status, 200);
  const line = answer.headers.get('set-cookie') ?? '';
  assert.match(line, /HttpOnly; SameSite=Strict/);
  const { key } = (await answer.json()) as { readonly key: string };
  return { key, cookie: line.split(';')[0] ?? '' };
}

function kept({ cookie, key }: Kept): Record<string, string> {
  return { cookie, 'x-antler-key': key };
}

test('createConsole(): a link works once, a wrong one never, and both say so', async () => {
  const token = new URL(await served.link()).hash.slice(1);
  assert.equal((await post('/session', { token })).status, 200);
  const again = await post('/session', { token });
  assert.equal(again.status, 401);
  const { error } = (await again.json()) as { readonly error: { readonly hint: string } };
  assert.match(error.hint, /antler console/);
  for (const body of [{ token: 'x' }, { token: 7 }, {}, null, { token: 'x'.repeat(5000) }]) {
    assert.equal((await post('/session', body)).status, 401);
  }
});

test('createConsole(): who signed in is asked as who asked for the link, by the web', async () => {
  const session = await signIn();
  const answer = await post('/v1/approvals/a1', { approve: true }, { headers: kept(session) });
  assert.equal(answer.status, 200, await answer.clone().text());
  assert.deepEqual(served.world.asked.at(-1), { name: 'approve', actor: 'ann', via: 'web', what: { id: 'a1', approve: true } });
});

test('createConsole(): without a session, with a forged or an ended one, with half of one: 401, and what to type', async () => {
  const session = await signIn();
  const other = await signIn();
  const get = async (headers: Record<string, string>): Promise<number> => (await fetch(`${served.origin}/v1/status`, { headers })).status;
  assert.equal(await get(kept(session)), 200);
  assert.equal(await get({}), 401);
  assert.equal(await get({ cookie: session.cookie }), 401);
  assert.equal(await get({ ...kept(session), 'x-antler-key': other.key }), 401);
  assert.equal(await get({ ...kept(session), cookie: session.cookie.replace(/.$/, '~') }), 401);
  const page = await fetch(`${served.origin}/runs/7`, { headers: { cookie: 'antler-0=forged' } });
  assert.equal(page.status, 401);
  assert.match(await page.text(), /antler console/);
  const out = await fetch(`${served.origin}/session`, { method: 'DELETE', headers: { ...kept(session), origin: served.origin } });
  assert.equal(out.status, 200);
  assert.equal(await get(kept(session)), 401);
});

test('createConsole(): what is for the unix socket only is denied, whoever asks', async () => {
  const session = kept(await signIn());
  const cases = [
    ['POST', '/v1/console/links'],
    ['POST', '/v1/config'],
    ['POST', '/v1/builds'],
    ['POST', '/v1/environments/dev/services/backend/exec'],
    ['PUT', '/v1/secrets/TOKEN'],
    ['GET', '/v1/variables'],
  ] as const;
  for (const [method, path] of cases) {
    const answer = await fetch(`${served.origin}${path}`, { method, headers: { ...session, origin: served.origin } });
    assert.equal(answer.status, 403, path);
    assert.equal(((await answer.json()) as { readonly error: { readonly code: string } }).error.code, 'api/denied', path);
  }
});

test('createConsole(): other sites change nothing, and other names for this host get nothing', async () => {
  const session = kept(await signIn());
  const before = served.world.asked.length;
  for (const headers of [{ origin: 'http://evil.example' }, { origin: 'http://127.0.0.1:30008' }, { 'sec-fetch-site': 'cross-site' }]) {
    assert.equal((await post('/v1/approvals/a1', {}, { headers: { ...session, ...headers } })).status, 403);
  }
  assert.equal((await post('/v1/approvals/a1', {}, { headers: { ...session, 'content-type': 'text/plain' } })).status, 415);
  assert.equal(served.world.asked.length, before);
  assert.match(await raw('GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'), /^HTTP\/1\.1 421 /);
});

test('createConsole(): a path never leads out of the pages', async () => {
  const paths = [
    '/../package.json',
    '/assets/../../list.json',
    '/assets/%2e%2e/list.json',
    '/list.json',
    '//etc/passwd',
    '/assets/..%2flist.json',
  ];
  for (const path of paths) {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 40[014] /, path);
    assert.doesNotMatch(answer, /"files"|root:/, path);
  }
});

test('createConsole(): a header of a megabyte is answered with 431, and the door stands', async () => {
  assert.match(await raw(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: ${'x'.repeat(1_000_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
  assert.equal((await fetch(`${served.origin}/sign-in`)).status, 200);
});

test('createConsole(): every answer carries the policy, and pages may be in nobody’s frame', async () => {
  for (const path of ['/', '/sign-in', '/v1/status', '/nothing']) {
    const { headers } = await fetch(`${served.origin}${path}`);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/, path);
    assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe/, path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.equal(headers.get('referrer-policy'), 'no-referrer', path);
  }
});

test('createConsole(): metrics need no session over loopback; over the network the door is closed, and where the config opens it a session is needed', async (t) => {
  const answer = await fetch(`${served.origin}/metrics`);
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /antler_up 1/);

  const address = ownAddress();
  if (address === undefined) return t.skip('this machine has no address of its own');
  const network = (origin: string): string => `http://${address}:${new URL(origin).port}`;
  await assert.rejects(fetch(`${network(served.origin)}/metrics`), /fetch failed/);

  await using open = await serve({ listen: 'lan', signal: stop.signal });
  const refused = await fetch(`${network(open.origin)}/metrics`);
  assert.equal(refused.status, 401);
  assert.doesNotMatch(await refused.text(), /antler_up/);
  assert.equal((await fetch(`http://127.0.0.1:${new URL(open.origin).port}/metrics`)).status, 200);
  const forged = { 'x-forwarded-for': '127.0.0.1', forwarded: 'for=127.0.0.1', cookie: `antler-${new URL(open.origin).port}=forged` };
  assert.equal((await fetch(`${network(open.origin)}/metrics`, { headers: forged })).status, 401);
  const { cookie } = await signIn(open, network(open.origin));
  const known = await fetch(`${network(open.origin)}/metrics`, { headers: { cookie } });
  assert.deepEqual([known.status, await known.text()], [200, 'antler_up 1\n']);
});

test('createConsole(): files are kept for ever by their content’s name, and come compressed', async () => {
  const page = await fetch(`${served.origin}/sign-in`);
  const name = /assets\/style\.[0-9a-f]{12}\.css/.exec(await page.text())?.[0] ?? assert.fail('no style');
  const style = await fetch(`${served.origin}/${name}`, { headers: { 'accept-encoding': 'br' } });
  assert.match(style.headers.get('cache-control') ?? '', /immutable/);
  assert.equal(style.headers.get('content-encoding'), 'br');
  const etag = page.headers.get('etag') ?? assert.fail('no etag');
  assert.equal((await fetch(`${served.origin}/sign-in`, { headers: { 'if-none-match': etag } })).status, 304);
});

/** Of a board. */
const LARGE = 500_000;

test(
  'createConsole(): fifty followers see a change, though one of them never reads; no more than one board waits for that one',
  { timeout: 60_000 },
  async () => {
    const session = kept(await signIn());
    const port = Number(new URL(served.origin).port);
    const over = new AbortController();
    const { signal } = over;
    const asked = served.responses.length;
    const deaf = connect(port, '127.0.0.1');
    deaf.pause();
    const lines = Object.entries(session).map(([name, value]) => `${name}: ${value}\r\n`);
    deaf.write(`GET /v1/watch HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines.join('')}\r\n`);
    const unread = await poll(() => served.responses[asked], { signal, timeoutMs: 10_000, what: 'its request' });
    const answers = await Promise.all(
      Array.from({ length: 49 }, async () => fetch(`${served.origin}/v1/watch`, { headers: session, signal })),
    );
    const changed = answers.map(async ({ body }) => {
      let last = '';
      for await (const chunk of (body ?? assert.fail('no body')).pipeThrough(new TextDecoderStream())) {
        if ((last + chunk).includes('"app":"changed"')) return;
        last = chunk.slice(-20);
      }
      assert.fail('a stream ended before the change came');
    });
    // Six megabytes for each: more than the kernel keeps for who does not read.
    let most = 0;
    for (let turn = 0; turn < 12; turn += 1) {
      served.world.status = statusOf({ notices: ['x'.repeat(LARGE)] });
      await new Promise((done) => setTimeout(done, 100));
      most = Math.max(most, unread.writableLength);
    }
    served.world.status = statusOf({ app: 'changed' });
    await Promise.all(changed);
    most = Math.max(most, unread.writableLength);
    assert.ok(unread.destroyed || unread.writableNeedDrain, 'it did read');
    assert.ok(most > 0 && most < LARGE * 1.5, `${most} bytes waited for who does not read`);
    over.abort();
    deaf.destroy();
  },
);

/** Of this machine, but not loopback. */
function ownAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}

/** What no client of ours would send. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(served.origin).port), '127.0.0.1');
  await once(socket, 'connect');
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString()));
  socket.on('error', () => undefined); // it may be closed while we still write
  socket.write(bytes);
  await new Promise((done) => socket.once('close', done));
  return answer;
}
