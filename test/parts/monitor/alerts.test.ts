/** Alerts through real sockets and real processes: hooks that hang, turn in circles and recover; commands that hang, fail and are fed with anything. */

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile, chmod } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';

import type { WebhookSpec } from '../../../src/config/types.ts';
import { poll } from '../../../src/kit/wait.ts';
import { createAlerts, type Alerts, type AlertsOptions } from '../../../src/monitor/alerts/alerts.ts';
import type { Alert, Told } from '../../../src/monitor/alerts/types.ts';

const HARD = 'a "b" \\ `id` $(id) ; | & > < \' \n\t é 🦌 {{id}} --help';
const ALERT: Alert = {
  id: 7,
  state: 'open',
  severity: 'down',
  title: HARD,
  environment: 'prod',
  release: 'r43',
  reason: HARD,
  subjects: ['prod/backend', 'prod/frontend'],
  since: 0,
};
const { signal } = new AbortController();

test('tell: a hook that hangs is cut off and tried again, and delays neither another channel nor the event loop', async (t) => {
  const hook = await createHook(t, (asked, response) => {
    if (asked.url === '/hang') return;
    response.end();
  });
  const told = tellAll(t, { webhooks: [hook.at('slow', '/hang'), hook.at('quick', '/ok')], webhookLimitMs: 400, waitsMs: [50] });
  const stall = stalls(t);
  await poll(() => told.find(({ channel }) => channel === 'quick'), { signal, timeoutMs: 300, what: 'the quick one' });
  await poll(() => (told.filter(({ channel }) => channel === 'slow').length === 2 ? true : undefined), {
    signal,
    timeoutMs: 5000,
    what: 'two tries',
  });
  assert.deepEqual(
    told.filter(({ channel }) => channel === 'slow').map(({ ok, detail, againMs }) => ({ ok, detail, againMs })),
    [
      { ok: false, detail: 'no answer in 0.4 s', againMs: 50 },
      { ok: false, detail: 'no answer in 0.4 s', againMs: undefined },
    ],
  );
  assert.ok(stall.longestMs() < 200, `the event loop stood still for ${stall.longestMs()} ms`);
});

test('tell: an answer that never ends is cut off; a redirect is never followed and not tried again', async (t) => {
  const hook = await createHook(t, (asked, response) => {
    if (asked.url === '/round') response.writeHead(307, { location: '/round' }).end();
    else {
      response.writeHead(200);
      const timer = setInterval(() => void response.write('x'.repeat(65_536)), 1);
      response.on('close', () => clearInterval(timer));
    }
  });
  const told = tellAll(t, { webhooks: [hook.at('round', '/round'), hook.at('endless', '/endless')], waitsMs: [10, 10, 10] });
  await poll(() => (told.length === 2 ? true : undefined), { signal, timeoutMs: 5000, what: 'both' });
  assert.deepEqual(
    told.find(({ channel }) => channel === 'round'),
    {
      channel: 'round',
      ok: false,
      detail: 'answers 307: redirects are not followed',
      againMs: undefined,
    },
  );
  assert.equal(told.find(({ channel }) => channel === 'endless')?.detail, 'answers 200');
  assert.equal(hook.asked.filter(({ url }) => url === '/round').length, 1);
});

test('tell: a hook that answers 500 and then 200 is told once, in the order of what happened', async (t) => {
  let failures = 2;
  const hook = await createHook(t, (_asked, response) => void response.writeHead(failures-- > 0 ? 500 : 200).end());
  const told: Told[] = [];
  using alerts = createAlerts(optionsOf({ webhooks: [hook.at('chat', '/')], waitsMs: [10, 20, 40] }));
  alerts.tell(ALERT, { onTold: (each) => told.push(each) });
  alerts.tell({ ...ALERT, state: 'closed' }, { onTold: (each) => told.push(each) });
  await poll(() => (told.length === 4 ? true : undefined), { signal, timeoutMs: 5000, what: 'four tries' });
  assert.deepEqual(
    told.map(({ detail, againMs }) => [detail, againMs]),
    [
      ['answers 500', 10],
      ['answers 500', 20],
      ['answers 200', undefined],
      ['answers 200', undefined],
    ],
  );
  assert.deepEqual(
    hook.asked.map(({ body }) => (JSON.parse(body) as Alert).state),
    ['open', 'open', 'open', 'closed'],
  );
});

