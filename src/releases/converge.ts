/** Brings engine and edge back to what the record says: after a reboot, a killed daemon, a container removed by hand. */

import type { AppSpec, ServiceSpec } from '../config/types.ts';
import type { Container } from '../engines/types.ts';
import { toAntlerError } from '../kit/errors.ts';
import type { ReplicaRow } from '../store/types.ts';
import { containerOf, serverOf } from './container.ts';
import { containerName, serverName } from './names.ts';
import { weightsFor } from './plan.ts';
import type { Neighbours } from './work.ts';

export interface ConvergeOptions extends Neighbours {
  readonly resolve: (app: AppSpec, environment: string, service: string) => ServiceSpec;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Containers first, then servers. One that cannot come back does not stop the others: it is logged, and status shows it. */
export async function converge(options: ConvergeOptions): Promise<void> {
  const { store, engine, topology, signal } = options;
  const rows = store.environments.replicas().filter((row) => topology().environments[row.environment] !== undefined);
  const containers = await engine.list(signal);
  const wanted = new Set(rows.map((row) => containerName(topology().prefix, row)));
  await Promise.all([
    ...rows.map(async (row) => attempt(options, row, async () => runReplica(options, row, containers))),
    ...containers.filter((each) => !wanted.has(each.name)).map(async (each) => engine.remove(each.name, signal)),
  ]);
  await serve(
    options,
    rows.filter((row) => row.state === 'serving'),
  );
}

/** Makes sure that one replica's container is there and runs. */
export async function runReplica(options: ConvergeOptions, row: ReplicaRow, containers: readonly Container[]): Promise<void> {
  const { engine, topology, signal } = options;
  const container = containers.find((each) => each.name === containerName(topology().prefix, row));
  if (container?.state.kind === 'running') return;
  if (container === undefined) await createReplica(options, row);
  await engine.start(containerName(topology().prefix, row), signal);
}

async function createReplica(options: ConvergeOptions, row: ReplicaRow): Promise<void> {
  const { store, engine, topology, resolve, signal } = options;
  const release = store.releases.get(row.release);
  const place = topology().environments[row.environment];
  if (release === undefined || place === undefined) throw new Error(`replica ${row.generation} belongs nowhere`);
  const spec = containerOf({
    replica: row,
    release,
    service: resolve(release.spec, row.environment, row.service),
    topology: topology(),
    place,
  });
  await engine.pull(spec.image, signal);
  for (const { volume } of spec.volumes) await engine.ensureVolume(volume, signal);
  await engine.create(spec, signal);
}

/** Serving replicas that the edge does not know (its file was lost) are added and gated again. */
async function serve(options: ConvergeOptions, rows: readonly ReplicaRow[]): Promise<void> {
  const { edge, store, resolve, signal } = options;
  const known = await edge.servers(signal);
  const missing = rows.filter(
    (row) => !known.some((each) => each.name === serverName(row) && each.environment === row.environment && each.service === row.service),
  );
  await Promise.all(
    missing.map(async (row) =>
      attempt(options, row, async () => {
        const release = store.releases.get(row.release);
        if (release === undefined) return;
        const service = resolve(release.spec, row.environment, row.service);
        const server = serverOf(row, service);
        await edge.add(server, signal);
        await edge.ready(server, { timeoutMs: service.health.startMs, signal });
        await edge.weights(row, weightsFor(100, { fresh: [server.name], old: [] }), signal);
      }),
    ),
  );
}

async function attempt(options: ConvergeOptions, row: ReplicaRow, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    options.signal.throwIfAborted();
    options.log(`${row.environment}/${row.service} ${serverName(row)}: ${toAntlerError(error).message}`);
  }
}
