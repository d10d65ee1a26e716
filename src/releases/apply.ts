/** A rollout, told from the first image to the last container: start and gate all → shift in order → bake → drain → stop. */

import { AntlerError, toAntlerError } from '../kit/errors.ts';
import type { ReplicaRow } from '../store/types.ts';
import { releaseId } from './names.ts';
import { outline, STEPS } from './outline.ts';
import type { RolloutPlan, ServiceChange } from './plan.ts';
import { retireReplicas, type Patience } from './retire.ts';
import { bake, shift, type Shifting } from './shift.ts';
import { gateReplicas, startReplicas } from './start.ts';
import { recordTraffic } from './traffic.ts';
import { undoRollout } from './undo.ts';
import { skip, step, tellPlan, type Work } from './work.ts';

/** Moves the environment or leaves it as it was. Throws what stopped it; a stopping daemon leaves it for `resume`. */
export async function applyRollout(work: Work, plan: RolloutPlan): Promise<void> {
  const traffic = await recordTraffic(
    { ...work, rollout: work.rollout.id, environment: work.rollout.environment, resumed: false },
    work.signal,
  );
  tellPlan(work, outline(plan));
  const shifting: Shifting = { plan, fresh: new Map(), traffic };
  try {
    await fetchImages(work, plan);
    await startAll(work, shifting);
    await gateAll(work, shifting);
    await shiftAll(work, shifting);
    await enter(work, plan);
  } catch (error) {
    work.signal.throwIfAborted();
    await traffic.flush(work.signal);
    await undo(work, shifting, error);
    throw error;
  }
  commit(work, shifting);
  try {
    await finishRollout(work, plan);
  } catch (error) {
    work.signal.throwIfAborted();
    throw unfinished(work, error);
  } finally {
    if (!work.signal.aborted) await traffic.flush(work.signal);
  }
}

/** There is no way back any more: said as it is. */
function unfinished({ rollout }: Work, cause: unknown): AntlerError {
  const release = releaseId(rollout.release);
  return new AntlerError(
    'releases/unfinished',
    `Cannot stop what served ${rollout.environment} before as ${toAntlerError(cause).message}; ${release} has all requests`,
    { at: rollout.environment, hint: `Type \`antler deploy ${rollout.environment} ${release}\` to try again`, cause },
  );
}

async function fetchImages(work: Work, plan: RolloutPlan): Promise<void> {
  const changes = changesOf(plan);
  if (changes.length === 0) return skip(work, STEPS.fetch, 'nothing changed');
  await step(work, STEPS.fetch, async () => {
    await Promise.all(changes.map(async ({ image }) => work.engine.pull(image, work.signal)));
    return changes.map((each) => each.name).join(', ');
  });
}

/** Side by side: a small machine spends most of a start waiting. */
async function startAll(work: Work, shifting: Shifting): Promise<void> {
  work.store.rollouts.phase(work.rollout.id, 'start');
  const { plan, fresh } = shifting;
  for (const service of plan.services) if (service.kind === 'same') skip(work, STEPS.start(service.name), 'unchanged');
  const early = changesOf(plan).filter((change) => !change.stopFirst);
  await settled(
    early.map(async (change) =>
      step(work, STEPS.start(change.name), async () => {
        fresh.set(change.name, await startReplicas(work, plan, change));
        return change.spec.replicas === 1 ? undefined : `${change.spec.replicas} replicas`;
      }),
    ),
  );
}

/** All of them to their end, then the first failure: what is undone must not still be starting. */
async function settled(works: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function gateAll(work: Work, { plan, fresh }: Shifting): Promise<void> {
  work.store.rollouts.phase(work.rollout.id, 'gate');
  await settled(
    changesOf(plan).map(async (change) => {
      const rows = fresh.get(change.name);
      if (rows === undefined) return;
      await step(work, STEPS.gate(change.name), async () => {
        await gateReplicas(work, change, rows);
        return `${change.spec.health.path} answers`;
      });
    }),
  );
}

async function shiftAll(work: Work, shifting: Shifting): Promise<void> {
  work.store.rollouts.phase(work.rollout.id, 'shift');
  const { plan } = shifting;
  if (changesOf(plan).length === 0) return;
  for (const percent of plan.steps) {
    await step(work, STEPS.shift(percent, plan.release.number), async () => shift(work, shifting, percent));
    if (plan.bakeMs > 0) await step(work, STEPS.bake(percent), async () => bake(work, shifting));
  }
}

/** The exposed service has another name now: the port follows when the new one has all requests, and before the old one stops. */
async function enter(work: Work, { enters }: RolloutPlan): Promise<void> {
  if (enters === undefined) return;
  await step(work, STEPS.enter(enters), async () => {
    await work.enter(enters);
    return undefined;
  });
}

/** From here on the fresh replicas are the record's truth: a crash finishes the rollout instead of undoing it. */
function commit(work: Work, { plan, fresh }: Shifting): void {
  work.store.environments.move(work.rollout.environment, {
    release: plan.release.number,
    rollout: work.rollout.id,
    serving: [...fresh.values()].flat().map((row) => row.generation),
    retiring: plan.services.flatMap((each) => (each.kind === 'same' ? [] : each.old)).map((row) => row.generation),
  });
}

/** The rest after the point of no return; also what `resume` does after a crash. */
export async function finishRollout(work: Work, plan: RolloutPlan): Promise<void> {
  const { store, rollout } = work;
  const old = store.environments.replicas(rollout.environment).filter((row) => row.state === 'retiring');
  if (old.length > 0) {
    await step(work, STEPS.retire, async () => {
      const cut = await retireAll(work, plan, old);
      return cut === 0 ? 'no connection cut' : `${cut} connections cut`;
    });
  }
  store.environments.verify(rollout.environment);
}

async function retireAll(work: Work, plan: RolloutPlan, old: readonly ReplicaRow[]): Promise<number> {
  const cuts = await Promise.all(
    [...Map.groupBy(old, (row) => row.service)].map(async ([service, rows]) => retireReplicas(work, rows, patienceOf(plan, service))),
  );
  return cuts.reduce((sum, cut) => sum + cut, 0);
}

function patienceOf(plan: RolloutPlan, service: string): Patience {
  const spec = plan.release.spec.services.find((each) => each.name === service);
  return { drainMs: spec?.drainMs ?? 30_000, stopMs: spec?.stopMs ?? 10_000 };
}

async function undo(work: Work, { plan }: Shifting, error: unknown): Promise<void> {
  const { message } = toAntlerError(error);
  try {
    await step(work, { step: 'undo', title: 'go back to what served before' }, async () => {
      if (plan.enters !== undefined) await work.enter(undefined);
      await undoRollout(work, plan.release.spec);
      return undefined;
    });
  } catch (undoError) {
    work.signal.throwIfAborted();
    const why = toAntlerError(undoError);
    const hint = why.code === 'store/failed' ? { hint: why.hint } : {}; // it goes back by itself once the record can be written
    throw new AntlerError('releases/unfinished', `${message}; and cannot go back as ${why.message}`, { cause: error, ...hint });
  }
}

export function changesOf(plan: RolloutPlan): ServiceChange[] {
  return plan.services.filter((each): each is ServiceChange => each.kind === 'change');
}
