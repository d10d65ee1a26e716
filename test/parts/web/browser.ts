/** Debian's Chromium, one for a test file; each page in a profile of its own. */

import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

export interface Opened {
  readonly page: Page;
  /** Errors of the page's own console, and what its policy refused. */
  readonly errors: string[];
  /** URLs that were asked for. */
  readonly asked: string[];
}

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
}

export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const errors: string[] = [];
  const asked: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => asked.push(request.url()));
  return { page, errors, asked };
}
