/** Who is told: a real webhook that hears what the incidents of a monitor say, and the incidents themselves. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

import { createMemoryStore, type MemoryStore } from '../../../src/monitor/incidents/fixtures.ts';
import { createAlerts, createIncidents, type Monitor } from '../../../src/monitor/monitor.ts';

export interface Post {
  readonly state: string;
  readonly title: string;
  readonly subjects: readonly string[];
}

export interface People {
  /** What the webhook heard. */
  readonly told: readonly Post[];
  readonly store: MemoryStore;
  /** Shows them what the monitor sees, as the daemon does once a second. */
  see(monitor: Pick<Monitor, 'seen'>): Promise<void>;
}

export async function listen(t: TestContext): Promise<People> {
  const told: Post[] = [];
  const hook = createServer((request, response) => {
    void text(request).then((body) => told.push(JSON.parse(body) as Post));
    response.end();
  });
  await new Promise<void>((listening) => void hook.listen(0, '127.0.0.1', listening));
  t.after(() => hook.close());
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
  const alerts = createAlerts({
    watch: () => ({ webhooks: [{ name: 'hook', url, headers: {} }], commands: [] }),
    secret: async () => undefined,
    urlOf: () => '',
  });
  t.after(() => alerts[Symbol.dispose]());
  const store = createMemoryStore();
  const clock = { now: () => Date.now() };
  const incidents = createIncidents({
    store,
    alerts,
    clock,
    deploys: () => [],
    repeatMs: () => undefined,
    log: (line) => assert.fail(line),
  });
  await incidents.start();
  return {
    told,
    store,
    async see(monitor) {
      incidents.observe(monitor.seen());
      await new Promise((settled) => setTimeout(settled, 20));
    },
  };
}
