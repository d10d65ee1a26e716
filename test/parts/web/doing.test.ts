/** What is done by a click in the console, and what it shows while something moves. */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import type { Locator, Page } from 'playwright-core';

import { AntlerError } from '../../../src/kit/errors.ts';
import { close, signIn } from './browser.ts';
import { badStatus, EVIL, statusOf } from './fixture.ts';
import { machineOf } from './past.ts';
import { RUNNING } from './running.ts';
import { openStage } from './stage.ts';

const { served, browser } = await openStage();

beforeEach(() => {
  Object.assign(served.world, {
    status: statusOf(),
    machine: {},
    running: { lines: [], state: 'in_progress' },
    refusal: undefined,
  });
  served.world.asked.length = 0;
});

const asked = () => served.world.asked.map(({ name, actor, via, what }) => [name, actor, via, what]);

async function begin(page: Page, environment: string, button: string): Promise<Locator> {
  await page.getByLabel('Environment').selectOption(environment);
  await page.getByRole('button', { name: button }).click();
  const dialog = page.getByRole('dialog', { name: `Move ${environment}` });
  await dialog.waitFor();
  return dialog;
}

test('release: promotes when it is confirmed, and not before; a refusal is told with what to type, and can be tried again', async () => {
  const opened = await signIn(browser, served);
  const { page } = opened;
  await page.goto(`${served.origin}/releases/r42`);
  const cancelled = await begin(page, 'stg', 'Promote…');
  await cancelled.getByRole('button', { name: 'Cancel' }).click();
  await cancelled.waitFor({ state: 'detached' });
  const dialog = await begin(page, 'stg', 'Promote…');
  assert.equal(await dialog.getByRole('radio', { name: 'Promote' }).isChecked(), true);
  assert.deepEqual(asked(), []);
  served.world.refusal = new AntlerError('releases/not-verified-upstream', 'Cannot promote to stg as dev has verified nothing', {
    hint: 'Type `antler deploy dev`',
  });
  await dialog.getByRole('button', { name: 'Start the rollout' }).click();
  const alert = dialog.getByRole('alert');
  await alert.getByText('Cannot promote to stg as dev has verified nothing').waitFor();
  await alert.getByText('antler deploy dev').waitFor();
  served.world.refusal = undefined;
  await dialog.getByRole('button', { name: 'Start the rollout' }).click();
  await dialog.waitFor({ state: 'detached' });
  const promote = ['promote', 'ann', 'web', { environment: 'stg', wait: false, force: false }];
  assert.deepEqual(asked(), [promote, promote]);
  await close(opened);
});

test('release: rolls back to what was before, or to the release that is chosen', async () => {
  const opened = await signIn(browser, served);
  const { page } = opened;
  await page.goto(`${served.origin}/releases/r42`);
  const before = await begin(page, 'prod', 'Roll back…');
  await before.getByText('then it is on hold').waitFor();
  await before.getByRole('button', { name: 'Start the rollout' }).click();
  await before.waitFor({ state: 'detached' });
  const chosen = await begin(page, 'prod', 'Roll back…');
  await chosen.getByLabel(/^Release/).selectOption('r40');
  await chosen.getByRole('button', { name: 'Start the rollout' }).click();
  await chosen.waitFor({ state: 'detached' });
  assert.deepEqual(asked(), [
    ['rollback', 'ann', 'web', { environment: 'prod', wait: false }],
    ['rollback', 'ann', 'web', { environment: 'prod', wait: false, to: 'r40' }],
  ]);
  await close(opened);
});

