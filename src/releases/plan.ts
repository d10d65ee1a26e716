/** Decides what a rollout does: which services change, in which order, with which weights. Pure. */

import type { AppSpec, EnvironmentSpec, ServiceSpec } from '../config/types.ts';
import type { ServerWeight } from '../edge/types.ts';
import type { ReleaseRow, ReplicaRow } from '../store/types.ts';

export type ServicePlan =
  | { readonly kind: 'same'; readonly name: string; readonly replicas: readonly ReplicaRow[] }
  | {
      readonly kind: 'change';
      readonly name: string;
      readonly spec: ServiceSpec;
      readonly image: string;
      readonly old: readonly ReplicaRow[];
      readonly stopFirst: boolean;
    }
  | { readonly kind: 'remove'; readonly name: string; readonly old: readonly ReplicaRow[] };

export type ServiceChange = Extract<ServicePlan, { kind: 'change' }>;

export interface RolloutPlan {
  readonly environment: EnvironmentSpec;
  readonly release: ReleaseRow;
  /** In the order of the shift: called services before the exposed one. */
  readonly services: readonly ServicePlan[];
  /** Percent of traffic on the new release. */
  readonly steps: readonly number[];
  readonly bakeMs: number;
  /** The service to which the environment's port leads after this, where it leads to another one now. */
  readonly enters: string | undefined;
}

export interface PlanInput {
  readonly release: ReleaseRow;
  readonly environment: string;
  /** The service to which the environment's port leads now. */
  readonly leads?: string | undefined;
  /** Replicas that serve now, by the record. */
  readonly replicas: readonly ReplicaRow[];
  /** The releases that those replicas were made from. */
  readonly releaseOf: (number: number) => ReleaseRow | undefined;
  /** The service as it is in an environment, overlay applied. */
  readonly resolve: (app: AppSpec, environment: string, service: string) => ServiceSpec;
}

/** What moves `environment` to `release`. Unchanged services are skipped; an environment's first rollout shifts at once, without bake. */
export function planRollout(input: PlanInput): RolloutPlan {
  const { release, environment } = input;
  const spec = release.spec.environments.find((each) => each.name === environment);
  if (spec === undefined) throw new Error(`release r${release.number} has no environment ${environment}`);
  const first = input.replicas.length === 0;
  const names = release.spec.services.toSorted((a, b) => Number(a.expose) - Number(b.expose)).map((each) => each.name);
  const gone = [...new Set(input.replicas.map((each) => each.service))].filter((name) => !names.includes(name));
  return {
    environment: spec,
    release,
    services: [
      ...names.map((name) => planService(input, name)),
      ...gone.map((name): ServicePlan => ({ kind: 'remove', name, old: input.replicas.filter((each) => each.service === name) })),
    ],
    steps: first ? [100] : spec.strategy.steps,
    bakeMs: first ? 0 : spec.strategy.bakeMs,
    enters: entering(release.spec, input.leads),
  };
}

/** The service that has the environments' ports. */
export function exposedBy(spec: Pick<AppSpec, 'services'>): string | undefined {
  return spec.services.find(({ expose }) => expose)?.name;
}

function entering(spec: AppSpec, leads: string | undefined): string | undefined {
  const wanted = exposedBy(spec);
  return leads === undefined || wanted === leads ? undefined : wanted;
}

function planService(input: PlanInput, name: string): ServicePlan {
  const { release, environment } = input;
  const spec = input.resolve(release.spec, environment, name);
  const image = imageOf(release, name);
  const old = input.replicas.filter((each) => each.service === name);
  if (old.length === spec.replicas && old.every((replica) => isSame(input, replica, { spec, image })))
    return { kind: 'same', name, replicas: old };
  return { kind: 'change', name, spec, image, old, stopFirst: !spec.overlap && old.length > 0 };
}

function isSame(input: PlanInput, replica: ReplicaRow, wanted: { readonly spec: ServiceSpec; readonly image: string }): boolean {
  const made = input.releaseOf(replica.release);
  if (made === undefined || !made.services.some((each) => each.service === replica.service)) return false;
  if (imageOf(made, replica.service) !== wanted.image) return false;
  const was = input.resolve(made.spec, input.environment, replica.service);
  return runtimeKey(was) === runtimeKey(wanted.spec);
}

/** What a container is made of besides its image; build inputs are not, they show in the digest. */
function runtimeKey(spec: ServiceSpec): string {
  const { build: _build, image: _image, ...runtime } = spec;
  return JSON.stringify(runtime, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** Reference with digest, as the engine pulls it. */
export function imageOf(release: ReleaseRow, service: string): string {
  const found = release.services.find((each) => each.service === service);
  if (found === undefined) throw new Error(`release r${release.number} has no image of ${service}`);
  return `${found.repository}@${found.digest}`;
}

export interface Sides {
  readonly fresh: readonly string[];
  readonly old: readonly string[];
}

/** Weights (0–256) that send `percent` of the requests to the fresh servers, whatever the number of servers on each side. */
export function weightsFor(percent: number, sides: Sides): ServerWeight[] {
  const fresh = percent / Math.max(1, sides.fresh.length);
  const old = (100 - percent) / Math.max(1, sides.old.length);
  const most = Math.max(fresh, old);
  const weight = (share: number): number => (share === 0 ? 0 : Math.max(1, Math.round((share / most) * 200)));
  return [
    ...sides.fresh.map((name) => ({ name, weight: weight(fresh) })),
    ...sides.old.map((name) => ({ name, weight: sides.fresh.length === 0 ? 200 : weight(old) })),
  ];
}

/** `10.x.101.10` to `.250`, going round so that an address is not given again while an old worker of the proxy may know it. */
export function nextAddress(subnet: string, options: { readonly seed: number; readonly taken: ReadonlySet<string> }): string {
  const prefix = subnet.slice(0, subnet.lastIndexOf('.'));
  for (let turn = 0; turn < 241; turn += 1) {
    const address = `${prefix}.${10 + ((options.seed + turn) % 241)}`;
    if (!options.taken.has(address)) return address;
  }
  throw new Error(`no free address in ${subnet}`);
}
