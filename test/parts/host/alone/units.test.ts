/** What packages would start at boot, with the real apt and dpkg: turned off before the first file of theirs is there, and given back when they go. */

import assert from 'node:assert/strict';
import { lstatSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { giveBack, maskFirst, type MaskPlace } from '../../../../src/host/apt/mask-first.ts';
import { exec } from '../../../../src/kit/exec.ts';
import { folder, signal } from '../help.ts';

/** Nothing but what is installed, and the file: apt reads for seconds else. */
const NO_LISTS = ['Dir::State::lists=/nowhere', 'Dir::Etc::sourcelist=/dev/null', 'Dir::Etc::sourceparts=/dev/null'].flatMap((each) => [
  '-o',
  each,
]);
const NAME = 'antler-test-units';
const ON = `${NAME}.service`;
/** With an init script, and a unit that starts only when something asks for it: nobody’s to turn off. */
const STATIC = `${NAME}-static`;
const OFF = `${NAME}-by-hand.service`;

test('maskFirst(): a break-off before the first file leaves its units turned off; again, what it does not start is given back, and all with the package', async (t) => {
  const root = await folder(t);
  const place: MaskPlace = { kind: 'systemd', etc: join(root, 'etc'), note: join(root, 'note') };
  const units = join(place.etc, 'systemd/system');
  forgotten(t);

  await assert.rejects(install(place, await makePackage(root, 'exit 1')), { code: 'kit/exec-failed' });
  assert.deepEqual(masks(units), [OFF, ON], 'dpkg has not unpacked anything');
  assert.deepEqual(lines(place.note), [OFF, ON]);
  await giveBack('installed', place, signal);
  assert.deepEqual(masks(units), [OFF, ON], 'until it is known what came of it');
  await giveBack('purged', place, signal);
  assert.deepEqual([masks(units), (await readdir(root)).includes('note')], [[], false], 'nothing ever came of it');

  await mkdir(join(units, 'multi-user.target.wants'), { recursive: true });
  await install(place, await makePackage(root, `touch ${units}/multi-user.target.wants/${ON}`));
  assert.deepEqual(masks(units), [OFF, ON], 'while it is installed');
  await giveBack('installed', place, signal);
  assert.deepEqual([masks(units), lines(place.note)], [[ON], [ON]], 'what would not start is an operator’s to start');
  await install(place, await makePackage(root, 'exit 0'));
  assert.deepEqual(masks(units), [ON], 'what was there before an installation stays as it is');
  await giveBack('purged', place, signal);
  assert.deepEqual(masks(units), [ON], 'its package is there');
  await exec(['dpkg', '--purge', NAME], { signal });
  await giveBack('purged', place, signal);
  assert.deepEqual([masks(units), (await readdir(root)).includes('note')], [[], false]);
});

test('maskFirst(): where there is no systemd an init script gets stop links, which update-rc.d leaves alone', async (t) => {
  const root = await folder(t);
  forgotten(t);
  const place: MaskPlace = { kind: 'runit', etc: join(root, 'etc'), note: join(root, 'note') };
  const levels = ['2', '3', '4', '5'];
  for (const level of levels) await mkdir(join(place.etc, `rc${level}.d`), { recursive: true });
  await assert.rejects(install(place, await makePackage(root, 'exit 1')), { code: 'kit/exec-failed' });
  const links = async (): Promise<readonly string[]> =>
    (await Promise.all(levels.map(async (level) => readdir(join(place.etc, `rc${level}.d`))))).flat();
  assert.deepEqual(
    await links(),
    levels.flatMap(() => [`K01${NAME}`, `K01${STATIC}`]),
  );
  const updateRc = await readFile('/usr/sbin/update-rc.d', 'utf8').catch(() => '');
  if (updateRc !== '') assert.match(updateRc, /if the service already has any links, do not touch them/);
  await giveBack('purged', place, signal);
  assert.deepEqual([await links(), (await readdir(root)).includes('note')], [[], false]);
});

/** dpkg remembers also what it could not install. */
function forgotten(t: TestContext): void {
  t.after(async () => {
    const until = AbortSignal.timeout(60_000);
    await exec(['dpkg', '--purge', '--force-remove-reinstreq', NAME], { signal: until, accept: [1] });
    await exec(['dpkg', '--set-selections'], { signal: until, input: `${NAME} purge\n`, accept: [1] });
  });
}

function masks(units: string): readonly string[] {
  return [OFF, ON, `${STATIC}.service`].filter(
    (name) => lstatSync(join(units, name), { throwIfNoEntry: false })?.isSymbolicLink() === true,
  );
}

function lines(file: string): readonly string[] {
  return readFileSync(file, 'utf8').trim().split('\n').toSorted();
}

async function install(place: MaskPlace, deb: string): Promise<void> {
  const { args, env } = maskFirst(place);
  const argv = ['apt-get', 'install', '-y', '-q', '--reinstall', ...NO_LISTS, ...args, deb] as const;
  await exec([...argv], { signal, env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } });
}

/** Its postinst is as debhelper writes it, and does nothing of it; `preinst` is what happens before its first file is unpacked. */
async function makePackage(root: string, preinst: string): Promise<string> {
  const build = join(root, 'build');
  const files = {
    'DEBIAN/control': `Package: ${NAME}\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: test\n`,
    'DEBIAN/preinst': `#!/bin/sh\n${preinst}\n`,
    'DEBIAN/postinst': `#!/bin/sh
if [ "$1" = never ]; then
	if deb-systemd-helper --quiet was-enabled '${ON}'; then
		deb-systemd-helper enable '${ON}' >/dev/null || true
	fi
		deb-systemd-helper enable '${OFF}' >/dev/null || true
	update-rc.d ${NAME} defaults >/dev/null
	update-rc.d ${STATIC} defaults >/dev/null
fi
`,
    [`lib/systemd/system/${ON}`]: '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n',
    [`lib/systemd/system/${OFF}`]: '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n',
    [`lib/systemd/system/${STATIC}.service`]: '[Service]\nExecStart=/bin/true\n',
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(build, path, '..'), { recursive: true });
    await writeFile(join(build, path), content, { mode: path.startsWith('DEBIAN/p') ? 0o755 : 0o644 });
  }
  const deb = join(root, `${NAME}.deb`);
  await exec(['dpkg-deb', '--root-owner-group', '--build', build, deb], { signal });
  return deb;
}