test('run: the log of a job grows while it is written, its end in sight; cancelled only when it is confirmed', async () => {
  const opened = await signIn(browser, served);
  const { page } = opened;
  const { running } = served.world;
  running.lines = ['first line'];
  await page.goto(`${served.origin}/runs/${RUNNING}`);
  await page.getByRole('button', { name: /^tests in progress/ }).waitFor();
  const log = page.getByRole('region', { name: 'Log of tests' });
  await log.getByText('first line').waitFor();
  running.lines = [...running.lines, ...Array.from({ length: 200 }, (_, at) => `line ${at}`), 'last line'];
  await log.getByText('last line').waitFor();
  assert.ok(
    await log.evaluate(({ scrollTop, clientHeight, scrollHeight }) => scrollTop > 0 && scrollHeight - scrollTop - clientHeight < 30),
  );
  await page.getByRole('button', { name: 'Cancel…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Cancel this run?' });
  await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.deepEqual(asked(), []);
  await page.getByRole('button', { name: 'Cancel…' }).click();
  await dialog.getByRole('button', { name: 'Cancel the run' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Run again…' }).waitFor();
  await page.getByRole('button', { name: /^tests cancelled/ }).waitFor();
  assert.deepEqual(asked(), [['cancel', 'ann', 'web', { id: RUNNING }]]);
  await close(opened);
});

test('run: its log goes on after the daemon was away', async () => {
  const opened = await signIn(browser, served);
  const { page } = opened;
  const { running } = served.world;
  running.lines = ['before'];
  await page.goto(`${served.origin}/runs/${RUNNING}`);
  const log = page.getByRole('region', { name: 'Log of tests' });
  await log.getByText('before').waitFor();
  const port = Number(new URL(served.origin).port);
  await served.console.place({ port: 0, listen: 'lan' });
  await page.getByRole('alert').first().waitFor();
  assert.equal(await log.getByText('before').count(), 1); // what is known stays
  running.lines = ['before', 'after'];
  await served.console.place({ port, listen: 'loopback' });
  await log.getByText('after').waitFor();
  await page.getByRole('alert').first().waitFor({ state: 'detached' });
  assert.equal(await log.getByText('before').count(), 1);
  await page.context().close();
});

test('run: what waits for an approval is approved or rejected there', async () => {
  const approval = (id: string, run: number) => ({ id, environment: 'prod', release: null, run, since: new Date().toISOString() });
  served.world.status = statusOf({ approvals: [approval('a8', RUNNING), approval('a7', 7)] });
  const opened = await signIn(browser, served);
  const { page } = opened;
  await page.goto(`${served.origin}/runs/${RUNNING}`);
  await page.getByText('waits for an approval').waitFor();
  await page.getByRole('button', { name: 'Approve…' }).click();
  await page
    .getByRole('dialog', { name: `Approve run ${RUNNING} for prod?` })
    .getByRole('button', { name: 'Approve' })
    .click();
  await page.getByText('waits for an approval').waitFor({ state: 'detached' });
  await page.goto(`${served.origin}/runs/7`);
  await page.getByRole('button', { name: 'Reject…' }).click();
  await page.getByRole('dialog').getByLabel('Comment').fill('not today');
  await page.getByRole('dialog').getByRole('button', { name: 'Reject' }).click();
  await page.getByText('waits for an approval').waitFor({ state: 'detached' });
  assert.deepEqual(asked(), [
    ['approve', 'ann', 'web', { id: 'a8', approve: true }],
    ['approve', 'ann', 'web', { id: 'a7', approve: false, comment: 'not today' }],
  ]);
  await close(opened);
});

test('incident: a timeline with the deploy in it, taken over and noted', async () => {
  const opened = await signIn(browser, served);
  const { page } = opened;
  await page.goto(`${served.origin}/incidents`);
  await page.getByRole('link', { name: /prod\/backend is down/ }).click();
  await page.getByText('promote of r42 to prod').waitFor();
  assert.equal(await page.getByText('at query (db.ts:7)').isVisible(), false);
  await page.getByText('What it answered').click();
  await page.getByText(`<h1>Oops</h1>\n  at query (db.ts:7) ${EVIL}`).waitFor(); // as text
  await page.getByRole('button', { name: 'I am on it' }).click();
  await page.getByLabel('Note').fill('restarted the database');
  served.world.refusal = new AntlerError('monitor/unknown-incident', 'Cannot find an incident 3');
  await page.getByRole('button', { name: 'Write it down' }).click();
  await page.getByRole('alert').getByText('Cannot find an incident 3').waitFor();
  assert.equal(await page.getByLabel('Note').inputValue(), 'restarted the database');
  served.world.refusal = undefined;
  assert.match(opened.errors.splice(0).join('\n'), /^Failed to load resource: .*400.*\/notes\)$/); // a browser tells of each
  await page.getByRole('button', { name: 'Write it down' }).click();
  await page.waitForFunction(() => document.querySelector('textarea')?.value === '');
  assert.deepEqual(
    served.world.asked.slice(-3).map(({ name, what }) => [name, what]),
    [
      ['acknowledge', { id: 3 }],
      ['note', { id: 3, text: 'restarted the database' }],
      ['note', { id: 3, text: 'restarted the database' }],
    ],
  );
  await close(opened);
});

test('board: a rollout as it goes, p95, traffic, errors, uptime and the last hour of each service; a full disk is told', async () => {
  served.world.status = badStatus();
  const opened = await signIn(browser, served);
  const { page } = opened;
  const stg = page.getByRole('region', { name: 'stg', exact: true });
  const rollout = stg.getByRole('status');
  assert.match((await rollout.textContent()) ?? '', /Promoting r42 → r43 for \d+ s.*Give r43 half of the traffic/s);
  const phases = rollout.getByRole('list', { name: 'Phase: shift' }).getByRole('listitem');
  assert.deepEqual(await phases.evaluateAll((all) => all.map((each) => `${each.textContent} ${each.dataset['is'] ?? ''}`)), [
    'waiting done',
    'start done',
    'gate done',
    'shift now',
    'retire ahead',
  ]);
  const backend = page.getByRole('article', { name: 'backend in prod' });
  const figures = await backend
    .locator('dl > div')
    .evaluateAll((all) => all.map((each) => [...each.children].map((part) => part.textContent).join(': ')));
  assert.deepEqual(figures, ['p95: 13 ms', 'traffic: 8.2/s', 'errors: 31.0 %', 'up, 24 h: 99.72 %']);
  const spark = backend.getByRole('img', { name: /^Latency over the last hour: 9\.0 ms to 15 ms$/ });
  assert.equal(await spark.locator('.gap').count(), 4); // when it was down
  await page.getByText('History is not being written as the disk is full').waitFor();
  const { world } = served;
  const { services } = world.status.environments[0] ?? {};
  const dev = {
    ...world.status.environments[0],
    services: services?.map((each) => ({ ...each, latencyMs: { p50: 80, p95: 240, of: 'traffic' } })),
  };
  world.status = { ...world.status, environments: [dev as (typeof world.status.environments)[number]], notices: [] };
  await page.getByRole('article', { name: 'backend in dev' }).getByText('240 ms').waitFor();
  await page.getByText('History is not being written').waitFor({ state: 'detached' });
  await close(opened);
});

test('machine: gauges and charts, with their figures in words; a disk that is full says what is let go', async () => {
  served.world.status = statusOf({ notices: ['History is not written as the disk is full: 7 minutes were let go'] });
  served.world.machine = {
    disk: { totalBytes: 64e9, freeBytes: 0, path: '/var/lib/antler' },
    metrics: {
      state: 'full',
      detail: 'the disk is full: minutes are let go, transitions and incidents are kept',
      bytes: 12_300_000,
      droppedMinutes: 7,
    },
  };
  const opened = await signIn(browser, served);
  const { page } = opened;
  await page.goto(`${served.origin}/machine`);
  await page.getByRole('heading', { name: 'moose-pi' }).waitFor();
  const gauges = (await page.locator('.gauge').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ').trim());
  assert.deepEqual(gauges, [
    'Processor 7 % 4 cores, last minute',
    'Memory 1.4 GB of 8.0 GB',
    'Disk 0 B free of 60 GB',
    'Temperature 48 °C hottest sensor',
    'Written by Antler 2.3 MB an hour 30 MB since the daemon started',
  ]);
  assert.equal(await page.locator('.gauge-fill[data-much="true"]').count(), 1);
  for (const title of ['Processor', 'Memory in use', 'Disk free', 'Temperature', 'Written by Antler, a minute']) {
    const figure = page.getByRole('figure').filter({ hasText: title });
    await figure.locator('canvas').waitFor();
  }
  await page.getByText('not written: the disk is full: minutes are let go, transitions and incidents are kept; 7 minutes let go').waitFor();
  await page.getByText('History is not written as the disk is full').waitFor();
  const { history } = machineOf();
  served.world.machine = { history: { ...history, temperature: history.times.map(() => null) }, temperature: null };
  await page.reload();
  await page.getByText('no sensor').waitFor();
  assert.equal(await page.getByRole('figure').filter({ hasText: 'Temperature' }).count(), 0);
  await close(opened);
});
