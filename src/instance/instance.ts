/** The door: home, machine ledger, address blocks, ports; up, down and doctor. */

import { readFile } from 'node:fs/promises';

import { OPERATORS } from './resources.ts';

export { checkAnswers, provePath } from './answers.ts';
export { createConfigurer, type Configured, type Configurer } from './configure.ts';
export { examine } from './doctor/doctor.ts';
export { isFit, type Finding } from './doctor/finding.ts';
export { edgeOptions } from './edge-file.ts';
export { lower, undoMachine } from './lower.ts';
export { applyMachine, driftMachine, placeOf, planMachine } from './machine.ts';
export { DEFAULT_HOME, instanceId, pathsOf, realHome, serviceNames } from './paths.ts';
export { prepare, type Prepared } from './prepare.ts';
export { raise, type Raised } from './raise.ts';
export { openInstance, readInstance } from './record.ts';
export { buildNetwork } from './topology.ts';

/** Number of the group that may speak to the daemon beside root; undefined before it was made. */
export async function operatorsGroup(): Promise<number | undefined> {
  const line = (await readFile('/etc/group', 'utf8')).split('\n').find((text) => text.startsWith(`${OPERATORS}:`));
  return line === undefined ? undefined : Number(line.split(':')[2]);
}
