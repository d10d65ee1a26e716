/** The console for everybody: keyboard, phone, light and dark, WCAG AA, slow lines; and nothing that its policy forbids. */

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import axe from 'axe-core';
import type { Page } from 'playwright-core';

import { close, signIn } from './browser.ts';
import { badStatus } from './fixture.ts';
import { openStage } from './stage.ts';

const PAGES = ['/', '/services/prod/backend', '/releases', '/releases/r42', '/runs', '/runs/7', '/incidents', '/incidents/3', '/machine'];

const { served, browser } = await openStage();

before(() => {
  served.world.status = badStatus();
});

/** Through the console itself, as a person goes. */
async function visit(page: Page, path: string): Promise<void> {
  await page.goto(`${served.origin}${path}`);
  await page.locator('main h1').waitFor();
  await page.locator('.waiting').first().waitFor({ state: 'detached' }); // a page may wait for several answers
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every page is WCAG 2.2 AA by axe, in ${colorScheme}, and its console is clean`, async () => {
    const opened = await signIn(browser, served, { colorScheme });
    for (const path of PAGES) {
      await visit(opened.page, path);
      // By the debugger: the page's own policy lets no script in.
      await opened.page.evaluate(axe.source);
      const found = await opened.page.evaluate(async () => {
        const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
        const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, { runOnly: tags });
        return violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`).join(' | ')}`,
        );
      });
      assert.deepEqual(found, [], path);
    }
    await close(opened);
  });
}

test('every page fits a phone of 360 pixels without scrolling sideways', async () => {
  const opened = await signIn(browser, served, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  for (const path of PAGES) {
    await visit(opened.page, path);
    assert.equal(await opened.page.evaluate(() => document.documentElement.scrollWidth), 360, path);
  }
  await close(opened);
});

test('keyboard: skip link, shortcuts, help, and a dialog that gives the focus back', async () => {
  const opened = await signIn(browser, served);
  const { page } = opened;
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.closest('main') !== null), true);
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.getByRole('heading', { name: 'Releases' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.keyboard.press('g'); // nothing happens behind a dialog
  await page.keyboard.press('b');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.match(page.url(), /\/releases$/);
  await page.keyboard.press('g');
  await page.keyboard.press('b');
  const approve = page.getByRole('button', { name: 'Approve…' });
  await approve.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Approve…');
  const outline = await approve.evaluate((element) => getComputedStyle(element).outlineStyle);
  assert.equal(outline, 'solid');
  await close(opened);
});

test('theme: as the system, and by choice, which a reload keeps', async () => {
  const opened = await signIn(browser, served, { colorScheme: 'dark' });
  const { page } = opened;
  const paper = async (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await paper();
  await page.keyboard.press('t');
  const light = await paper();
  assert.notEqual(light, dark);
  await page.reload();
  assert.equal(await paper(), light);
  await page.keyboard.press('t');
  assert.equal(await paper(), dark);
  await close(opened);
});

test('first load: at most 200 KB over the wire, from nowhere else, painted within 300 ms', async () => {
  const opened = await signIn(browser, served);
  const { page, asked } = opened;
  const other = asked.filter((url) => !url.startsWith(served.origin));
  assert.deepEqual(other, []);
  const bytes = await page.evaluate(() => {
    const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')] as PerformanceResourceTiming[];
    return all.reduce((sum, { encodedBodySize }) => sum + encodedBodySize + 300, 0);
  });
  assert.ok(bytes < 200_000, `${bytes} bytes`);
  assert.ok(!asked.some((url) => url.includes('uPlot')), 'charts come with the pages that have some');
  // A machine that does something else meanwhile is slow for everybody: what an empty page takes is no fault of ours.
  const paints = async (load: () => Promise<unknown>): Promise<number> => {
    let best = Infinity;
    for (let turn = 0; turn < 4; turn += 1) {
      await load();
      best = Math.min(best, await page.evaluate(painted));
    }
    return Math.round(best);
  };
  const ours = await paints(async () => page.reload());
  const plain = await paints(async () => page.goto('data:text/html,<p>plain'));
  assert.ok(ours < Math.max(300, plain * 2), `painted after ${ours} ms, an empty page after ${plain}`);
  process.stdout.write(`# first load ${bytes} bytes, painted after ${ours} ms (an empty page: ${plain})\n`);
  await close(opened);
});

async function painted(): Promise<number> {
  const entry = (): PerformanceEntry | undefined => performance.getEntriesByName('first-contentful-paint')[0];
  for (let frame = 0; frame < 600 && entry() === undefined; frame += 1) await new Promise(requestAnimationFrame);
  return entry()?.startTime ?? Infinity;
}