test('tell: text with quotes, line ends, emoji and shell signs arrives as it is, by template and as the object', async (t) => {
  const hook = await createHook(t, (_asked, response) => void response.end());
  const templated = { ...hook.at('chat', '/a'), body: '{"text": "{{title}}: {{reason}}", "id": {{id}}, "who": "{{subjects}}"}' };
  const told = tellAll(t, { webhooks: [templated, { ...hook.at('plain', '/b'), headers: { 'x-token': 'abc' } }] });
  await poll(() => (told.length === 2 ? true : undefined), { signal, timeoutMs: 5000, what: 'both' });
  const of = (url: string) => hook.asked.find((each) => each.url === url) ?? assert.fail();
  assert.deepEqual(JSON.parse(of('/a').body), { text: `${HARD}: ${HARD}`, id: 7, who: 'prod/backend, prod/frontend' });
  assert.deepEqual(JSON.parse(of('/b').body), { ...ALERT, since: '1970-01-01T00:00:00.000Z', url: 'http://console/7' });
  assert.equal(of('/b').headers['x-token'], 'abc');
  assert.equal(of('/b').headers['content-type'], 'application/json; charset=utf-8');
});

test('tell: an address from a secret is used and never told, whatever goes wrong', async (t) => {
  const hook = await createHook(t, (_asked, response) => void response.writeHead(404).end());
  const secrets: Record<string, string> = {
    GOOD: `${hook.at('x', '/T0KEN').url ?? ''}\n`,
    DEAD: 'http://T0KEN.invalid:1/T0KEN',
    WRONG: 'T0KEN',
    SPACE: 'http://127.0.0.1/T0KEN T0KEN',
  };
  const webhooks = [...Object.keys(secrets), 'NONE'].map((name) => ({ name: name.toLowerCase(), secret: name, headers: {} }));
  using alerts = createAlerts({ ...optionsOf({ webhooks }), secret: async (name) => secrets[name] });
  const tested = await alerts.test(undefined, signal);
  assert.equal(hook.asked[0]?.url, '/T0KEN');
  assert.ok(!JSON.stringify(tested).includes('T0KEN'), JSON.stringify(tested));
  assert.deepEqual(
    tested.map(({ detail }) => detail),
    [
      'answers 404',
      tested[1]?.detail,
      'the secret WRONG is no URL',
      'the secret SPACE is no URL',
      'there is no secret NONE: type `antler secrets set NONE`',
    ],
  );
  assert.match(tested[1]?.detail ?? '', /^(no such host|the resolver does not answer)$/);
});

test('tell: a command gets each argument whole and the alert on standard input, as nobody, without our variables', async (t) => {
  const { folder, script } = await createScript(
    t,
    'for word; do printf "%s\\0" "$word"; done > "$OUT/args"; cat > "$OUT/stdin"; id -u > "$OUT/uid"; env > "$OUT/env"',
  );
  process.env['T0KEN_OF_THE_DAEMON'] = 'x';
  t.after(() => delete process.env['T0KEN_OF_THE_DAEMON']);
  const told = tellAll(t, { commands: [{ name: 'sms', argv: [script, '{{title}}', '--{{id}}', '$HOME;{{reason}}'] }] });
  await poll(() => told[0], { signal, timeoutMs: 10_000, what: 'the command' });
  assert.deepEqual(told, [{ channel: 'sms', ok: true, detail: 'ended with 0', againMs: undefined }]);
  const read = async (name: string) => readFile(join(folder, name), 'utf8');
  assert.deepEqual((await read('args')).split('\0').slice(0, -1), [HARD, '--7', `$HOME;${HARD}`]);
  assert.equal((JSON.parse(await read('stdin')) as Alert).title, HARD);
  if (process.getuid?.() === 0) assert.equal((await read('uid')).trim(), '65534');
  assert.ok(!(await read('env')).includes('T0KEN'));
});

