/** The sample as people meet it, through its running front end: its old paths, what browsers may keep, and that everybody can use the page. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import axe from 'axe-core';

import { openBrowser, openPage } from '../parts/web/browser.ts';
import { url } from './shared.ts';

test('the first Moose Facts’ paths answer as those under /api do', async () => {
  const ask = async (path: string): Promise<unknown> => {
    const answer = await fetch(url(30_009, path));
    assert.equal(answer.status, 200, path);
    return answer.json();
  };
  const { facts } = (await ask('/moose-facts')) as { readonly facts: readonly { readonly id: string }[] };
  assert.ok(facts.length >= 15, `${facts.length} facts`);
  assert.deepEqual({ facts }, await ask('/api/facts'));
  const fact = (await ask('/random-moose-fact')) as { readonly id: string };
  assert.deepEqual(
    fact,
    facts.find(({ id }) => id === fact.id),
  );
  const version = (await ask('/image-version')) as { readonly environment: string };
  assert.equal(version.environment, 'stg');
  assert.deepEqual(version, await ask('/api/version'));
});

test('a browser keeps hashed assets for ever, and the page never', async () => {
  const page = await fetch(url(30_008, '/'));
  assert.equal(page.headers.get('cache-control'), 'no-store');
  const html = await page.text();
  const assets = [...html.matchAll(/(?:src|href)="\.?(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
  assert.ok(assets.length >= 3, html.slice(0, 2000));
  for (const path of assets) {
    const answer = await fetch(url(30_008, path));
    assert.deepEqual([answer.status, answer.headers.get('cache-control')], [200, 'public, max-age=31536000, immutable'], path);
    assert.match(path, /\.[0-9a-f]{12}\.\w+$/);
  }
  for (const path of ['/api/facts', '/api/version', '/nowhere']) {
    assert.match((await fetch(url(30_008, path))).headers.get('cache-control') ?? '', /no-store/, path);
  }
});

test('the page is WCAG 2.2 AA by axe in light and dark, fits a phone of 360 pixels, and says where it is', async (t) => {
  const browser = await openBrowser();
  t.after(async () => browser.close());
  for (const colorScheme of ['light', 'dark'] as const) {
    const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
    const { page, errors } = await openPage(browser, { colorScheme, ...phone });
    await page.goto(url(30_010, '/'));
    await page.locator('body:not([data-state=loading])').waitFor();
    assert.match(await page.locator('body').innerText(), /prod[^]*r\d+/);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    await page.evaluate(axe.source); // by the debugger: the page's own policy lets no script in
    const found = await page.evaluate(async () => {
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
      const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, { runOnly: tags });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
    });
    assert.deepEqual([found, errors], [[], []], colorScheme);
    await page.context().close();
  }
});
