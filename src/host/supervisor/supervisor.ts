/** Chooses the machine's supervisor. */

import { existsSync } from 'node:fs';

import type { ServiceResource, SupervisorKind, SupervisorPlace } from '../types.ts';
import type { SupervisorHands } from './hands.ts';
import { createRunit } from './runit.ts';
import { runitFiles } from './runit-service.ts';
import { createSystemd } from './systemd.ts';
import { systemdFiles } from './systemd-unit.ts';

/** systemd where it is process 1, else runit. */
export function supervisorKind(): SupervisorKind {
  return existsSync('/run/systemd/system') ? 'systemd' : 'runit';
}

export function createHands(place: SupervisorPlace): SupervisorHands {
  switch (place.kind) {
    case 'systemd':
      return createSystemd();
    case 'runit':
      return createRunit(place);
    default:
      throw place.kind satisfies never;
  }
}

/** Path → content of a service's definition. */
export function serviceFiles(service: ServiceResource, place: SupervisorPlace): Readonly<Record<string, string>> {
  return place.kind === 'systemd' ? systemdFiles(service) : runitFiles(service, place);
}
