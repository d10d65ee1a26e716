/** Defines supervised services, and starts them. */

import { AntlerError } from '../../kit/errors.ts';
import type { HostOptions } from '../context.ts';
import { createHands } from '../supervisor/supervisor.ts';
import type { ServiceResource, SupervisorPlace, Undo } from '../types.ts';
import { definitionDiffers } from './plan-service.ts';

export async function applyService(resource: ServiceResource, options: HostOptions): Promise<Undo> {
  const { signal } = options;
  const place = placeOf(options);
  const hands = createHands(place);
  const fact = (await hands.facts([resource], signal))[resource.name];
  const changed = fact === undefined || definitionDiffers(resource, fact, place);
  await hands.define(resource, signal);
  if (fact?.running === true) {
    if (changed && resource.onChange !== 'keep') await hands.restart(resource.name, signal);
  } else if (resource.mode !== 'demand') {
    await hands.start(resource.name, signal);
  }
  return { kind: 'service', name: resource.name, place };
}

/** Stops and removes services of one or more places. */
export async function removeServices(records: readonly Extract<Undo, { kind: 'service' }>[], signal: AbortSignal): Promise<void> {
  const byHome = Map.groupBy(records, (record) => record.place.home);
  for (const group of byHome.values()) {
    const [first] = group;
    if (first === undefined) continue;
    await createHands(first.place).forget(
      group.map(({ name }) => name),
      signal,
    );
  }
}

export function placeOf(options: HostOptions): SupervisorPlace {
  if (options.place === undefined) throw new AntlerError('internal/bug', 'Cannot define a service as no place for services was given');
  return options.place;
}
