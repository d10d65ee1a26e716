/** The machine as code: read facts, plan the difference, apply it, undo it; and the supervisor that keeps processes. */

import { createHands, supervisorKind } from './supervisor/supervisor.ts';
import type { Supervisor, SupervisorKind, SupervisorPlace } from './types.ts';

export { applyHost, type HostStep } from './apply.ts';
export { readFacts } from './facts.ts';
export { diskFree, machineFacts, requireDisk } from './machine.ts';
export { planHost } from './plan.ts';
export type { Holder } from './proc/locks.ts';
export { listeningPorts, portHolder } from './proc/ports.ts';
export { processesOf } from './proc/processes.ts';
export { keyOf } from './resources/key.ts';
export { bootResources } from './supervisor/boot.ts';
export { undoHost } from './undo.ts';

/** An instance's services. Starting one throws `host/service-failed` with its last lines. */
export function createSupervisor(place: SupervisorPlace): Supervisor {
  return createHands(place);
}

/** Where an instance's services are defined on this machine. */
export function supervisorPlace(options: Omit<SupervisorPlace, 'kind'> & { readonly kind?: SupervisorKind }): SupervisorPlace {
  return { ...options, kind: options.kind ?? supervisorKind() };
}
