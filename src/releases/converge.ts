/** Brings engine and edge back to what the record says: after a reboot, a killed daemon, a container removed by hand. */

import type { AppSpec, ServiceSpec } from '../config/types.ts';
import { LABELS, planContainers, type Change, type WantedContainer } from '../engines/engines.ts';
import type { ContainerSpec } from '../engines/types.ts';
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
  const { store, engine, signal } = options;
  await dropGone(options);
  const rows = store.environments.replicas();
  const names = new Map(rows.map((row) => [containerName(options.topology().prefix, row), row]));
  const observed = (await engine.list(signal)).filter(({ labels }) => labels[LABELS.kind] === undefined); // a run's jobs are its own
  // Two kinds are left alone. A name is given once, so what runs under it is what was recorded, whatever a newer Antler would write into its spec.
  // And what an unfinished rollout was starting is undone, not started: it may share a one-writer volume with what serves.
  const left = (name: string): boolean =>
    names.get(name)?.state === 'starting' ||
    (names.get(name)?.state !== 'paused' && observed.some((each) => each.name === name && each.state.kind === 'running'));
  const wanted = [...names]
    .filter(([name]) => !left(name))
    .map(([, row]): WantedContainer => ({ spec: specOf(options, row), state: row.state === 'paused' ? 'stopped' : 'running' }));
  const changes = planContainers(
    wanted,
    observed.filter(({ name }) => !(names.has(name) && left(name))),
  );
  for (const change of changes) if (change.kind === 'remove') await engine.remove(change.name, signal);
  const perContainer = Map.groupBy(changes, (change) => (change.kind === 'create' ? change.spec.name : change.name));
  await Promise.all(
    [...perContainer].map(async ([name, own]) => {
      const row = names.get(name);
      if (row !== undefined) await attempt(options, row, async () => applyChanges(options, own));
    }),
  );
  await serve(
    options,
    rows.filter((row) => row.state === 'serving'),
  );
}

async function applyChanges(options: ConvergeOptions, changes: readonly Change[]): Promise<void> {
  const { engine, signal } = options;
  for (const change of changes) {
    switch (change.kind) {
      case 'remove':
        break; // done before: its address may be wanted
      case 'create':
        await make(options, change.spec);
        break;
      case 'start':
        await engine.start(change.name, signal);
        break;
      case 'stop':
        await engine.stop(change.name, { graceMs: 10_000, signal });
        break;
      default:
        throw new Error(change satisfies never);
    }
  }
}

/** Makes a container again that somebody removed, and starts it. */
export async function remakeReplica(options: ConvergeOptions, row: ReplicaRow): Promise<void> {
  const spec = specOf(options, row);
  await make(options, spec);
  await options.engine.start(spec.name, options.signal);
}

async function make({ engine, signal }: ConvergeOptions, spec: ContainerSpec): Promise<void> {
  await engine.pull(spec.image, signal);
  for (const { volume } of spec.volumes) await engine.ensureVolume(volume, signal);
  await engine.create(spec, signal);
}

function specOf({ store, topology, resolve }: ConvergeOptions, row: ReplicaRow): ContainerSpec {
  const release = store.releases.get(row.release);
  const place = topology().environments[row.environment];
  if (release === undefined || place === undefined) throw new Error(`replica ${row.generation} belongs nowhere`);
  const service = resolve(release.spec, row.environment, row.service);
  return containerOf({ replica: row, release, service, topology: topology(), place });
}

/** Environments that the config no longer has: nothing leads to them any more, so their containers go. Volumes stay until `down --purge`. */
export async function dropGone({ store, engine, topology, signal }: ConvergeOptions): Promise<void> {
  const { prefix, environments } = topology();
  const gone = store.environments.replicas().filter((row) => environments[row.environment] === undefined);
  await Promise.all(
    gone.map(async (row) => {
      const name = containerName(prefix, row);
      if ((await engine.inspect(name, signal)) !== undefined) await engine.stop(name, { graceMs: 10_000, signal });
      await engine.remove(name, signal);
      store.environments.removeReplica(row.generation);
    }),
  );
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
