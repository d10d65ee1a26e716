/** Homes, configs and clean-up for the tests of this folder. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { loadConfig } from '../../../src/config/config.ts';
import type { Spec } from '../../../src/config/types.ts';
import { lower } from '../../../src/instance/instance.ts';

export interface Sample {
  readonly folder: string;
  readonly home: string;
  readonly spec: Spec;
  /** Of both environments, and of the console. */
  readonly ports: readonly number[];
}

/** A folder with a config of two environments on free ports, and a home that is taken off the machine when the test ends. */
export async function sample(t: TestContext, app = 'shop', extra = ''): Promise<Sample> {
  const folder = await mkdtemp('/var/tmp/ant-i-');
  const home = join(folder, 'h');
  t.after(async () => {
    await lower({ home, purge: true, signal: AbortSignal.timeout(120_000), onEvent: () => undefined });
    await rm(folder, { recursive: true, force: true });
  });
  const ports = [await freePort(), await freePort(), await freePort()];
  const config = join(folder, 'app');
  await mkdir(config);
  await writeFile(join(config, 'antler.config.ts'), configText(app, ports, extra));
  return { folder: config, home, ports, spec: (await loadConfig(config, { signal: t.signal })).spec };
}

export function configText(app: string, ports: readonly number[], extra = ''): string {
  return `export default {
    app: '${app}', ${extra}
    console: { port: ${ports[2]} },
    services: { web: { build: '.', port: 8080, expose: true, health: { path: '/' } } },
    environments: { dev: { port: ${ports[0]} }, prod: { port: ${ports[1]}, from: 'dev' } },
  };\n`;
}

export async function freePort(): Promise<number> {
  const server = await listen(0);
  const address = server.address();
  server.close();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

export async function listen(port: number): Promise<Server> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, '127.0.0.1', resolve);
  await promise;
  return server;
}
