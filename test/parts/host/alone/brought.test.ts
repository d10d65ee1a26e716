/** What comes along with packages, with the real apt and dpkg and a mirror of three tiny packages of our own. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { applyHost, planHost, readFacts, undoHost } from '../../../../src/host/host.ts';
import type { Resource } from '../../../../src/host/types.ts';
import { exec } from '../../../../src/kit/exec.ts';
import { folder, signal } from '../help.ts';

const MAIN = 'antler-test-main';
const HELPER = 'antler-test-helper';
/** Somebody's, installed before us; it suggests what we bring. */
const SUGGESTS = 'antler-test-suggests';
/** Somebody's too, free to go for apt; it is not ours to take. */
const STRAY = 'antler-test-stray';
const NOTE = '/var/lib/misc/antler-brought-packages';

test('purge: what came along with our packages goes with them, also where somebody’s package suggests it; nobody else’s does', async (t) => {
  const root = await folder(t);
  t.after(() => exec(['dpkg', '--purge', MAIN, HELPER, SUGGESTS, STRAY], { signal: AbortSignal.timeout(60_000), accept: [1] }));
  const aptConfig = await mirror(root, {
    [MAIN]: `Depends: ${HELPER}`,
    [HELPER]: 'Section: misc',
    [SUGGESTS]: `Suggests: ${HELPER}`,
    [STRAY]: 'Section: misc',
  });
  const noted = await readFile(NOTE, 'utf8').catch(() => '');
  await exec(['dpkg', '--install', join(root, `${SUGGESTS}.deb`), join(root, `${STRAY}.deb`)], { signal });
  await exec(['apt-mark', 'auto', STRAY], { signal });

  const wanted: readonly Resource[] = [{ kind: 'package', name: MAIN }];
  const options = { signal, aptConfig };
  const records = await applyHost(planHost(wanted, await readFacts(wanted, options)), options);
  assert.deepEqual(await installed(), [HELPER, MAIN, STRAY, SUGGESTS]);
  await undoHost(records, { ...options, packages: true });
  assert.deepEqual(await installed(), [SUGGESTS]);
  assert.equal(await readFile(NOTE, 'utf8').catch(() => ''), noted);
});

async function installed(): Promise<readonly string[]> {
  const { stdout } = await exec(['dpkg-query', '-W', '-f', '${Package} ${db:Status-Status}\n', 'antler-test-*'], { signal, accept: [1] });
  return stdout.split('\n').flatMap((line) => /^(\S+) installed$/.exec(line)?.[1] ?? []);
}

/** A mirror in a folder, of packages by name and one more line of their control file; gives apt's settings for it alone. */
async function mirror(root: string, packages: Readonly<Record<string, string>>): Promise<string> {
  let index = '';
  for (const [name, line] of Object.entries(packages)) {
    const control = `Package: ${name}\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\n${line}\nDescription: test\n`;
    const deb = join(root, `${name}.deb`);
    await mkdir(join(root, name, 'DEBIAN'), { recursive: true });
    await writeFile(join(root, name, 'DEBIAN/control'), control);
    await exec(['dpkg-deb', '--root-owner-group', '--build', join(root, name), deb], { signal });
    const bytes = await readFile(deb);
    const sum = createHash('sha256').update(bytes).digest('hex');
    index += `${control}Filename: ./${name}.deb\nSize: ${bytes.length}\nSHA256: ${sum}\n\n`;
  }
  await writeFile(join(root, 'Packages'), index);
  await writeFile(join(root, 'sources.list'), `deb [trusted=yes] file:${root} ./\n`);
  for (const path of ['lists/partial', 'cache/archives/partial']) await mkdir(join(root, path), { recursive: true });
  await mkdir(join(root, 'parts'));
  const settings = [
    `Dir::Etc::sourcelist "${root}/sources.list";`,
    `Dir::Etc::sourceparts "${root}/parts";`,
    `Dir::State::lists "${root}/lists";`,
    `Dir::Cache "${root}/cache";`,
    'APT::Sandbox::User "root";',
  ];
  await writeFile(join(root, 'apt.conf'), `${settings.join('\n')}\n`);
  return join(root, 'apt.conf');
}
