/** What a pushed commit's config may say: everything of the app but the environments, their ports and the rules that protect them. Pure. */

import type { AppSpec, EnvironmentSpec, ServiceSpec } from '../config/types.ts';
import { AntlerError } from '../kit/errors.ts';

export interface Merged {
  readonly spec: AppSpec;
  /** What the commit wants otherwise and only an operator may take over; for people. */
  readonly notes: readonly string[];
}

/** Keys of an environment that a push may not change. */
const OPERATORS = ['port', 'listen', 'from', 'soakMs', 'approve', 'branches'] as const satisfies readonly (keyof EnvironmentSpec)[];

/** Throws `releases/other-app`. */
export function mergePushed(operators: AppSpec, pushed: AppSpec): Merged {
  if (pushed.app !== operators.app)
    throw new AntlerError('releases/other-app', `Cannot build ${pushed.app} from this push as this instance holds ${operators.app}`);
  const notes: string[] = [];
  const environments = operators.environments.map((held): EnvironmentSpec => {
    const wanted = pushed.environments.find(({ name }) => name === held.name);
    if (wanted === undefined) {
      notes.push(`${held.name} is not in this commit’s config; it stays as an operator took it over`);
      return held;
    }
    const differing = OPERATORS.filter((key) => JSON.stringify(held[key]) !== JSON.stringify(wanted[key]));
    if (differing.length > 0) notes.push(`${held.name}: ${differing.join(', ')} ${differing.length === 1 ? 'differs' : 'differ'}`);
    const { strategy, services, replicas } = wanted;
    const { replicas: _replicas, ...rest } = held;
    return { ...rest, strategy, services, ...(replicas === undefined ? {} : { replicas }) };
  });
  for (const { name } of pushed.environments) {
    if (!operators.environments.some((held) => held.name === name)) notes.push(`${name} is new`);
  }
  return {
    spec: { ...pushed, environments },
    notes: notes.length === 0 ? [] : [`Left as an operator took them over (\`antler up\` takes them from a checkout): ${notes.join('; ')}`],
  };
}

/**
 * The services of a config, and those that environments still run by earlier releases: their routes and addresses stay until they are gone. One that any of
 * these stops first, or is stopped first for, keeps its requests waiting then, whatever the config says now.
 */
export function withDeployed(spec: AppSpec, deployed: readonly AppSpec[]): AppSpec {
  const services = new Map<string, ServiceSpec>(spec.services.map((service) => [service.name, service]));
  for (const service of deployed.flatMap((each) => each.services)) {
    const known = services.get(service.name);
    if (known === undefined) services.set(service.name, { ...service, expose: false });
    else if (!service.overlap) services.set(service.name, { ...known, overlap: false });
  }
  return { ...spec, services: [...services.values()] };
}