test('tell: commands that fail, hang with children, flood, do not read or are not there are a line each', async (t) => {
  const { script: fails } = await createScript(t, 'echo first >&2; echo no signal >&2; exit 3');
  const { script: hangs, folder } = await createScript(t, 'sleep 61.5 & echo $! > "$OUT/child"; sleep 61.5');
  const { script: floods } = await createScript(t, 'yes | head -c 2000000');
  const { script: daemonizes } = await createScript(t, 'setsid sleep 3 & exit 0');
  const argvs = {
    fails: [fails],
    hangs: [hangs],
    floods: [floods],
    absent: ['/no/such/program'],
    deaf: ['/bin/true'],
    daemonizes: [daemonizes],
  };
  const commands = Object.entries(argvs).map(([name, argv]) => ({ name, argv }));
  using alerts = createAlerts({ ...optionsOf({ commands }), commandLimitMs: 1000 });
  const tested = await alerts.test(undefined, signal);
  const details = Object.fromEntries(tested.map(({ channel, detail }) => [channel, detail]));
  // which of the two is seen first is chance
  assert.match(details['floods'] ?? '', /^(printed more than it may|ended with \d+: .*(reset|broken pipe).*)$/i);
  assert.deepEqual(details, {
    fails: 'ended with 3: no signal',
    hangs: 'did not end in 1 s',
    floods: details['floods'],
    absent: 'cannot be started: /no/such/program is not there, or not for everybody to run',
    deaf: 'ended with 0',
    daemonizes: 'ended with 0',
  });
  const child = Number(await readFile(join(folder, 'child'), 'utf8'));
  assert.throws(() => process.kill(child, 0), 'the child of the one that hung is gone');
});

test('test: one channel alone, and an unknown one is an error that names those that are there', async (t) => {
  const hook = await createHook(t, (_asked, response) => void response.end());
  using alerts = createAlerts(optionsOf({ webhooks: [hook.at('chat', '/'), hook.at('other', '/')] }));
  assert.deepEqual(
    (await alerts.test('chat', signal)).map(({ channel, ok }) => [channel, ok]),
    [['chat', true]],
  );
  await assert.rejects(alerts.test('chta', signal), { code: 'monitor/unknown-channel', message: /there are chat, other/ });
});

interface ChannelWords extends Pick<AlertsOptions, 'waitsMs' | 'webhookLimitMs'> {
  readonly webhooks?: readonly WebhookSpec[];
  readonly commands?: readonly { readonly name: string; readonly argv: readonly string[] }[];
}

function optionsOf({ webhooks = [], commands = [], ...more }: ChannelWords): AlertsOptions {
  return { watch: () => ({ webhooks, commands }), secret: async () => undefined, urlOf: (id) => `http://console/${id}`, ...more };
}

function tellAll(t: TestContext, words: ChannelWords): Told[] {
  const told: Told[] = [];
  const alerts: Alerts = createAlerts(optionsOf(words));
  t.after(() => alerts[Symbol.dispose]());
  alerts.tell(ALERT, { onTold: (each) => told.push(each) });
  return told;
}

interface Asked {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function createHook(t: TestContext, answer: (asked: Asked, response: ServerResponse) => void) {
  const asked: Asked[] = [];
  const hear = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const each = { url: request.url ?? '', headers: request.headers, body: await text(request) };
    asked.push(each);
    answer(each, response);
  };
  const server = createServer((request, response) => void hear(request, response));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { asked, at: (name: string, path: string): WebhookSpec => ({ name, url: `http://127.0.0.1:${port}${path}`, headers: {} }) };
}

/** For everybody to run, and a folder for everybody to write into. */
async function createScript(t: TestContext, body: string) {
  const folder = await mkdtemp('/var/tmp/antler-alerts-');
  t.after(async () => rm(folder, { recursive: true }));
  await chmod(folder, 0o777);
  const script = join(folder, 'run');
  await writeFile(script, `#!/bin/sh\nOUT='${folder}'\n${body}\n`, { mode: 0o755 });
  return { folder, script };
}

/** How long the event loop stood still. */
function stalls(t: TestContext) {
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last - 10);
    last = performance.now();
  }, 10);
  t.after(() => clearInterval(timer));
  return { longestMs: () => longest };
}
