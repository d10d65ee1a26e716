/** The edge's routes and the environments' URLs, from the app's config and where it lies. Pure. */

import type { AppSpec } from '../config/types.ts';
import type { Route } from '../edge/types.ts';
import { AntlerError } from '../kit/errors.ts';
import type { EnvironmentPlace, Topology } from './types.ts';

export interface RouteOptions {
  /** The jobs' network: it may call what is exposed, and what has an environment's port. */
  readonly jobs: string;
  /** The service to which an environment's port leads, where that is not the config's exposed one: its rollout is still to come. */
  readonly exposed?: ((environment: string) => string | undefined) | undefined;
}

/** One route for each environment and service; one of them has the environment's port. */
export function planRoutes(spec: AppSpec, topology: Topology, { jobs, exposed }: RouteOptions): readonly Route[] {
  return spec.environments.flatMap(({ name: environment }) => {
    const place = placeOf(topology, environment);
    const wanted = exposed?.(environment);
    const hasPort = spec.services.find(({ name }) => name === wanted) ?? spec.services.find(({ expose }) => expose);
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
        ...(service === hasPort ? { entry: { port: place.port, listen: place.listen } } : {}),
        ...(service.expose || service === hasPort ? { jobs } : {}),
        health: { path, intervalMs, timeoutMs },
        drainMs: service.drainMs,
        stopFirst: !service.overlap,
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
