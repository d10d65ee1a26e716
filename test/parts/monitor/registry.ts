/** A real docker-registry, as an instance runs it, that a test kills and starts again; nobody supervises it. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { registryCommand, registryConfig } from '../../../src/images/images.ts';
import { registryAlive } from '../../../src/images/registry.ts';
import { poll } from '../../../src/kit/wait.ts';
import { freePort } from '../images/bench.ts';

export interface Registry {
  /** Asks it as the daemon does. */
  readonly alive: (signal: AbortSignal) => Promise<boolean>;
  /** With -9. */
  kill(): Promise<void>;
  /** On the same port; until it answers. */
  start(): Promise<void>;
}

export async function openRegistry(t: TestContext): Promise<Registry> {
  const { signal } = new AbortController();
  const folder = await mkdtemp('/var/tmp/antler-registry-');
  const port = await freePort();
  const file = join(folder, 'registry.json');
  await writeFile(file, registryConfig({ port, storageDir: join(folder, 'data') }));
  const alive = async (asking: AbortSignal): Promise<boolean> => registryAlive(`127.0.0.1:${port}`, asking);
  let running: ChildProcess | undefined;

  const kill = async (): Promise<void> => {
    const dying = running;
    running = undefined;
    if (dying === undefined || dying.exitCode !== null || dying.signalCode !== null) return;
    const gone = once(dying, 'exit');
    dying.kill('SIGKILL');
    await gone;
  };
  const start = async (): Promise<void> => {
    const [program, ...args] = registryCommand(file);
    running = spawn(program, args, { stdio: 'ignore' });
    await poll(async () => ((await alive(signal)) ? true : undefined), { signal, timeoutMs: 20_000, what: 'the registry' });
  };

  t.after(async () => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  });
  await start();
  return { alive, kill, start };
}
