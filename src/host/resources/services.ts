/** Defines supervised services, and starts them. */

import { AntlerError } from '../../kit/errors.ts';
import type { HostOptions } from '../context.ts';
import { createHands } from '../supervisor/supervisor.ts';
import type { ServiceResource, SupervisorPlace, Undo } from '../types.ts';
import { definitionDiffers } from './plan-service.ts';

/** All definitions first, then the starts in their order: a supervisor reads definitions once, and slowly. */
export async function applyServices(resources: readonly ServiceResource[], options: HostOptions): Promise<void> {
  const { signal } = options;
  const place = placeOf(options);
  const hands = createHands(place);
  const facts = await hands.facts(resources, signal);
  const changed = resources.filter((resource) => {
    const fact = facts[resource.name];
    return fact === undefined || definitionDiffers(resource, fact, place);
  });
  await hands.define(resources, signal);
  for (const resource of resources) {
    if (facts[resource.name]?.running === true) {
      if (changed.includes(resource) && resource.onChange !== 'keep') await hands.restart(resource.name, signal);
    } else if (resource.mode !== 'demand') {
      await hands.start(resource.name, signal);
    }
  }
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
