/** The console of a real instance in a real browser: what the daemon knows is on its pages, and what happens appears there. */

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { test } from 'node:test';

import type { Status } from '../../src/contract/status.ts';
import { podman } from '../kit/machine.ts';
import { openBrowser, openPage } from '../parts/web/browser.ts';
import { it, underLoad } from './shared.ts';

/** What a killed replica may take to be seen. */
const LIMIT_MS = 5000;

test('console: the link of `antler console` shows the board; a replica killed is seen there within 5 s, and by `status`', async (t) => {
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
  // … and in what a `status` that follows prints.
  const watching = it.start(['status', '--watch', '--json']);
  t.after(() => watching.kill('SIGINT'));
  const boards = linesOf(watching);
  await boards.until(({ well }) => well === 2);
  const from = performance.now();
  await podman(it, 'kill', '--signal', 'KILL', container);
  const printed = boards.until(({ well }) => well === 1).then(() => Math.round(performance.now() - from));
  await shown;
  const ms = Math.round(performance.now() - from);
  assert.ok(ms < LIMIT_MS, `seen after ${ms} ms`);
  const statusMs = await printed;
  assert.ok(statusMs < LIMIT_MS, `in status after ${statusMs} ms`);
  t.diagnostic(`seen after ${ms} ms, in status after ${statusMs} ms`);
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

interface Board {
  /** Replicas of the back end in prod that are up. */
  readonly well: number;
}

/** Each board that it prints. */
function linesOf(child: ChildProcess): { until(so: (board: Board) => boolean): Promise<void> } {
  const boards: Board[] = [];
  let [rest, hear]: [string, () => void] = ['', () => undefined];
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) boards.push(boardOf(JSON.parse(line) as Status));
    hear();
  });
  return {
    async until(so) {
      while (!boards.splice(0).some(so)) await new Promise<void>((heard) => (hear = heard));
    },
  };
}

function boardOf({ environments }: Status): Board {
  const service = environments.find(({ name }) => name === 'prod')?.services.find(({ name }) => name === 'backend');
  return { well: service?.replicas.filter(({ verdict }) => verdict === 'up').length ?? 0 };
}
