/** Brings an environment back to what its record says: the old replicas serve, the fresh ones of a failed rollout are gone. */

import type { AppSpec, ServiceSpec } from '../config/types.ts';
import type { ReplicaRow } from '../store/types.ts';
import { serverIdOf, serverOf } from './container.ts';
import { containerName, serverName } from './names.ts';
import { weightsFor } from './plan.ts';
import { retireReplicas } from './retire.ts';
import type { Work } from './work.ts';

/** Works from the record alone, so it also undoes what a killed daemon left. Doing it twice is fine. */
export async function undoRollout(work: Work, app: AppSpec): Promise<void> {
  const rows = work.store.environments.replicas(work.rollout.environment);
  const fresh = rows.filter((row) => row.rollout === work.rollout.id && row.state === 'starting');
  const old = rows.filter((row) => row.state === 'serving' || row.state === 'paused');
  await Promise.all(
    app.services.map(async (service) => {
      const mine = { fresh: fresh.filter((row) => row.service === service.name), old: old.filter((row) => row.service === service.name) };
      const patience = { drainMs: service.drainMs, stopMs: service.stopMs };
      // One writer: the fresh ones are gone before the old ones start. Otherwise traffic moves first, so that nothing is lost.
      if (!service.overlap) await retireReplicas(work, mine.fresh, patience);
      await restore(work, mine.old);
      await backToOld(work, service.name, service.overlap ? mine : { fresh: [], old: mine.old });
      if (service.overlap) await retireReplicas(work, mine.fresh, patience);
    }),
  );
}

interface Mine {
  readonly fresh: readonly ReplicaRow[];
  readonly old: readonly ReplicaRow[];
}

/** Old replicas that a stop-first rollout had stopped run and pass their check again. */
async function restore(work: Work, old: readonly ReplicaRow[]): Promise<void> {
  const { engine, edge, signal } = work;
  for (const row of old) {
    const container = await engine.inspect(containerName(work.prefix, row), signal);
    if (container !== undefined && container.state.kind !== 'running') await engine.start(container.name, signal);
    if (row.state === 'paused') work.store.environments.setReplica(row.generation, 'serving');
    const known = (await edge.servers(signal)).some((each) => each.name === serverName(row));
    if (known) continue;
    const service = madeFrom(work, row);
    await edge.add(serverOf(row, service), signal);
    await edge.ready(serverIdOf(row), { timeoutMs: service.health.startMs, signal });
  }
}

/** The service as the replica's own release has it: the one that is undone may have moved its port or health path. */
function madeFrom({ store }: Work, row: ReplicaRow): ServiceSpec {
  const service = store.releases.get(row.release)?.spec.services.find((each) => each.name === row.service);
  if (service === undefined) throw new Error(`replica ${row.generation} belongs nowhere`);
  return service;
}

/** All traffic on the old servers. Fresh ones that never got any are left alone: the edge refuses weights of what was never ready. */
async function backToOld(work: Work, service: string, { fresh, old }: Mine): Promise<void> {
  const { edge, signal } = work;
  const route = { environment: work.rollout.environment, service };
  const servers = (await edge.servers(signal)).filter((each) => each.service === service && each.environment === route.environment);
  const known = (rows: readonly ReplicaRow[], least: number): string[] =>
    rows.map(serverName).filter((name) => servers.some((each) => each.name === name && each.weight >= least));
  const weights = weightsFor(0, { fresh: known(fresh, 1), old: known(old, 0) });
  if (weights.length > 0) await edge.weights(route, weights, signal);
  if (old.length > 0) await edge.unhold(route, signal);
}
