/** Rollouts from the request to the end: protection, approval, soak, lock, application; and what a killed daemon left. */

import type { AppSpec, ServiceSpec } from '../config/types.ts';
import type { ProgressEvent } from '../contract/events.ts';
import { isoTime } from '../kit/clock.ts';
import { AntlerError, hasCode, toAntlerError } from '../kit/errors.ts';
import { formatDuration } from '../kit/units.ts';
import { poll, sleep } from '../kit/wait.ts';
import type { RolloutRow } from '../store/types.ts';
import { createApprovals, type Approvals } from './approvals.ts';
import { applyRollout } from './apply.ts';
import { createFeed, type Feed } from '../kit/feed.ts';
import { standing, type JobSubject } from './gate.ts';
import { createLocks } from './lock.ts';
import { approvalId, releaseId } from './names.ts';
import { exposedBy, planRollout, type RolloutPlan } from './plan.ts';
import { protect, type Protection } from './protect.ts';
import { findTarget, type Ask, type Target } from './request.ts';
import { settle } from './settle.ts';
import { step, type Neighbours, type Work } from './work.ts';

/** Until the record is tried again. */
const SETTLE_MS = 2000;

export interface RolloutsOptions extends Neighbours {
  readonly resolve: (app: AppSpec, environment: string, service: string) => ServiceSpec;
  readonly log: (line: string) => void;
  /** The daemon's life: rollouts outlive the client that asked for them. */
  readonly signal: AbortSignal;
}

export interface RolloutRequest {
  readonly environment: string;
  readonly ask: Ask;
  readonly actor: string;
  readonly force: boolean;
  readonly reason: string | undefined;
  /** The job that asks for it has passed this environment's rules: an approval that it waited for is this rollout's. */
  readonly passed?: JobSubject;
}

export interface Running {
  readonly rollout: number;
  readonly feed: Feed<ProgressEvent>;
  /** Ends with the rollout; rejects with why it failed. */
  readonly done: Promise<void>;
}

export interface Rollouts {
  /** Records the rollout and sets it going. Throws at once what protection refuses. */
  begin(app: AppSpec, request: RolloutRequest): Promise<Running>;
  readonly approvals: Approvals;
  /** The service to which the environment's port leads: that of what is deployed there, else the config's. */
  exposed(environment: string): string | undefined;
  /** Finishes or undoes what a killed daemon left, and waits on for approvals. */
  resume(app: AppSpec): Promise<void>;
}

