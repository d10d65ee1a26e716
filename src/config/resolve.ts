/** From the checked config to the Spec: units resolved, defaults filled in, every environment's facts in one place. Pure. */

import { parseDuration, parseSize } from '../kit/units.ts';
import { oneWriter } from './cross.ts';
import { toWatch } from './resolve-watch.ts';
import type { ParsedConfig } from './schema.ts';
import { HEALTH_DEFAULTS } from './schema/service.ts';
import type { BuildSpec, EnvironmentSpec, MachineResource, RuntimeSpec, ServiceSpec, Spec } from './types.ts';

type ParsedService = ParsedConfig['services'][string];
type ParsedEnvironment = ParsedConfig['environments'][string];
type ParsedResource = NonNullable<ParsedConfig['machine']>['resources'][number];
type Variables = Readonly<Record<string, string | number | boolean>>;

export function toSpec(config: ParsedConfig): Spec {
  const services = Object.entries(config.services);
  return {
    version: 1,
    app: config.app,
    machine: { engine: config.machine?.engine ?? 'podman', resources: (config.machine?.resources ?? []).map((one) => toResource(one)) },
    bases: config.bases,
    services: services.map(([name, service]) => toService(name, service, services.length === 1)),
    environments: Object.entries(config.environments).map(([name, environment], index, all) =>
      toEnvironment(name, environment, { services, last: index === all.length - 1 }),
    ),
    watch: toWatch(config),
  };
}

function toService(name: string, service: ParsedService, only: boolean): ServiceSpec {
  const health = { ...HEALTH_DEFAULTS, ...service.health };
  return {
    name,
    ...(service.build === undefined ? {} : { build: toBuild(service.build) }),
    ...(service.image === undefined ? {} : { image: service.image }),
    port: service.port,
    expose: service.expose ?? only,
    health: {
      path: health.path,
      startMs: milliseconds(health.start),
      intervalMs: milliseconds(health.interval),
      timeoutMs: milliseconds(health.timeout),
    },
    ...(service.command === undefined ? {} : { command: service.command }),
    volumes: Object.entries(service.volumes).map(([volume, path]) => ({ name: volume, path })),
    overlap: !oneWriter(service),
    hardened: service.hardened,
    drainMs: milliseconds(service.drain),
    stopMs: milliseconds(service.stop),
    env: toText(service.env ?? {}),
    replicas: service.replicas ?? 1,
    memory: byteCount(service.memory),
    cpus: service.cpus,
    pids: service.pids,
  };
}

function toBuild(build: NonNullable<ParsedService['build']>): BuildSpec {
  if (typeof build === 'string') return { context: tidy(build), dockerfile: 'Dockerfile', args: {} };
  const { context, dockerfile, base, args } = build;
  return { context: tidy(context), dockerfile: tidy(dockerfile), ...(base === undefined ? {} : { base }), args: toText(args) };
}

interface EnvironmentPlaceInOrder {
  readonly services: readonly (readonly [string, ParsedService])[];
  readonly last: boolean;
}

function toEnvironment(name: string, environment: ParsedEnvironment, place: EnvironmentPlaceInOrder): EnvironmentSpec {
  const { listen, from, replicas, branches } = environment;
  // The end of a chain of promotion is watched a moment before the old release goes; elsewhere speed counts.
  const bake = environment.strategy?.bake ?? (place.last && from !== undefined ? '5s' : '0s');
  return {
    name,
    port: environment.port,
    ...(listen === undefined ? {} : { listen }),
    ...(from === undefined ? {} : { from }),
    soakMs: milliseconds(environment.soak),
    approve: environment.approve,
    ...(branches === undefined ? {} : { branches }),
    strategy: { steps: environment.strategy?.steps ?? [100], bakeMs: milliseconds(bake) },
    services: Object.fromEntries(
      place.services
        .map(([service, wanted]) => [service, toOverlay(environment, service, wanted)] as const)
        .filter(([, overlay]) => Object.keys(overlay).length > 0),
    ),
    ...(replicas === undefined ? {} : { replicas }),
  };
}

function toOverlay(environment: ParsedEnvironment, name: string, service: ParsedService): Partial<RuntimeSpec> {
  const { env, replicas, memory, cpus, pids } = environment.services[name] ?? {};
  // The environment's own replicas reach every service that does not say its own and can run twice.
  const wide = service.replicas === undefined && !oneWriter(service) ? environment.replicas : undefined;
  const count = replicas ?? wide;
  return {
    ...(env === undefined ? {} : { env: toText(env) }),
    ...(count === undefined ? {} : { replicas: count }),
    ...(memory === undefined ? {} : { memory: byteCount(memory) }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(pids === undefined ? {} : { pids }),
  };
}

function toResource(resource: ParsedResource): MachineResource {
  switch (resource.kind) {
    case 'package':
      return resource;
    case 'directory':
    case 'file':
      return { ...resource, mode: Number.parseInt(resource.mode, 8) };
    case 'service':
      return { ...resource, env: toText(resource.env) };
    default:
      return resource satisfies never;
  }
}

function toText(variables: Variables): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, String(value)]));
}

function tidy(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.length === 0 ? '.' : parts.join('/');
}

// The schema has checked both already.
function milliseconds(text: string): number {
  return parseDuration(text) ?? 0;
}

function byteCount(text: string): number {
  return parseSize(text) ?? 0;
}
