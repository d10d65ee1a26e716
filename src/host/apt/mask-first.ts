/**
 * What packages would start at boot is turned off before dpkg touches anything, so that a break-off at any moment leaves nothing of theirs that takes our ports
 * after a reboot. A note says what was turned off: with its package, or where none ever came, it goes again.
 */

import { existsSync } from 'node:fs';
import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { writeFileAtomic } from '../../kit/files.ts';
import { supervisorKind } from '../supervisor/supervisor.ts';
import { systemctl } from '../systemctl.ts';
import type { SupervisorKind } from '../types.ts';

/** Where it is turned off and noted; the tests' own is another. */
export interface MaskPlace {
  readonly kind: SupervisorKind;
  readonly etc: string;
  readonly note: string;
}

export function machinePlace(): MaskPlace {
  return { kind: supervisorKind(), etc: '/etc', note: '/var/lib/misc/antler-masked-units' };
}

export interface AptHook {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** apt hands a hook to a shell: its text is always the same, what differs is in the environment. */
export function maskFirst({ kind, etc, note }: MaskPlace): AptHook {
  return {
    args: ['-o', 'DPkg::Pre-Install-Pkgs::=sh "$ANTLER_MASK_FIRST"'],
    env: { ANTLER_MASK_FIRST: join(import.meta.dirname, 'mask-first.sh'), ANTLER_KIND: kind, ANTLER_ETC: etc, ANTLER_NOTE: note },
  };
}

/** Of a unit or script that we turned off. */
export interface Noted {
  readonly name: string;
  /** A package has it on the machine now. */
  readonly brought: boolean;
  /** It would start at boot if we had not turned it off. */
  readonly atBoot: boolean;
}

/** `installed`: what its package does not start either is given back · `purged`: what went with its package, or never came. Pure. */
export function toGiveBack(noted: readonly Noted[], when: 'installed' | 'purged'): readonly string[] {
  const due = when === 'installed' ? noted.filter(({ brought, atBoot }) => brought && !atBoot) : noted.filter(({ brought }) => !brought);
  return due.map(({ name }) => name);
}

/** After apt is done. Again is harmless. */
export async function giveBack(when: 'installed' | 'purged', place: MaskPlace, signal: AbortSignal): Promise<void> {
  const names = await readNote(place);
  if (names.length === 0) return;
  const wanted = await wantedAtBoot(place);
  const noted = names.map((name): Noted => ({ name, brought: isBrought(name), atBoot: wanted.has(name) }));
  const due = new Set(toGiveBack(noted, when));
  for (const name of due) await turnOn(name, place);
  const left = names.filter((name) => !due.has(name));
  if (left.length === 0) await rm(place.note, { force: true });
  else await writeFileAtomic(place.note, `${left.join('\n')}\n`);
  if (due.size > 0 && place.kind === 'systemd' && place.etc === '/etc') await systemctl(['daemon-reload'], signal);
}

/** Does a package have it here? */
export function isBrought(unit: string): boolean {
  return hasUnit(unit) || existsSync(`/etc/init.d/${unit.replace(/\.service$/, '')}`);
}

function hasUnit(unit: string): boolean {
  return existsSync(`/lib/systemd/system/${unit}`) || existsSync(`/usr/lib/systemd/system/${unit}`);
}

async function readNote({ note }: MaskPlace): Promise<readonly string[]> {
  const text = await readFile(note, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

/** Units that something wants, and init scripts with a start link as the units of their names. */
async function wantedAtBoot({ kind, etc }: MaskPlace): Promise<ReadonlySet<string>> {
  if (kind !== 'systemd') return new Set((await readdir(join(etc, 'init.d')).catch(() => [])).filter(Boolean)); // scripts are only ever brought to start
  const found = new Set<string>();
  const units = join(etc, 'systemd/system');
  for (const folder of await readdir(units).catch(() => [])) {
    if (!/\.(?:wants|requires)$/.test(folder)) continue;
    for (const name of await readdir(join(units, folder)).catch(() => [])) found.add(name);
  }
  for (const level of ['2', '3', '4', '5']) {
    for (const name of await readdir(join(etc, `rc${level}.d`)).catch(() => []))
      if (/^S\d\d/.test(name) && !hasUnit(`${name.slice(3)}.service`)) found.add(`${name.slice(3)}.service`);
  }
  return found;
}

async function turnOn(name: string, { kind, etc }: MaskPlace): Promise<void> {
  if (kind === 'systemd') {
    const path = join(etc, 'systemd/system', name);
    if ((await readlink(path).catch(() => undefined)) === '/dev/null') await rm(path);
    return;
  }
  for (const level of ['2', '3', '4', '5']) await rm(join(etc, `rc${level}.d`, `K01${name}`), { force: true });
}
