/** Stems of bases that outlive the tests which use them: `down --purge` takes the machine's away, and mmdebstrap is the slowest part of an `up`. */

import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';

import { errnoOf } from '../../src/kit/errors.ts';

/** Here the tests of the images room keep theirs too. */
export const KEPT_STEMS = '/var/tmp/antler-test-stems';
const MACHINE = '/var/lib/antler-machine/stems';

/** Before an `up`: what is kept lies where the instance looks. It resolves versions all the same. */
export function lendStems(): void {
  copyMissing(KEPT_STEMS, MACHINE);
}

/** Before a `down --purge`: what was made is kept for the next. */
export function keepStems(): void {
  copyMissing(MACHINE, KEPT_STEMS);
}

/** After a `down --purge`: what was lent to an `up` that never came to it. */
export function takeStemsBack(): void {
  if (existsSync(join(dirname(MACHINE), 'ledger.json'))) return;
  rmSync(MACHINE, { recursive: true, force: true });
  if (existsSync(dirname(MACHINE)) && readdirSync(dirname(MACHINE)).length === 0) rmdirSync(dirname(MACHINE));
}

/** Each whole or not at all: an instance may be reading there. */
function copyMissing(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (name.startsWith('new-') || existsSync(join(to, name))) continue;
    const beside = join(to, `new-${process.pid}-${name}`);
    try {
      cpSync(join(from, name), beside, { recursive: true });
      renameSync(beside, join(to, name));
    } catch (error) {
      // Another test's `down --purge` took the folder away, or another's copy was faster: a stem only saves time.
      rmSync(beside, { recursive: true, force: true });
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(errnoOf(error) ?? '')) throw error;
    }
  }
}
