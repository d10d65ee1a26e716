/** The console of a real instance in a real browser: what the daemon knows is on its pages, and what happens appears there. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { podman } from '../kit/machine.ts';
import { openBrowser, openPage } from '../parts/web/browser.ts';
import { it, underLoad } from './shared.ts';

/** What a killed replica may take to be seen. */
const LIMIT_MS = 5000;

test('console: the link of `antler console` shows the board; a replica killed is seen there within 5 s', async (t) => {
  const { url } = await it.json<{ readonly url: string }>(['console']);
  assert.equal(new URL(url).port, String(it.port(7700)));
  const browser = await openBrowser();
  t.after(async () => browser.close());
  const { page, errors } = await openPage(browser);
  const { origin } = new URL(url);
  await page.goto(url);
  await page.waitForURL(`${origin}/`);
  const cell = page.getByRole('article', { name: 'backend in prod' });
  await cell.getByText('2/2', { exact: true }).waitFor();
  const release = (await it.service('prod', 'backend'))?.release ?? assert.fail('prod has no release');
  await cell.getByText(release, { exact: true }).waitFor();

  // It is back before anybody has looked twice: whether it was shown is noted in the page.
  const shown = cell.evaluate(
    async (element) =>
      new Promise<void>((done) => {
        new MutationObserver(() => {
          if (element.textContent.includes('1/2')) done();
        }).observe(element, { subtree: true, childList: true, characterData: true });
      }),
  );
  const labels = ['--filter', 'label=antler.environment=prod', '--filter', 'label=antler.service=backend'];
  const [container = ''] = (await podman(it, 'ps', ...labels, '--format', '{{.Names}}')).trim().split('\n');
  const from = performance.now();
  await podman(it, 'kill', '--signal', 'KILL', container);
  await shown;
  const ms = Math.round(performance.now() - from);
  assert.ok(ms < LIMIT_MS, `seen after ${ms} ms`);
  t.diagnostic(`seen after ${ms} ms`);
  await cell.getByText('2/2', { exact: true }).waitFor({ timeout: 60_000 });

  await underLoad(30_010, async () => {
    await cell.getByRole('link', { name: 'backend' }).click();
    await page.getByRole('figure').first().locator('canvas').waitFor({ timeout: 90_000 }); // when the first minute is over
  });
  await page.goto(`${origin}/runs/1`);
  await page.getByRole('region', { name: /^Log of / }).waitFor();
  await page.goto(`${origin}/machine`);
  await page.getByText(/written each minute/).waitFor();
  assert.deepEqual(errors, []);
});
