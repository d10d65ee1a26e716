/** What the host room's tests with real parts share: a place of their own, made and removed. */

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { processesOf, undoHost } from '../../../src/host/host.ts';
import type { ServiceResource, SupervisorKind, SupervisorPlace, Undo } from '../../../src/host/types.ts';
import { poll } from '../../../src/kit/wait.ts';

export const signal = new AbortController().signal;

export function randomId(): string {
  return randomBytes(4).toString('hex');
}

/** A folder that is gone after the test. */
export async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp('/var/tmp/antler-host-');
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A place for services; those that the test names are stopped and removed after it. */
export async function testPlace(t: TestContext, kind: SupervisorKind, names: readonly string[]): Promise<SupervisorPlace> {
  const home = await mkdtemp('/var/tmp/antler-host-');
  const place: SupervisorPlace = { kind, id: randomId(), home, servicesDir: join(home, 'services'), logsDir: join(home, 'logs') };
  t.after(async () => {
    await undoHost(
      names.map((name): Undo => ({ kind: 'service', name, place })),
      { signal },
    );
    const ended = async (): Promise<true | undefined> => ((await processesOf(home)).length === 0 ? true : undefined);
    await poll(ended, { signal, timeoutMs: 5000, what: `the end of what runs in ${home}` });
    await rm(home, { recursive: true, force: true }); // only now: hooks run in the order in which they were made
  });
  return place;
}

export function service(name: string, command: readonly string[], more: Partial<ServiceResource> = {}): ServiceResource {
  return {
    kind: 'service',
    name,
    description: `test of ${name}`,
    command,
    env: {},
    user: 'root',
    before: [],
    mode: 'always',
    ready: 'exec',
    stopSeconds: 5,
    afterServices: [],
    ...more,
  };
}
