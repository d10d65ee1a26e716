/** buildCommit(): a pushed commit without a config, or with one that is broken, fails its build with why, and takes nothing over. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import type { AppSpec } from '../../../src/config/types.ts';
import { buildCommit } from '../../../src/daemon/commits.ts';
import { AntlerError } from '../../../src/kit/errors.ts';
import type { Releases } from '../../../src/releases/releases.ts';
import { createRepository } from '../../../src/repos/repos.ts';
import { personsCheckout } from '../repos/fixture.ts';

const good = (app: string, port: number | string): string =>
  `import { defineConfig } from 'antler';\nexport default defineConfig({\n  app: '${app}',\n  services: { web: { image: 'nginx', port: ${port}, expose: true } },\n  environments: { dev: { port: 30008 } },\n});\n`;

test('buildCommit: no config, a broken one, another app’s: each is told, nothing is taken over, and no checkout is left', async (t) => {
  const root = mkdtempSync('/var/tmp/antler-commits-');
  t.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'antler.config.ts'), good('shop', 8080)); // in a folder above: nobody's business
  const { signal } = t;
  const person = await personsCheckout(join(root, 'person'));
  const repository = createRepository({ path: join(root, 'repos/shop.git') });
  await repository.ensure(signal);
  const done: string[] = [];
  const releases = {
    app: () => ({ app: 'shop', environments: [] }) as unknown as AppSpec,
    setApp: () => void done.push('set'),
    build: async () => void done.push('built'),
  } as unknown as Releases;
  const build = async (message: string, files: Readonly<Record<string, string>>): Promise<AntlerError> => {
    const sha = await person.commit(message, files);
    await person.git('push', '-q', repository.path, 'HEAD:refs/heads/main');
    const options = {
      repository: () => repository,
      app: () => undefined,
      releases,
      place: async () => void done.push('placed'),
      folder: join(root, 'runs'),
    };
    const work = { run: 7, sha, ref: 'refs/heads/main', actor: 'ann', report: () => undefined, signal };
    try {
      await buildCommit(options, work);
    } catch (error) {
      assert.ok(error instanceof AntlerError, String(error));
      assert.equal(existsSync(join(root, 'runs/7/source')), false);
      return error;
    }
    return assert.fail(`${message} was built`);
  };
  const missing = await build('none', { 'a.txt': 'a' });
  assert.deepEqual([missing.code, /at the root of its tree/.test(missing.message)], ['config/missing', true]);
  const invalid = await build('broken', { 'antler.config.ts': good('shop', "'eighty'") });
  assert.equal(invalid.code, 'config/invalid');
  assert.ok(
    invalid.problems.some(({ at }) => at.includes('services.web.port')),
    JSON.stringify(invalid.problems),
  );
  const syntax = await build('syntax', { 'antler.config.ts': 'export default defineConfig({' });
  assert.match(syntax.code, /^config\//);
  assert.equal((await build('other', { 'antler.config.ts': good('other', 8080) })).code, 'releases/other-app');
  assert.deepEqual(done, []);
});
