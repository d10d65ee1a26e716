/** What the host room's tests with real parts share: a place of their own, made and removed. */

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import type { TestContext } from 'node:test';

import { processesOf, undoHost } from '../../../src/host/host.ts';
import type { ServiceResource, SupervisorKind, SupervisorPlace, Undo } from '../../../src/host/types.ts';

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
  const home = await folder(t);
  const place: SupervisorPlace = { kind, id: randomId(), home, servicesDir: join(home, 'services'), logsDir: join(home, 'logs') };
  t.after(async () => {
    await undoHost(
      names.map((name): Undo => ({ kind: 'service', name, place })),
      { signal },
    );
    for (const { pid } of await processesOf(home)) process.kill(pid, 'SIGTERM'); // runsvdir: it outlives its services
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
