/** The console's pages in Debian's Chromium. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Browser } from 'playwright-core';

import { openBrowser, openPage, type Opened } from './browser.ts';
import { badStatus, environmentOf, serviceOf, statusOf } from './fixture.ts';
import { serve, type Served } from './server.ts';

let served: Served;
let browser: Browser;
const stop = new AbortController();

before(async () => {
  [served, browser] = await Promise.all([serve({ signal: stop.signal }), openBrowser()]);
});
after(async () => {
  await browser.close();
  await served[Symbol.asyncDispose]();
  stop.abort();
});

/** Signed in by a link, on the board. */
async function signedIn(options: Parameters<typeof openPage>[1] = {}): Promise<Opened> {
  const opened = await openPage(browser, options);
  await opened.page.goto(await served.link());
  await opened.page.waitForURL(`${served.origin}/`);
  await opened.page.getByRole('heading', { level: 2 }).first().waitFor();
  return opened;
}

test('sign-in: the link leads to the board, and leaves no token in the address or the history', async () => {
  served.world.status = statusOf();
  const { page, errors } = await signedIn();
  await page.getByRole('heading', { name: 'All is well' }).waitFor();
  await page.goBack();
  assert.doesNotMatch(page.url(), /#./);
  assert.deepEqual(errors, []);
  await page.context().close();
});

test('sign-in: a used link and no session say what to type', async () => {
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
  await Promise.all([first.page.context().close(), page.context().close()]);
});

test('board: a change appears without a reload', async () => {
  served.world.status = statusOf();
  const { page, errors } = await signedIn();
  await page.getByRole('heading', { name: 'All is well' }).waitFor();
  served.world.status = statusOf({
    environments: [environmentOf('dev', 30_008, { verdict: 'down', services: [serviceOf('backend', 'down', { reason: 'answers 500' })] })],
  });
  await page.getByRole('heading', { name: 'dev/backend is down' }).waitFor({ timeout: 5000 });
  await page.getByText('answers 500').waitFor();
  assert.deepEqual(errors, []);
  await page.context().close();
});

test('board: an approval is given by a click, in the name of who signed in', async () => {
  served.world.status = badStatus();
  const { page, errors } = await signedIn();
  await page.getByRole('button', { name: 'Approve…' }).click();
  await page.getByRole('dialog').getByLabel('Comment').fill('looks good');
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await page.getByText('waits for an approval').waitFor({ state: 'detached' });
  assert.deepEqual(served.world.asked.at(-1), {
    name: 'approve',
    actor: 'ann',
    via: 'web',
    what: { id: 'a7', approve: true, comment: 'looks good' },
  });
  assert.deepEqual(errors, []);
  await page.context().close();
});