export function createRollouts(options: RolloutsOptions): Rollouts {
  const { store, clock, signal } = options;
  const locks = createLocks();
  const approvals = createApprovals(store);
  /** Where ports lead that a rollout is moving. */
  const leads = new Map<string, string>();
  const exposed = (environment: string): string | undefined => {
    const deployed = store.environments.get(environment).release;
    const spec = deployed === undefined ? undefined : store.releases.get(deployed)?.spec;
    return leads.get(environment) ?? exposedBy(spec ?? store.releases.app()?.spec ?? { services: [] });
  };

  const judge = (target: Target, request: Pick<RolloutRequest, 'force' | 'reason'>): Protection => {
    const { environment, release, kind } = target;
    return protect({
      environment,
      release: release.number,
      kind,
      force: request.force,
      reason: request.reason,
      ...standing(store, environment),
      now: clock.now(),
    });
  };

  const judgeAgain = ({ forcedReason }: RolloutRow, target: Target): Protection =>
    judge(target, { force: forcedReason !== undefined, reason: forcedReason });

  const workOf = (rollout: RolloutRow, feed: Feed<ProgressEvent>): Work => {
    const topology = options.topology();
    const place = topology.environments[rollout.environment];
    if (place === undefined)
      throw new AntlerError('releases/unknown-environment', `Cannot move ${rollout.environment} as it has no place on this machine`);
    const enter = async (service: string | undefined): Promise<void> => {
      if (service === undefined) leads.delete(rollout.environment);
      else leads.set(rollout.environment, service);
      await options.arrange();
    };
    return { ...options, rollout, place, prefix: topology.prefix, report: (event) => feed.push(event), enter, signal };
  };

  /** A release from before (or from a branch) may have services that the config of today has not, or stop one first that it lets overlap. */
  const arrangeFor = async (environment: string, spec: AppSpec): Promise<void> => {
    const placed = options.topology().environments[environment]?.services ?? {};
    const today = store.releases.app()?.spec.services ?? [];
    const waits = (name: string): boolean => today.some((each) => each.name === name && !each.overlap);
    if (spec.services.some(({ name, overlap }) => placed[name] === undefined || (!overlap && !waits(name)))) await options.arrange();
  };

  const planOf = (rollout: RolloutRow): RolloutPlan => {
    const release = store.releases.get(rollout.release);
    if (release === undefined) throw new Error(`release ${rollout.release} vanished`);
    return planRollout({
      release,
      environment: rollout.environment,
      leads: exposed(rollout.environment),
      replicas: store.environments.replicas(rollout.environment).filter((row) => row.state === 'serving'),
      releaseOf: (number) => store.releases.get(number),
      resolve: options.resolve,
    });
  };

  /** Everything that is waited for before the first container starts. */
  const wait = async (work: Work, target: Target): Promise<void> => {
    const approval = store.approvals.ofRollout(work.rollout.id);
    if (approval !== undefined && approval.state === 'waiting') {
      const { environment, release } = work.rollout;
      work.report({
        kind: 'waiting',
        time: isoTime(clock.now()),
        approval: approvalId(approval.id),
        environment,
        release: releaseId(release),
      });
      await approvals.wait(approval, signal);
    }
    // Asked now: it soaked while people decided, and a daemon that came back knows of no time that another had counted.
    const { soakMs } = judgeAgain(work.rollout, target);
    if (soakMs > 0) {
      const title = `let ${releaseId(work.rollout.release)} soak in ${target.environment.from ?? ''} for ${formatDuration(soakMs)} more`;
      await step(work, { step: 'soak', title }, async () => {
        await sleep(soakMs, signal);
        const upstream = store.environments.get(target.environment.from ?? '');
        if (upstream.release === work.rollout.release && upstream.verifiedAt !== undefined) return undefined;
        throw new AntlerError(
          'releases/soaking',
          `Cannot move ${work.rollout.environment} as ${releaseId(work.rollout.release)} did not stay in ${target.environment.from ?? ''}`,
        );
      });
    }
  };

  const run = async (begun: RolloutRow, target: Target, feed: Feed<ProgressEvent>): Promise<void> => {
    let rollout = begun;
    try {
      await wait(workOf(rollout, feed), target);
      using _lock = await locks.acquire(rollout.environment, {
        holder: `${rollout.kind} of ${releaseId(rollout.release)} by ${rollout.actor}`,
        signal,
        onWait: (holder) => {
          feed.push({
            kind: 'output',
            time: isoTime(clock.now()),
            step: `${rollout.environment}/lock`,
            line: `${rollout.environment} is held by ${holder}: waiting`,
          });
        },
      });
      // While it waited, another rollout may have moved the environment, or a person may have put it on hold.
      judgeAgain(rollout, target);
      rollout = store.rollouts.start(rollout.id, store.environments.get(rollout.environment).release);
      await arrangeFor(rollout.environment, target.release.spec);
      const work = workOf(rollout, feed);
      await step(work, { step: 'verify', title: 'read the digests again in the registry' }, async () => {
        await Promise.all(target.release.services.map(async (service) => options.images.verify(service, signal)));
        return undefined;
      });
      await applyRollout(work, planOf(rollout));
      if (rollout.kind === 'rollback') {
        const reason = `rolled back from ${rollout.from === undefined ? 'nothing' : releaseId(rollout.from)} to ${releaseId(rollout.release)}`;
        store.environments.hold({ environment: rollout.environment, reason, actor: rollout.actor });
      }
      store.rollouts.end(rollout.id, { verdict: 'verified' });
    } catch (error) {
      if (signal.aborted) throw error; // the daemon stops: `resume` goes on from the record
      const back = rollout.from !== undefined && !hasCode(error, 'releases/unfinished');
      const verdict = hasCode(error, 'releases/rejected') || back ? 'undone' : 'failed';
      const reason = toAntlerError(error).message;
      try {
        store.rollouts.end(rollout.id, { verdict, reason });
      } catch {
        void settleLater(rollout, reason); // the record takes nothing: what is half done is settled once it does
      }
      throw error;
    } finally {
      leads.delete(rollout.environment); // the record says it now
      feed.close();
    }
  };

  const settleLater = async ({ id, environment }: RolloutRow, reason: string): Promise<void> => {
    const once = async (): Promise<true | undefined> => {
      try {
        using _lock = await locks.acquire(environment, { holder: `what rollout ${id} left`, signal, onWait: () => undefined });
        const left = store.rollouts.open().find((each) => each.id === id);
        if (left !== undefined) await settle(options, workOf(left, createFeed<ProgressEvent>()), { plan: planOf(left), reason });
        return true;
      } catch {
        return undefined;
      }
    };
    const waiting = { signal, everyMs: SETTLE_MS, what: `the record of rollout ${id}` };
    await sleep(SETTLE_MS, signal)
      .then(async () => poll(once, waiting))
      .catch(() => undefined); // the daemon stops: the next one goes on from the record
  };

  const set = (rollout: RolloutRow, target: Target): Running => {
    const feed = createFeed<ProgressEvent>();
    const done = run(rollout, target, feed);
    done.catch((error: unknown) =>
      options.log(`rollout ${rollout.id} of ${rollout.environment} to ${releaseId(rollout.release)}: ${toAntlerError(error).message}`),
    );
    return { rollout: rollout.id, feed, done };
  };

  return {
    approvals,
    exposed,
    async begin(app, request) {
      const target = findTarget(store, app, request);
      const judged = judge(target, request);
      const { passed } = request;
      const protection = passed === undefined ? judged : { ...judged, approvals: 0 };
      approvals.supersede(target.environment.name, `a newer rollout to ${releaseId(target.release.number)}`);
      const rollout = store.rollouts.begin({
        environment: target.environment.name,
        release: target.release.number,
        from: store.environments.get(target.environment.name).release,
        kind: target.kind,
        actor: request.actor,
        forcedReason: request.force ? request.reason : undefined,
        phase: protection.approvals > 0 ? 'waiting' : 'start',
        approval: passed === undefined ? undefined : store.approvals.ofJob(passed)?.id,
      });
      if (protection.approvals > 0) {
        const subject = { kind: 'rollout', rollout: rollout.id } as const;
        store.approvals.request({ subject, environment: target.environment.name, needed: protection.approvals });
      }
      return set(rollout, target);
    },
    async resume(app) {
      for (const rollout of store.rollouts.open()) {
        const release = store.releases.get(rollout.release);
        const environment = app.environments.find((each) => each.name === rollout.environment);
        if (release === undefined || environment === undefined) {
          store.rollouts.end(rollout.id, { verdict: 'undone', reason: 'its environment is gone from the config' });
        } else if (rollout.phase === 'waiting') {
          set(rollout, { environment, release, kind: rollout.kind });
        } else {
          const reason = 'the daemon ended in the middle of it';
          await settle(options, workOf(rollout, createFeed<ProgressEvent>()), { plan: planOf(rollout), reason });
        }
      }
    },
  };
}
