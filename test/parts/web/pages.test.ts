/** The console's pages in Debian's Chromium: what they show and what they do. */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import type { Page, Route } from 'playwright-core';

import { close, openPage, signIn } from './browser.ts';
import { badStatus, environmentOf, serviceOf, statusOf } from './fixture.ts';
import { openStage } from './stage.ts';

const { served, browser } = await openStage();

beforeEach(() => {
  Object.assign(served.world, { status: statusOf(), empty: false, linesPerTick: 3 });
});

/** Turns to the page, or away from it. */
async function look(page: Page, here: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, !here);
}

const lastAsked = () => served.world.asked.at(-1);

test('sign-in: the link leads to the board, and leaves no token in the address or the history', async () => {
  const opened = await signIn(browser, served);
  await opened.page.getByRole('heading', { name: 'All is well' }).waitFor();
  await opened.page.goBack();
  assert.doesNotMatch(opened.page.url(), /#./);
  await close(opened);
});

test('board, service page: a rollout’s two releases are shown apart, with what is coming', async () => {
  served.world.status = badStatus();
  const opened = await signIn(browser, served);
  const versions = opened.page.getByRole('article', { name: 'backend in stg' }).getByRole('list', { name: 'By version' });
  assert.deepEqual(await versions.getByRole('listitem').allInnerTexts(), [
    'r43 is coming, 1/1 up',
    'r42 4.1/s, 0.1 % errors, p95 11 ms',
    'r43 4.1/s, 4.2 % errors, p95 31 ms',
  ]);
  assert.equal(await opened.page.getByRole('article', { name: 'frontend in stg' }).getByRole('list').count(), 0);
  await opened.page.goto(`${served.origin}/services/stg/backend`);
  await opened.page.getByRole('cell', { name: 'r43.1.9' }).waitFor();
  await close(opened);
});

test('sign-in: what the line lost on the way is asked for again: the page, its style, its modules, the session', async () => {
  const opened = await openPage(browser);
  const { page, errors } = opened;
  for (const lost of ['**/session', '**/assets/lib-key.*.js', '**/assets/style.*.css', '**/assets/lib-live.*.js', '**/v1/watch'])
    await page.route(lost, async (route) => route.abort('connectionreset'), { times: 1 });
  await page.goto(await served.link());
  await page.getByRole('heading', { name: 'All is well' }).waitFor();
  assert.ok(errors.length >= 5 && errors.splice(0).every((each) => each.includes('ERR_CONNECTION_RESET')), errors.join('\n'));
  await close(opened);
});

test('sign-in: a used link and no session say what to type; signing out ends it', async () => {
  const link = await served.link();
  const first = await openPage(browser);
  await first.page.goto(link);
  await first.page.waitForURL(`${served.origin}/`);
  const { page } = await openPage(browser);
  await page.goto(link);
  await page.getByRole('heading', { name: 'This link does not sign in' }).waitFor();
  await page.getByText('antler console').waitFor();
  await page.goto(`${served.origin}/runs`);
  await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
  await first.page.getByRole('button', { name: 'Sign out' }).click();
  await first.page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
  await Promise.all([first.page.context().close(), page.context().close()]);
});

test('board: a change appears without a reload', async () => {
  const opened = await signIn(browser, served);
  await opened.page.getByRole('heading', { name: 'All is well' }).waitFor();
  served.world.status = statusOf({
    environments: [environmentOf('dev', 30_008, { verdict: 'down', services: [serviceOf('backend', 'down', { reason: 'answers 500' })] })],
  });
  await opened.page.getByRole('heading', { name: 'dev/backend is down' }).waitFor({ timeout: 5000 });
  await opened.page.getByText('answers 500').waitFor();
  await close(opened);
});

test('board: when the daemon is gone it says that it is old, and takes up again when it is back', async () => {
  const opened = await signIn(browser, served);
  const port = Number(new URL(served.origin).port);
  await served.console.place({ port: 0, listen: 'lan' }); // another place: what was open is closed
  await opened.page.getByText('reconnecting').waitFor();
  served.world.status = badStatus();
  await served.console.place({ port, listen: 'loopback' });
  await opened.page.getByText('live', { exact: true }).waitFor({ timeout: 20_000 });
  await opened.page.getByRole('heading', { name: 'prod/backend is down' }).waitFor();
  assert.ok(
    opened.errors.every((each) => /ERR_(?:CONNECTION_REFUSED|INCOMPLETE_CHUNKED|CONNECTION_RESET|EMPTY_RESPONSE)/.test(each)),
    opened.errors.join('\n'),
  );
  await opened.page.context().close();
});

test('board: a page that was opened in the background takes no stream until somebody looks', async () => {
  const opened = await openPage(browser);
  const { page, asked } = opened;
  await page.addInitScript(() => Object.defineProperty(document, 'hidden', { configurable: true, value: true }));
  await page.goto(await served.link());
  await page.waitForURL(`${served.origin}/`);
  await page.getByText('Asking the daemon').waitFor();
  await page.waitForFunction(() => performance.getEntriesByName(`${location.origin}/session`).length > 0); // what comes after the stream
  assert.deepEqual(
    asked.filter((url) => url.includes('/v1/')),
    [],
  );
  await look(page, true);
  await page.getByRole('heading', { name: 'All is well' }).waitFor();
  await close(opened);
});

test('board: after a long absence a slow answer is waited for', async () => {
  const opened = await openPage(browser);
  const { page } = opened;
  await page.clock.install();
  await page.goto(await served.link());
  await page.getByRole('heading', { name: 'All is well' }).waitFor();
  await look(page, false);
  await page.clock.fastForward(120_000);
  served.world.status = badStatus();
  const held: Route[] = [];
  await page.route('**/v1/watch', (route) => void held.push(route));
  const again = page.waitForRequest('**/v1/watch');
  await look(page, true);
  await again;
  await page.clock.fastForward(11_000);
  await held[0]?.continue();
  await page.getByRole('heading', { name: 'prod/backend is down' }).waitFor();
  assert.equal(held.length, 1);
  await close(opened);
});

test('board: an approval is given by a click, in the name of who signed in', async () => {
  served.world.status = badStatus();
  const opened = await signIn(browser, served);
  const { page } = opened;
  await page.getByRole('button', { name: 'Approve…' }).click();
  await page.getByRole('dialog').getByLabel('Comment').fill('looks good');
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await page.getByText('waits for an approval').waitFor({ state: 'detached' });
  assert.deepEqual(lastAsked(), { name: 'approve', actor: 'ann', via: 'web', what: { id: 'a7', approve: true, comment: 'looks good' } });
  await close(opened);
});

test('release: deploys by force only with a reason', async () => {
  const opened = await signIn(browser, served);
  const { page } = opened;
  await page.goto(`${served.origin}/releases/r42`);
  await page.getByLabel('Environment').selectOption('stg');
  await page.getByRole('button', { name: 'Deploy…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Release/).selectOption('r42');
  await dialog.getByRole('checkbox').check();
  const before = served.world.asked.length;
  await dialog.getByRole('button', { name: 'Start the rollout' }).click();
  assert.equal(served.world.asked.length, before);
  await dialog.getByLabel('Why').fill('the fix cannot wait');
  await dialog.getByRole('button', { name: 'Start the rollout' }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.deepEqual(lastAsked(), {
    name: 'deploy',
    actor: 'ann',
    via: 'web',
    what: { environment: 'stg', wait: false, release: 'r42', force: true, reason: 'the fix cannot wait' },
  });
  await page.getByText('13 204').first().waitFor(); // its receipts
  await close(opened);
});

test('service: old and new version apart, with the deploy marked; the log is searched and paused', async () => {
  served.world.status = badStatus();
  const opened = await signIn(browser, served);
  const { page } = opened;
  await page.getByRole('article', { name: 'backend in prod' }).getByRole('link', { name: 'backend' }).click();
  await page.getByRole('heading', { name: 'backend in prod' }).waitFor();
  const errors = page.getByRole('figure').filter({ hasText: 'Errors' });
  await errors.locator('canvas').waitFor();
  assert.match((await errors.getByRole('listitem').allTextContents()).join(' '), /r41 0\.1 %.*r42 [23]\.\d %/s);
  const log = page.getByRole('region', { name: 'Log of backend in prod' });
  await log.getByText('GET /api/facts').first().waitFor();
  await page.getByLabel('Search the log').fill('facts 7 200');
  await log.getByText('GET /api/facts 7 200').waitFor();
  assert.equal(await log.locator('.log-line').count(), 1);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText(/paused, \d+ new lines/).waitFor();
  await close(opened);
});

test('service: ten thousand lines a second do not freeze the page, and it keeps the newest', async () => {
  served.world.linesPerTick = 1000;
  const opened = await signIn(browser, served);
  const { page } = opened;
  await page.goto(`${served.origin}/services/prod/backend`);
  await page.getByText('GET /api/facts').first().waitFor();
  const { worst, rows } = await page.evaluate(async () => {
    const end = performance.now() + 3000;
    let [last, worst] = [performance.now(), 0];
    while (last < end) {
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      [worst, last] = [Math.max(worst, now - last), now];
    }
    return { worst, rows: document.querySelectorAll('.log-line').length };
  });
  // Frozen is what a person would call so: the machine may do something else meanwhile.
  assert.ok(worst < 1500, `a frame took ${Math.round(worst)} ms`);
  assert.ok(rows < 200, `${rows} rows are in the page`);
  await page.getByText(/are kept/).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await close(opened);
});

test('run: jobs by what they need, steps and groups that fold, and again', async () => {
  const opened = await signIn(browser, served);
  const { page } = opened;
  await page.goto(`${served.origin}/runs/7`);
  await page.getByRole('button', { name: /^stg failure/ }).waitFor();
  const log = page.getByRole('region', { name: 'Log of stg' });
  await log.getByText('Cannot promote as r42 is not verified').waitFor(); // what failed is open
  assert.equal(await log.getByText('+ antler stg').count(), 0);
  await log.getByRole('button', { name: 'Run antler stg' }).click();
  await log.getByText('+ antler stg').waitFor();
  await page.getByRole('button', { name: /^build success/ }).click();
  await page.getByRole('region', { name: 'Log of build' }).getByRole('button', { name: 'antler build' }).waitFor();
  await page.getByRole('button', { name: 'Run failed jobs again…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Run again' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.deepEqual(lastAsked(), { name: 'rerun', actor: 'ann', via: 'web', what: { id: 7, failed: true } });
  await close(opened);
});

test('empty: every list says what to type', async () => {
  Object.assign(served.world, { empty: true, status: statusOf({ environments: [] }) });
  const opened = await openPage(browser);
  await opened.page.goto(await served.link());
  for (const [path, typed] of [
    ['/', 'antler up'],
    ['/releases', 'antler build'],
    ['/runs', 'antler push'],
    ['/incidents', 'antler notify test'],
  ] as const) {
    if (path !== '/') await opened.page.goto(`${served.origin}${path}`);
    await opened.page.getByText(typed, { exact: true }).waitFor();
  }
  await opened.page.goto(`${served.origin}/nothing`);
  await opened.page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  assert.ok(
    opened.errors.every((each) => each.includes('404')),
    opened.errors.join('\n'),
  );
  await opened.page.context().close();
});
