/** What a release carries, and how a service looks in an environment. Pure, and free of the schema so that it loads at once. */

import type { AppSpec, EnvironmentSpec, ServiceSpec, Spec } from './types.ts';

/** What a release carries. */
export function toAppSpec(spec: Spec): AppSpec {
  const { machine: _machine, watch: _watch, ...app } = spec;
  return app;
}

/** The environment of this name, or undefined. */
export function findEnvironment(app: AppSpec, name: string): EnvironmentSpec | undefined {
  return app.environments.find((environment) => environment.name === name);
}

/** A service as it runs in an environment: the overlay applied, variables merged (the environment's win). Undefined where either is unknown. */
export function resolveService(app: AppSpec, environment: string, service: string): ServiceSpec | undefined {
  const place = findEnvironment(app, environment);
  const found = app.services.find(({ name }) => name === service);
  if (place === undefined || found === undefined) return undefined;
  const overlay = place.services[service] ?? {};
  return { ...found, ...overlay, env: { ...found.env, ...overlay.env } };
}

/** `config show --env E`: the environment, and every service as it runs there. */
export interface ResolvedEnvironment {
  readonly app: string;
  readonly environment: EnvironmentSpec;
  readonly services: readonly ServiceSpec[];
}

export function resolvedEnvironment(app: AppSpec, name: string): ResolvedEnvironment | undefined {
  const environment = findEnvironment(app, name);
  if (environment === undefined) return undefined;
  return {
    app: app.app,
    environment,
    services: app.services.map((service) => resolveService(app, name, service.name)).filter((service) => service !== undefined),
  };
}
