/** Moves traffic from the old replicas to the fresh ones, and watches the fresh ones while it does. */

import { AntlerError } from '../kit/errors.ts';
import { poll, sleep } from '../kit/wait.ts';
import type { ReplicaRow, TrafficRow } from '../store/types.ts';
import { judgeBake, type Counts, type Judged } from './judge.ts';
import { containerName, releaseId, serverName } from './names.ts';
import { weightsFor, type RolloutPlan, type ServiceChange } from './plan.ts';
import { isWell } from './probe.ts';
import { detach } from './retire.ts';
import { gateReplicas, startReplicas } from './start.ts';
import type { TrafficRecorder } from './traffic.ts';
import type { Work } from './work.ts';

export interface Shifting {
  readonly plan: RolloutPlan;
  /** Fresh replicas by service; filled as they start. */
  readonly fresh: Map<string, readonly ReplicaRow[]>;
  readonly traffic: TrafficRecorder;
}

const LOOK_MS = 500;

/** `percent` of every changed service's requests to its fresh replicas, in the plan's order; at 100 the answer is proved through the edge. */
export async function shift(work: Work, shifting: Shifting, percent: number): Promise<string | undefined> {
  for (const change of shifting.plan.services) {
    if (change.kind !== 'change') continue;
    const fresh = shifting.fresh.get(change.name);
    if (fresh === undefined) await swap(work, shifting, change);
    else if (!change.stopFirst) {
      const weights = weightsFor(percent, { fresh: fresh.map(serverName), old: change.old.map(serverName) });
      await work.edge.weights({ environment: work.rollout.environment, service: change.name }, weights, work.signal);
    }
    if (percent === 100) await prove(work, shifting, change);
  }
  return undefined;
}

/** A one-writer volume: requests wait in the edge while the old replicas stop and the fresh ones start. */
async function swap(work: Work, shifting: Shifting, change: ServiceChange): Promise<void> {
  const { edge, engine, signal } = work;
  const route = { environment: work.rollout.environment, service: change.name };
  await edge.hold(route, signal);
  for (const row of change.old) {
    // Recorded first: neither the keeper nor a daemon that starts may run it beside the fresh one.
    work.store.environments.setReplica(row.generation, 'paused');
    await detach(work, row, change.spec.drainMs);
    await engine.stop(containerName(work.prefix, row), { graceMs: change.spec.stopMs, signal });
  }
  const fresh = await startReplicas(work, shifting.plan, change);
  shifting.fresh.set(change.name, fresh);
  await gateReplicas(work, change, fresh);
  await edge.weights(route, weightsFor(100, { fresh: fresh.map(serverName), old: [] }), signal);
  await edge.unhold(route, signal);
}

/** Asks through the service's own address until the fresh release answers: what the rollout claims is what a caller gets. */
async function prove(work: Work, shifting: Shifting, change: ServiceChange): Promise<void> {
  const address = work.place.services[change.name];
  if (address === undefined) return;
  const wanted = releaseId(shifting.plan.release.number);
  const target = { address, port: change.spec.port, path: change.spec.health.path, timeoutMs: change.spec.health.timeoutMs };
  await poll(
    async () => {
      const answer = await work.probe(target, work.signal);
      return isWell(answer) && answer.release === wanted ? answer : undefined;
    },
    {
      signal: work.signal,
      everyMs: 50,
      timeoutMs: 10_000,
      what: `${wanted} to answer as ${change.name} at ${address}:${change.spec.port}`,
    },
  );
}

/** Watches the fresh release for the plan's time. Throws `releases/failed` as soon as it must go back. */
export async function bake(work: Work, shifting: Shifting): Promise<string> {
  const { plan } = shifting;
  const isFresh = (row: TrafficRow): boolean => row.release === releaseId(plan.release.number);
  const until = performance.now() + plan.bakeMs; // a clock that is set ends no bake, and holds none up
  for (;;) {
    const rows = await shifting.traffic.flush(work.signal);
    const services = plan.services.map(({ name: service }): Judged => {
      const of = (fresh: boolean): Counts => sum(rows, (row) => row.service === service && isFresh(row) === fresh);
      return { service, fresh: of(true), old: of(false) };
    });
    const why = judgeBake({ services, ...(await look(work, shifting)) });
    if (why !== undefined) {
      throw new AntlerError('releases/failed', `Cannot keep ${releaseId(plan.release.number)} in ${work.rollout.environment} as ${why}`, {
        at: work.rollout.environment,
      });
    }
    const left = until - performance.now();
    if (left <= 0) {
      const { served, errors } = sum(rows, isFresh);
      return `${served} requests served, ${errors} errors`;
    }
    await sleep(Math.min(left, LOOK_MS), work.signal);
  }
}

async function look(work: Work, { fresh }: Shifting): Promise<Pick<Parameters<typeof judgeBake>[0], 'servers' | 'dead'>> {
  const rows = [...fresh.values()].flat();
  const names = new Set(rows.map(serverName));
  const servers = (await work.edge.servers(work.signal)).filter(
    (each) => each.environment === work.rollout.environment && names.has(each.name),
  );
  const dead: string[] = [];
  for (const row of rows) {
    const container = await work.engine.inspect(containerName(work.prefix, row), work.signal);
    if (container?.state.kind !== 'running') dead.push(`${row.service} ${row.replica}`);
  }
  return { servers, dead };
}

function sum(rows: readonly TrafficRow[], match: (row: TrafficRow) => boolean): Counts {
  const counts = { served: 0, errors: 0, lost: 0 };
  for (const row of rows.filter(match)) {
    counts.served += row.served;
    counts.errors += row.errors;
    counts.lost += row.lost;
  }
  return counts;
}
