/** What a test file of the console plays on: a browser and the door over the fixture, closed after its last test, also where none of them was asked for. */

import { after } from 'node:test';

import type { Browser } from 'playwright-core';

import { openBrowser } from './browser.ts';
import { serve, type Served } from './server.ts';

export async function openStage(): Promise<{ readonly served: Served; readonly browser: Browser }> {
  const stop = new AbortController();
  const [served, browser] = await Promise.all([serve({ signal: stop.signal }), openBrowser()]);
  after(async () => {
    await browser.close();
    await served[Symbol.asyncDispose]();
    stop.abort();
  });
  return { served, browser };
}
