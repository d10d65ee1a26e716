import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { createTicker, hash, type Ticker } from './ticker.ts';
import type { Target } from './types.ts';

function target(name: string, intervalMs = 20_000): Target {
  const id = { environment: 'prod', service: name, release: 'r1', replica: '', check: 'edge' };
  return { key: name, id, probe: { kind: 'tcp', host: '127.0.0.1', port: 1 }, intervalMs, timeoutMs: 1000, lateMs: 500 };
}

interface Run {
  readonly ticker: Ticker;
  readonly looks: { readonly key: string; readonly at: number }[];
  /** Goes on to this second, tick by tick, or at once. */
  readonly to: (second: number, atOnce?: boolean) => Promise<void>;
}

/** A ticker whose time is ours. */
function run(t: TestContext, look: () => Promise<void> = async () => undefined): Run {
  const stop = new AbortController();
  const looks: Run['looks'] = [];
  let now = 0;
  let tick = Promise.withResolvers<void>();
  const ticker = createTicker({
    now: () => now,
    signal: stop.signal,
    wait: async () => tick.promise,
    onTick: () => undefined,
    async look({ key }) {
      looks.push({ key, at: now / 1000 });
      await look();
    },
  });
  let running: Promise<void> | undefined;
  t.after(() => {
    stop.abort();
    tick.resolve();
  });
  return {
    ticker,
    looks,
    async to(second, atOnce = false) {
      running ??= ticker.run();
      while (now < second * 1000) {
        now = atOnce ? second * 1000 : now + 1000;
        tick.resolve();
        tick = Promise.withResolvers();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

test('ticker: every target is looked at within the first ticks, then once in its interval, always in the same second of it', async (t) => {
  const { ticker, looks, to } = run(t);
  const targets = Array.from({ length: 120 }, (_, at) => target(`t${at}`));
  ticker.retarget(targets);
  await to(20);
  assert.equal(new Set(looks.map(({ key }) => key)).size, 120);
  looks.length = 0;
  await to(60);
  for (const { key } of targets) {
    const seconds = looks.filter((look) => look.key === key).map(({ at }) => at);
    assert.equal(seconds.length, 2, key);
    assert.deepEqual(
      seconds.map((at) => at % 20),
      [hash(key) % 20, hash(key) % 20],
    );
  }
});

test('ticker: a tick that was late makes up for what it missed, once', async (t) => {
  const { ticker, looks, to } = run(t);
  ticker.retarget([target('a'), target('b')]);
  await to(1);
  looks.length = 0;
  await to(600, true);
  assert.deepEqual(looks.map(({ key }) => key).toSorted(), ['a', 'b']);
});

test('ticker: at most 50 looks at once, and never two of one target', async (t) => {
  let [open, most] = [0, 0];
  const waiting: (() => void)[] = [];
  const { ticker, looks, to } = run(t, async () => {
    most = Math.max(most, (open += 1));
    await new Promise<void>((resolve) => waiting.push(resolve));
    open -= 1;
  });
  const targets = Array.from({ length: 60 }, (_, at) => target(`t${at}`, 5000));
  ticker.retarget(targets);
  await to(30);
  assert.equal(most, 50);
  assert.equal(new Set(looks.map(({ key }) => key)).size, looks.length);
  const both = [ticker.lookNow(targets), ticker.lookNow(targets)];
  while (waiting.length > 0) {
    waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(both);
  assert.deepEqual([most, new Set(looks.map(({ key }) => key)).size, looks.length], [50, 60, 60]);
});

test('ticker: again() looks out of turn, and what is watched no more is left alone', async (t) => {
  const { ticker, looks, to } = run(t);
  ticker.retarget([target('a', 3_600_000)]);
  await to(1);
  ticker.again('a', 3000);
  await to(3);
  assert.equal(looks.length, 1);
  await to(4);
  assert.deepEqual(
    looks.map(({ at }) => at),
    [1, 4],
  );
  ticker.again('a', 1000);
  ticker.retarget([]);
  await to(10);
  assert.equal(looks.length, 2);
});
