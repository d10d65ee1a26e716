/** `antler doctor`: is this machine fit, does everything answer, and what to type where not. */

import type { Spec } from '../../config/types.ts';
import { pathsOf, realHome } from '../paths.ts';
import { readInstance } from '../record.ts';
import { machineIsPublic } from '../surroundings.ts';
import { planTopology, readTopology } from '../topology.ts';
import type { Instance } from '../types.ts';
import type { Finding } from './finding.ts';
import { checkFirewall } from './firewall-check.ts';
import { ABSENT, checkEngine, checkServices } from './instance-checks.ts';
import { judgeMachine } from './machine-checks.ts';
import { readMachine } from './read-machine.ts';

export interface DoctorOptions {
  readonly home: string;
  /** Of the config where the person stands; undefined where there is none. */
  readonly spec: Spec | undefined;
  readonly portOffset: number;
  readonly signal: AbortSignal;
  /** Each finding as soon as it is there. */
  readonly onFinding: (finding: Finding) => void;
}

/** In the order in which parts stand on each other. Works before `up`: what is not there yet is said. */
export async function examine(options: DoctorOptions): Promise<readonly Finding[]> {
  const { spec, signal } = options;
  const home = realHome(options.home);
  const instance = await readInstance(home);
  const findings: Finding[] = [];
  const note = (found: readonly Finding[]): void => {
    for (const finding of found) {
      findings.push(finding);
      options.onFinding(finding);
    }
  };
  note(judgeMachine(await readMachine({ home, spec, portOffset: instance?.portOffset ?? options.portOffset, signal })));
  note(await checkEngine(instance, signal));
  if (instance === undefined) {
    note(['registry', 'edge', 'daemon', 'firewall'].map((check) => ({ check, state: 'absent', detail: ABSENT })));
    return findings;
  }
  const services = await checkServices(instance, signal);
  note(services);
  const edge = services.some(({ check, state }) => check === 'edge' && state === 'ok');
  note([
    edge ? await firewall(instance, spec, signal) : { check: 'firewall', state: 'note', detail: 'not looked at as the edge does not run' },
  ]);
  return findings;
}

async function firewall(instance: Instance, spec: Spec | undefined, signal: AbortSignal): Promise<Finding> {
  const check = 'firewall';
  const recorded = await readTopology(pathsOf(instance.home).topology);
  if (spec === undefined || recorded === undefined || recorded.app !== spec.app) {
    return { check, state: 'note', detail: 'not looked at without the config', hint: 'Type it in the folder of antler.config.ts' };
  }
  const { topology } = planTopology({ recorded, spec, instance, public: machineIsPublic() });
  const ports = Object.fromEntries(spec.services.map(({ name, port }) => [name, port]));
  const verdict = await checkFirewall({ instance, topology, ports, signal });
  switch (verdict.kind) {
    case 'open':
      return { check, state: 'ok', detail: `a container at ${verdict.from} reached ${verdict.to}` };
    case 'dropped': {
      const detail = `a container at ${verdict.from} cannot reach ${verdict.to}: ${verdict.culprit?.name ?? 'something'} drops it`;
      return { check, state: 'todo', detail, hint: `Type \`${verdict.culprit?.line ?? 'nft list ruleset'}\`` };
    }
    case 'nothing-to-call':
      return { check, state: 'note', detail: 'no service to call yet' };
    default:
      return verdict satisfies never;
  }
}
