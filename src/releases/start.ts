/** Starts a service's fresh replicas and gates them: nothing is shifted to what has not passed its check. */

import type { ServiceSpec } from '../config/types.ts';
import type { Container, Exit, LogLine } from '../engines/types.ts';
import { AntlerError, hasCode } from '../kit/errors.ts';
import { sleep } from '../kit/wait.ts';
import type { ReplicaRow } from '../store/types.ts';
import { containerOf, serverIdOf, serverOf } from './container.ts';
import { explain } from './explain.ts';
import { containerName, serverName } from './names.ts';
import { nextAddress, type RolloutPlan, type ServiceChange } from './plan.ts';
import type { Work } from './work.ts';

/** Records, creates and starts all replicas of a changed service. */
export async function startReplicas(work: Work, plan: RolloutPlan, change: ServiceChange): Promise<readonly ReplicaRow[]> {
  const { store, engine, place, rollout, signal } = work;
  const fresh: ReplicaRow[] = [];
  for (let replica = 1; replica <= change.spec.replicas; replica += 1) {
    const taken = new Set(store.environments.replicas(rollout.environment).map((each) => each.address));
    const address = nextAddress(place.subnet, { seed: store.environments.lastGeneration(), taken });
    fresh.push(
      store.environments.addReplica({
        environment: rollout.environment,
        service: change.name,
        release: plan.release.number,
        replica,
        address,
        rollout: rollout.id,
      }),
    );
  }
  for (const volume of volumesOf(work, plan, change)) await engine.ensureVolume(volume, signal);
  const starting = await Promise.allSettled(fresh.map(async (row) => startReplica(work, plan, { row, service: change.spec })));
  const failed = starting.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return fresh;
}

function volumesOf(work: Work, plan: RolloutPlan, change: ServiceChange): readonly string[] {
  const row: ReplicaRow = {
    generation: 0,
    environment: work.rollout.environment,
    service: change.name,
    release: plan.release.number,
    replica: 1,
    address: '',
    state: 'starting',
    rollout: 0,
  };
  return containerOf({
    replica: row,
    release: plan.release,
    service: change.spec,
    topology: work.topology(),
    place: work.place,
  }).volumes.map((each) => each.volume);
}

async function startReplica(
  work: Work,
  plan: RolloutPlan,
  one: { readonly row: ReplicaRow; readonly service: ServiceSpec },
): Promise<void> {
  const { engine, signal } = work;
  const spec = containerOf({ replica: one.row, release: plan.release, service: one.service, topology: work.topology(), place: work.place });
  await engine.create(spec, signal);
  await engine.start(spec.name, signal);
}

/** Waits until every fresh replica passes its check in the edge. Throws `releases/failed` with exit, check, last lines and the likely cause. */
export async function gateReplicas(work: Work, change: ServiceChange, fresh: readonly ReplicaRow[]): Promise<void> {
  await Promise.all(
    fresh.map(async (row) => {
      await work.edge.add(serverOf(row, change.spec), work.signal);
      await gate(work, change.spec, row);
    }),
  );
}

async function gate(work: Work, service: ServiceSpec, row: ReplicaRow): Promise<void> {
  const name = containerName(work.prefix, row);
  const stop = new AbortController();
  const signal = AbortSignal.any([work.signal, stop.signal]);
  const died = watchExit(work, name, signal);
  try {
    await Promise.race([work.edge.ready(serverIdOf(row), { timeoutMs: service.health.startMs, signal }), died]);
  } catch (error) {
    work.signal.throwIfAborted();
    throw await failure(work, service, { row, error });
  } finally {
    stop.abort();
    died.catch(() => undefined); // the loser of the race ends by the abort
  }
}

/** Rejects when the container ends; also when it had ended before we listened. */
async function watchExit(work: Work, name: string, signal: AbortSignal): Promise<never> {
  const end = heardEnd(work.engine.exits(signal), name); // listens from here on: an end during the look is heard
  end.catch(() => undefined);
  const first = await work.engine.inspect(name, signal);
  if (first?.state.kind !== 'exited') await end;
  throw new AntlerError('releases/failed', `${name} ended`);
}

async function heardEnd(exits: AsyncIterable<Exit>, name: string): Promise<void> {
  for await (const exit of exits) if (exit.name === name) return;
}

interface Failed {
  readonly row: ReplicaRow;
  readonly error: unknown;
}

async function failure(work: Work, service: ServiceSpec, failed: Failed): Promise<AntlerError> {
  const name = containerName(work.prefix, failed.row);
  const container: Container | undefined = await work.engine.inspect(name, work.signal).catch(() => undefined);
  const lines = await lastLines(work, name);
  const check = await lastCheck(work, failed.row);
  const state = container?.state;
  const { what, hint } = explain({
    environment: failed.row.environment,
    service: service.name,
    port: service.port,
    path: service.health.path,
    memory: service.memory,
    lines,
    ...(state?.kind === 'exited' ? { exit: { code: state.exitCode, reason: state.reason } } : {}),
    ...(check === undefined ? {} : { check }),
  });
  if (!hasCode(failed.error, 'edge/never-ready') && !hasCode(failed.error, 'releases/failed')) throw failed.error;
  return new AntlerError('releases/failed', `Cannot move ${failed.row.environment} as ${what}`, {
    hint,
    lines,
    at: `${failed.row.environment}/${service.name}`,
    cause: failed.error,
  });
}

/** What the check said last; for a moment of the next one HAProxy knows no status code. */
async function lastCheck(work: Work, row: ReplicaRow): Promise<string | undefined> {
  for (let look = 1; ; look += 1) {
    const check = (await work.edge.servers(work.signal)).find((each) => each.name === serverName(row))?.check;
    if (check !== 'L7STS' || look === 20) return check;
    await sleep(50, work.signal);
  }
}

async function lastLines(work: Work, name: string): Promise<readonly string[]> {
  const lines: LogLine[] = [];
  try {
    for await (const line of work.engine.logs(name, { follow: false, tail: 20, signal: work.signal })) lines.push(line);
  } catch (error) {
    return [`(its log cannot be read: ${String(error)})`];
  }
  return lines.map((line) => line.text);
}
