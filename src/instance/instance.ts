/** The door: home, machine ledger, address blocks, ports; up, down and doctor. */

import { readFile } from 'node:fs/promises';

import { OPERATORS } from './resources.ts';
import type { Instance } from './types.ts';

export { checkAnswers, provePath } from './answers.ts';
export { createConfigurer, type Configured } from './configure.ts';
export { ENGINE_STORAGE } from './engine-remains.ts';
export { createEntries } from './entries.ts';
export { examine } from './doctor/doctor.ts';
export { isFit, type Finding } from './doctor/finding.ts';
export { edgeOptions } from './edge-file.ts';
export { stemsFolder } from './ledger.ts';
export { lower, undoMachine } from './lower.ts';
export { driftMachine, placeOf, planMachine } from './machine.ts';
export { DEFAULT_HOME, pathsOf, serviceNames } from './paths.ts';
export { programPaths } from './program.ts';
export { applyPrepared, prepare, type Prepared } from './prepare.ts';
export { raise, type Raised } from './raise.ts';
export { openInstance } from './record.ts';
export { buildNetwork, jobsNetwork } from './topology.ts';

/** Number of the group that may speak to the daemon beside root; undefined before it was made. */
export async function operatorsGroup(): Promise<number | undefined> {
  const line = (await readFile('/etc/group', 'utf8')).split('\n').find((text) => text.startsWith(`${OPERATORS}:`));
  return line === undefined ? undefined : Number(line.split(':')[2]);
}

/**
 * Number of the user who ran `up` through sudo; undefined for root. The API's socket is theirs, because the shell they are in
 * does not know yet that they joined the group.
 */
export async function firstOperator({ operators }: Pick<Instance, 'operators'>): Promise<number | undefined> {
  const [name] = operators;
  if (name === undefined) return undefined;
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((text) => text.startsWith(`${name}:`));
  return line === undefined ? undefined : Number(line.split(':')[2]);
}
