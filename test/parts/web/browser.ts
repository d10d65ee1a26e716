/** Debian's Chromium, one for a test file; each page in a profile of its own. */

import assert from 'node:assert/strict';

import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

import type { Served } from './server.ts';

export interface Opened {
  readonly page: Page;
  /** Errors of the page's own console, and what its policy refused. */
  readonly errors: string[];
  /** URLs that were asked for. */
  readonly asked: string[];
}

/** Signed in by a link, on the board. */
export async function signIn(browser: Browser, served: Served, options: BrowserContextOptions = {}): Promise<Opened> {
  const opened = await openPage(browser, options);
  await opened.page.goto(await served.link());
  await opened.page.waitForURL(`${served.origin}/`);
  await opened.page.getByRole('heading', { level: 2 }).first().waitFor();
  return opened;
}

/** Nothing was complained of, and no markup of the fixture's has come to life. */
export async function close({ page, errors }: Opened): Promise<void> {
  assert.equal(await page.evaluate(() => 'evil' in globalThis), false);
  assert.deepEqual(errors, []);
  await page.context().close();
}

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
}

export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const errors: string[] = [];
  const asked: string[] = [];
  page.on('console', (message) => {
    // Chromium gives up what is under way when an address comes or goes on this machine, as where other tests start containers.
    if (message.text().includes('ERR_NETWORK_CHANGED')) return;
    if (message.type() === 'error' || message.type() === 'warning') errors.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => asked.push(request.url()));
  return { page, errors, asked };
}
