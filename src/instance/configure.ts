/** Takes over an app's config while the daemon runs: addresses, firewall, networks and routes of all its environments. */

import type { AppSpec } from '../config/types.ts';
import type { Edge } from '../edge/types.ts';
import type { Engine } from '../engines/types.ts';
import type { Entries } from './entries.ts';
import { applyNetwork } from './machine.ts';
import { gatherParts } from './parts.ts';
import { pathsOf } from './paths.ts';
import { networkResources } from './resources.ts';
import { planRoutes, planUrls, type EnvironmentUrl } from './routes.ts';
import { machineIsPublic } from './surroundings.ts';
import { buildNetwork, jobsNetwork, planTopology, readTopology, writeTopology } from './topology.ts';
import type { Instance, Topology } from './types.ts';

export interface ConfigureDeps {
  readonly instance: Instance;
  readonly engine: Pick<Engine, 'ensureNetwork'>;
  readonly edge: Pick<Edge, 'routes'>;
  /** Told after the firewall's table may have been made anew: it has forgotten what was open to jobs. */
  readonly entries?: Pick<Entries, 'restore'>;
  /** The service to which an environment's port leads now, by what is deployed there. */
  readonly exposed?: (environment: string) => string | undefined;
}

export interface Configured {
  readonly topology: Topology;
  readonly environments: readonly EnvironmentUrl[];
  /** False where everything was as wanted. */
  readonly changed: boolean;
}

export interface Configurer {
  /**
   * Puts everything an environment stands on in its place, in the order in which each part needs the one before.
   * The first time after it was created it looks at everything; then at networks only where they differ from what it made.
   * Throws `releases/other-app` before anything is touched.
   */
  configure(spec: AppSpec, signal: AbortSignal): Promise<Configured>;
  /** Where the app lies now, from the record; throws `releases/other-app` for another. Touches nothing. */
  place(spec: AppSpec): Promise<Topology>;
}

export function createConfigurer({ instance, engine, edge, entries, exposed }: ConfigureDeps): Configurer {
  const paths = pathsOf(instance.home);
  const made = new Map<string, string>();

  const plan = async (spec: AppSpec): Promise<ReturnType<typeof planTopology>> =>
    planTopology({ recorded: await readTopology(paths.topology), spec, instance, public: machineIsPublic() });

  const ensureNetworks = async (topology: Topology, signal: AbortSignal): Promise<boolean> => {
    const environments = Object.values(topology.environments).map(({ network, subnet }) => ({ name: network, subnet }));
    const missing = [...environments, buildNetwork(instance), jobsNetwork(instance)].filter(
      ({ name, subnet }) => made.get(name) !== subnet,
    );
    for (const network of missing) {
      await engine.ensureNetwork(network, signal);
      made.set(network.name, network.subnet);
    }
    return missing.length > 0;
  };

  return {
    async configure(spec, signal) {
      const { recorded, topology } = await plan(spec);
      await writeTopology(paths.topology, recorded); // first: an address is never given away twice, whatever ends us
      const parts = await gatherParts({ instance, topology, services: spec.services });
      const machine = await applyNetwork(networkResources({ instance, topology, parts }), { instance, signal });
      await entries?.restore(signal);
      const networks = await ensureNetworks(topology, signal);
      const routes = await edge.routes(planRoutes(spec, topology, { jobs: jobsNetwork(instance).subnet, exposed }), signal);
      return { topology, environments: planUrls(spec, topology), changed: machine || networks || routes };
    },
    place: async (spec) => (await plan(spec)).topology,
  };
}
