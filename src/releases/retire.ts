/** Takes replicas out of service without cutting what they still answer: drain, server away, stop, container away. */

import type { ReplicaRow } from '../store/types.ts';
import { serverIdOf } from './container.ts';
import { containerName } from './names.ts';
import type { Work } from './work.ts';

/** How long a replica gets: both in milliseconds. */
export interface Patience {
  readonly drainMs: number;
  readonly stopMs: number;
}

/** Retires all of them side by side. Doing it again after a crash is fine. Returns how many connections were cut. */
export async function retireReplicas(work: Work, rows: readonly ReplicaRow[], patience: Patience): Promise<number> {
  const cuts = await Promise.all(rows.map(async (row) => retireReplica(work, row, patience)));
  return cuts.reduce((sum, cut) => sum + cut, 0);
}

async function retireReplica(work: Work, row: ReplicaRow, patience: Patience): Promise<number> {
  const { engine, store, signal } = work;
  const cut = await detach(work, row, patience.drainMs);
  const name = containerName(work.prefix, row);
  // Recorded before it was made: a killed daemon may have left the record alone.
  if ((await engine.inspect(name, signal)) !== undefined) await engine.stop(name, { graceMs: patience.stopMs, signal });
  await engine.remove(name, signal);
  store.environments.removeReplica(row.generation);
  return cut;
}

/** Out of the edge only: drained and removed, the container untouched. */
export async function detach(work: Work, row: ReplicaRow, drainMs: number): Promise<number> {
  const { edge, signal, store, rollout } = work;
  const server = serverIdOf(row);
  const known = (await edge.servers(signal)).some(
    (each) => each.name === server.name && each.service === row.service && each.environment === row.environment,
  );
  if (!known) return 0;
  const { cut } = await edge.drain(server, { limitMs: drainMs, signal });
  await edge.remove(server, signal);
  if (cut > 0) store.rollouts.addCut(rollout.id, cut);
  return cut;
}
