/** A release that answers errors, beside the one that does not: sent back by itself, and told apart by the history; and what the config watches outside. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { test, type TestContext } from 'node:test';

import { createClient } from '../../src/cli/client.ts';
import type { Receipt, Release } from '../../src/contract/releases.ts';
import type { History, Incident } from '../../src/contract/watch.ts';
import { CONFIG } from '../kit/sample.ts';
import { nameServer } from '../parts/monitor/name-server.ts';
import { answering, change, file, it, underLoad } from './shared.ts';

const SERVER = 'apps/moose-facts/backend/src/server.ts';
const BROKEN = `if (request.url.startsWith('/api')) return done(new Error('broken'));`;
const BAKED = `dev: { port: 30008, strategy: { steps: [50, 100], bake: '30s' } },`;

test('a bad release and a monitor of the config: the release goes back by itself and its errors are told apart from the old one’s; the monitor has a row, and an incident that ends', async (t) => {
  const outside = await watchOutside(t);
  const good = (await answering('dev')) ?? assert.fail('dev answers nothing');
  const source = change(SERVER, /\(_request, reply, done\) => \{/, `(request, reply, done) => { ${BROKEN}`);
  t.after(() => writeFileSync(file(SERVER), source));
  const { id: bad } = await it.json<Release>(['build']); // takes the config over, too
  await it.until(async () => (await outside.verdicts()) === 'db up, names up, page up, secure down', 'the monitors');
  await outside.fall();

  const { lost } = await underLoad(30_008, async () => {
    const failed = await it.antler(['deploy', 'dev', bad]);
    assert.equal(failed.code, 1, failed.stdout);
    assert.match(failed.stdout + failed.stderr, /of its \d+ answers were errors/);
  });
  assert.equal(lost, 0);
  assert.equal(await answering('dev'), good);
  const receipt = await it.json<Receipt>(['receipt', bad, '--env', 'dev']);
  assert.equal(receipt.verdict, 'undone');
  const [rate = 0, ...others] = [bad, good].map((each) => {
    const { served = 1, errors = 0 } = receipt.versions.find(({ release }) => release === each) ?? {};
    return errors / served;
  });
  assert.ok(rate > 0.3 && others.every((each) => each < rate / 2), JSON.stringify(receipt.versions));

  await it.until(async () => (await outside.incidents()).length === 1, 'the incident of what is outside');
  await outside.rise();
  await it.until(async () => (await outside.incidents()).every(({ closedAt }) => closedAt !== null), 'its end');
  const history = async (): Promise<History> =>
    createClient({ home: it.home }).call(
      'history',
      { params: { environment: 'dev', service: 'backend' }, query: { range: '1h' } },
      AbortSignal.timeout(30_000),
    );
  const ratios = async (release: string): Promise<readonly number[]> =>
    ((await history()).traffic.find((each) => each.release === release)?.errorRatio ?? []).filter((each) => each !== null);
  await it.until(async () => (await ratios(bad)).length > 0, 'the minute to be over');
  assert.ok(Math.min(...(await ratios(bad))) > 0.3, String(await ratios(bad)));
  assert.equal((await ratios(good)).at(-1), 0);
  const moves = (await history()).deploys.filter(({ release }) => release === bad);
  assert.deepEqual(
    moves.map(({ kind, verdict }) => [kind, verdict]),
    [['deploy', 'undone']],
  );
});

interface Outside {
  /** `db up, …` by name. */
  verdicts(): Promise<string>;
  incidents(): Promise<readonly Incident[]>;
  /** `db` takes no connection any more, and again. */
  fall(): Promise<void>;
  rise(): Promise<void>;
}

/** Written into the sample's config: a page, a port, a name, and a certificate that there is not. */
async function watchOutside(t: TestContext): Promise<Outside> {
  const since = Date.now();
  const page = createHttp((_request, response) => response.end('{"status":"ok"}'));
  let db = createServer((socket) => socket.destroy());
  const port = await listen(db, 0);
  const pagePort = await listen(page, 0);
  const resolver = '127.77.5.3';
  await nameServer(t, { address: resolver, port: 53 });
  const times = `interval: '10s', timeout: '2s'`;
  const monitors = `monitors: {
    page: { http: 'http://127.0.0.1:${pagePort}/', json: { '$.status': 'ok' }, ${times} },
    db: { tcp: '127.0.0.1:${port}', ${times} },
    names: { dns: 'shop.example', expect: '192.0.2.7', server: '${resolver}', ${times} },
    secure: { tls: '127.0.0.1:${port}', ${times} },
  },`;
  writeFileSync(
    file('antler.config.ts'),
    CONFIG.replace("app: 'moose-facts',", `app: 'moose-facts', ${monitors}`).replace('dev: { port: 30008 },', BAKED),
  );
  t.after(() => {
    writeFileSync(file('antler.config.ts'), CONFIG);
    page.close();
    db.close();
  });
  return {
    verdicts: async () =>
      (await it.status()).monitors
        .map(({ name, verdict }) => `${name} ${verdict}`)
        .toSorted()
        .join(', '),
    incidents: async () =>
      (await it.json<{ incidents: Incident[] }>(['incidents'])).incidents.filter(
        ({ subjects, openedAt }) => subjects.includes('db') && Date.parse(openedAt) >= since,
      ),
    fall: async () => new Promise((closed) => void db.close(() => closed())),
    async rise() {
      db = createServer((socket) => socket.destroy());
      await listen(db, port);
    },
  };
}

async function listen(server: Server | ReturnType<typeof createHttp>, port: number): Promise<number> {
  await new Promise<void>((listening) => void server.listen(port, '127.0.0.1', listening));
  return (server.address() as AddressInfo).port;
}
