/** How soon a browser that was never there before shows something of the console: Debian's Chromium, on loopback, signed in. */

import { existsSync } from 'node:fs';

import { openBrowser } from '../test/parts/web/browser.ts';
import type { Antler } from './antler.ts';
import type { Paint } from './results.ts';

const CHROMIUM = '/usr/bin/chromium';

/** Undefined where there is no Chromium. Each round has a profile of its own: nothing of the page is kept from the one before. */
export async function measurePaint(antler: Antler, rounds: number): Promise<Paint | undefined> {
  if (!existsSync(CHROMIUM)) return undefined;
  const browser = await openBrowser();
  try {
    const { url } = (await antler.run(['console'])).objects.at(-1) as { readonly url: string };
    const { origin } = new URL(url);
    const first = await browser.newContext();
    const signingIn = await first.newPage();
    await signingIn.goto(url);
    await signingIn.waitForURL(`${origin}/`);
    await signingIn.getByRole('heading', { level: 2 }).first().waitFor();
    const session = await first.storageState();
    await first.close();
    const cold = async (address: string): Promise<number> => {
      const context = await browser.newContext({ storageState: session });
      const page = await context.newPage();
      await page.goto(address);
      const ms = await page.evaluate(painted);
      await context.close();
      return ms;
    };
    const [ms, emptyMs]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      ms.push(await cold(`${origin}/`));
      emptyMs.push(await cold('data:text/html,<p>plain'));
    }
    return { browser: `Chromium ${browser.version()}`, ms, emptyMs };
  } finally {
    await browser.close();
  }
}

async function painted(): Promise<number> {
  const entry = (): PerformanceEntry | undefined => performance.getEntriesByName('first-contentful-paint')[0];
  while (entry() === undefined) await new Promise(requestAnimationFrame);
  return entry()?.startTime ?? Infinity;
}
