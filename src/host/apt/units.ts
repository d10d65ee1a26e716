/** Services that packages bring along: what this installation added stays off; what was there before stays as it was. */

import { existsSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';

import { exec } from '../../kit/exec.ts';
import { supervisorKind } from '../supervisor/supervisor.ts';
import { systemctl } from '../systemctl.ts';
import { isBrought } from './mask-first.ts';

const UPDATE_RC = '/usr/sbin/update-rc.d';
const MASKS = '/etc/systemd/system';

/** Unit or init script → state, as systemd says (`enabled`, `static`, …) or `script`. */
export type UnitStates = Readonly<Record<string, string>>;

export async function readUnits(signal: AbortSignal): Promise<UnitStates> {
  if (supervisorKind() === 'systemd') {
    const { stdout } = await systemctl(['list-unit-files', '--no-legend', '--plain', '--no-pager'], signal);
    return parseUnitFiles(stdout);
  }
  const scripts = existsSync(UPDATE_RC) ? await readdir('/etc/init.d').catch(() => []) : [];
  return Object.fromEntries(scripts.map((name) => [name, 'script']));
}

/** `haproxy.service enabled enabled`. */
export function parseUnitFiles(text: string): UnitStates {
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/));
  return Object.fromEntries(rows.flatMap(([name = '', state = '']) => (name === '' || state === '' ? [] : [[name, state]])));
}

/** What was not there before and would start by itself; static and disabled units start only when something asks for them. */
export function unitsBrought(before: UnitStates, after: UnitStates): readonly string[] {
  return Object.entries(after)
    .filter(([name, state]) => before[name] === undefined && ['script', 'generated', 'enabled', 'enabled-runtime'].includes(state))
    .map(([name]) => name)
    .toSorted();
}

/** Masks units, takes init scripts out of the run levels. */
export async function disableUnits(names: readonly string[], signal: AbortSignal): Promise<void> {
  if (names.length === 0) return;
  if (supervisorKind() === 'systemd') {
    await systemctl(['mask', '--now', '-q', ...names], signal);
    return;
  }
  for (const name of names) await exec([UPDATE_RC, name, 'disable'], { signal });
}

/** Masked units that a package still brings. */
export async function maskedUnits(): Promise<readonly string[]> {
  const names = supervisorKind() === 'systemd' ? await readdir(MASKS) : [];
  const masked: string[] = [];
  for (const name of names) {
    const target = await readlink(`${MASKS}/${name}`).catch(() => undefined);
    if (target === '/dev/null' && isBrought(name)) masked.push(name);
  }
  return masked;
}

/** Takes the masks away of units that went with their package. Init scripts take their links along themselves. */
export async function unmaskGone(names: readonly string[], signal: AbortSignal): Promise<void> {
  const gone = names.filter((name) => !isBrought(name));
  if (gone.length > 0) await systemctl(['unmask', '-q', ...gone], signal);
}
