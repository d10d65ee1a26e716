/** The edge's routes and the environments' URLs, from the app's config and where it lies. Pure. */

import type { AppSpec } from '../config/types.ts';
import type { Route } from '../edge/types.ts';
import { AntlerError } from '../kit/errors.ts';
import type { EnvironmentPlace, Topology } from './types.ts';

/** One route for each environment and service; the exposed service has the environment's port, and the jobs' network may call it. */
export function planRoutes(spec: AppSpec, topology: Topology, jobs: string): readonly Route[] {
  return spec.environments.flatMap(({ name: environment }) => {
    const place = placeOf(topology, environment);
    return spec.services.map((service): Route => {
      const address = place.services[service.name];
      if (address === undefined)
        throw new AntlerError('internal/bug', `Cannot route to ${environment}/${service.name} as it has no address`);
      const { path, intervalMs, timeoutMs } = service.health;
      return {
        environment,
        service: service.name,
        address,
        port: service.port,
        subnet: place.subnet,
        ...(service.expose ? { entry: { port: place.port, listen: place.listen }, jobs } : {}),
        health: { path, intervalMs, timeoutMs },
        drainMs: service.drainMs,
        stopFirst: service.volumes.length > 0 && !service.overlap,
      };
    });
  });
}

export interface EnvironmentUrl {
  readonly name: string;
  readonly url: string;
}

/** As they are typed on the machine itself. */
export function planUrls(spec: AppSpec, topology: Topology): readonly EnvironmentUrl[] {
  return spec.environments.map(({ name }) => ({ name, url: urlOf(placeOf(topology, name)) }));
}

function urlOf({ listen, port }: EnvironmentPlace): string {
  const host = listen === 'any' || listen === 'loopback' ? 'localhost' : listen;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function placeOf(topology: Topology, environment: string): EnvironmentPlace {
  const place = topology.environments[environment];
  if (place === undefined) throw new AntlerError('internal/bug', `Cannot route to ${environment} as it has no place`);
  return place;
}
