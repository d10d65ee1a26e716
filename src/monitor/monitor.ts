/** The room's door: everything that is deployed, that the config names and that Antler is made of is looked at, judged and shown. */

import type { Status } from '../contract/status.ts';
import type { Container } from '../engines/types.ts';
import type { Clock } from '../kit/clock.ts';
import { fillBoard, type Lately } from './board.ts';
import { createChanges } from './changes.ts';
import { findStarting, lookAtContainer, type Kept } from './container-look.ts';
import { createEnginePart, type EngineAnswer } from './engine-part.ts';
import { createObserved } from './observed.ts';
import { createProbes } from './probes/probes.ts';
import { createSelf, systemClocks, type Self } from './self.ts';
import { createStates, type State } from './states.ts';
import type { Seen } from './incidents/types.ts';
import { createSubjects } from './subjects.ts';
import { idOfPart, isOutside, keyOf, OWN, planTargets, type Wanted } from './targets.ts';
import { createTicker } from './ticker.ts';
import type { Moment, Part, Sample, SelfState, Target, TargetState, Transition } from './types.ts';
import { createWindows } from './windows.ts';

export { createAlerts, type Alerts } from './alerts/alerts.ts';
export type { Lately } from './board.ts';
export { readHistory } from './history.ts';
export { readMachine } from './machine-view.ts';
export { watchMachine } from './machine.ts';
export { createRecorder } from './recorder.ts';
export { createIncidents, type Incidents } from './incidents/incidents.ts';
export type { Deploy } from './incidents/types.ts';
export { metricsText, type VersionFact } from './prometheus/metrics.ts';
export { PROMETHEUS_TYPE } from './prometheus/text.ts';
export { readBurns, type Burn } from './slo.ts';
export type { Wanted } from './targets.ts';

/** From the begin of a first failure, and of a first success of what was down. */
const AGAIN_MS = 3000;
/** What is down is looked at more often: people wait for it. Not so outside, where nobody has asked for it. */
const DOWN_MS = 5000;
/** What has just been started is given a moment. */
const STARTED_MS = 1000;
/** A cold start on a small board takes seconds. */
const ENGINE_MS = 15_000;
/** Figures move all the time: who follows the board sees them so often. */
const FIGURES_TICKS = 5;
/** How often the engine is asked of what a rollout starts. */
const STARTING_TICKS = 2;
const EDGE_PART = keyOf({ environment: '', service: OWN, release: '', replica: '', check: 'edge' });

/** What the record's truths are set against. */
export interface Looks {
  readonly containers: readonly Container[];
  /** The last look through the virtual address. */
  readonly edge: (environment: string, service: string) => Sample | undefined;
  /** The last look at a replica's own address, by the edge's name of it. */
  readonly direct: (environment: string, service: string, replica: string) => Sample | undefined;
}

export interface MonitorOptions {
  readonly clock: Clock;
  /** Monotonic milliseconds, by which durations are counted; the process’s own by default. */
  readonly steady?: () => number;
  /** What shall be so; asked once a second. The same object as long as nothing has changed. Where it throws (a database that cannot be read) what was known stays. */
  readonly wanted: () => Wanted;
  /** The engine's list; asked only when something has happened. */
  readonly containers: (signal: AbortSignal) => Promise<readonly Container[]>;
  /** What the keeper thinks of a container that shall run. */
  readonly keeper: (container: string) => Kept;
  readonly alive: Readonly<Record<Exclude<Part, 'engine'>, (signal: AbortSignal) => Promise<boolean>>>;
  /** The record as a board without anything that was watched. */
  readonly record: (looks: Looks) => Status;
  readonly lately?: (environment: string, service: string) => Partial<Lately> | undefined;
  /** Open ones. */
  readonly incidents?: () => Status['incidents'];
  readonly notices?: () => readonly string[];
  readonly onSample?: (sample: Sample) => void;
  readonly onTransition?: (transition: Transition) => void;
  readonly self?: Self;
  /** The monitor's life. */
  readonly signal: AbortSignal;
}

export interface Monitor {
  /** Watches until the signal. */
  run(): Promise<void>;
  /** The record has changed: looked at now, not in a second. */
  retarget(): void;
  /** Something happened to a container: it ended, it runs again, it is given up. */
  poke(container: string): void;
  /** The engine was needed: did it answer? It is never woken for a look. */
  engineWas(answer: EngineAnswer): void;
  /** Looks at every service and part once now; who asks meanwhile gets the same look. */
  checkNow(signal: AbortSignal): Promise<void>;
  /** The contract's board, of what was seen last. Throws `instance/absent` before there is an app. */
  board(): Status;
  /** At once, and whenever the board has changed; at most twice a second. */
  changes(signal: AbortSignal): AsyncIterable<void>;
  /** Something else that the board shows has changed. */
  ring(): void;
  seen(): Seen;
  targets(): readonly TargetState[];
  self(): SelfState;
}

export function createMonitor(options: MonitorOptions): Monitor {
  const { clock, steady = () => performance.now(), signal: life } = options;
  const now = (): Moment => ({ at: clock.now(), steady: steady() });
  const self = options.self ?? createSelf(systemClocks(options.signal));
  const states = createStates();
  const windows = createWindows();
  const changes = createChanges();
  let wanted: Wanted = { services: [], rollouts: [], monitors: [] };
  let checking: Promise<void> | undefined;
  let cached: Status | undefined;
  let ticks = 0;

  const observed = createObserved({
    list: async (signal) => {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(ENGINE_MS)]);
      const list = await engine.asked(async () => options.containers(limited));
      engine.was({ well: true, detail: 'answers' });
      return list;
    },
    onProblem: () => engine.was({ well: false, detail: 'does not answer' }),
  });
  const engine = createEnginePart({
    ask: async (signal) => observed.refresh(signal),
    onFailure: () => ticker.again(keyOf(idOfPart('engine')), 0),
  });
  const subjects = createSubjects({ states, windows, container: (name) => observed.byName(name), engineSuspect: () => engine.suspect() });

  const probes = createProbes({
    clock,
    self,
    container: (name) => lookAtContainer(name, options.keeper, observed),
    part: async (part, signal) => {
      if (part === 'engine') return engine.look(signal);
      const alive = await options.alive[part](signal);
      return { outcome: alive ? 'good' : 'bad', detail: alive ? 'answers' : 'does not answer' };
    },
  });

  const changed = (): void => {
    cached = undefined;
    changes.ring();
  };
  const fold = (): void => {
    const transitions = subjects.fold(wanted, now());
    for (const transition of transitions) options.onTransition?.(transition);
    if (transitions.length > 0) changed();
  };
  const ticker = createTicker({
    now: () => performance.now(),
    signal: life,
    onTick() {
      self.tick();
      follow();
      fold(); // windows close by themselves
      ticks += 1;
      const starting = ticks % STARTING_TICKS === 0 ? findStarting(wanted, observed) : undefined;
      if (starting !== undefined) happened(starting);
      if (ticks % FIGURES_TICKS === 0) changed();
    },
    async look(target, signal) {
      const sample = await probes.look(target, { before: states.get(target.key)?.last, signal });
      if (sample === undefined) return;
      const added = states.add(sample, steady());
      if (added === undefined) return;
      if (added.undecided) ticker.again(target.key, Math.max(0, AGAIN_MS - sample.ms));
      else if (added.state.verdict === 'down' && !isOutside(target.id)) ticker.again(target.key, DOWN_MS);
      if (sample.outcome === 'bad' && target.id.check === 'edge' && target.probe.kind === 'http') ticker.again(EDGE_PART, 0); // is it the edge?
      if (!added.starting) options.onSample?.(sample);
      if (!added.changed) return; // folding all for each of many good looks would cost more than the looks
      changed();
      fold();
    },
  });

  /** The record, if it has changed. */
  function follow(): void {
    let next: Wanted;
    try {
      next = options.wanted();
    } catch {
      return; // what was known stays: a database that cannot be read says nothing of a service
    }
    windows.set(next, steady());
    if (next === wanted) return;
    wanted = next;
    const targets = planTargets(next);
    states.retarget(targets, now());
    ticker.retarget(targets);
    happened();
  }

  /** Engine and board are asked again. */
  function happened(container?: string): void {
    observed.spoil();
    changed();
    const about = states
      .all()
      .filter(({ target: { probe } }) => probe.kind === 'container' && (container === undefined || probe.name === container));
    void ticker.lookNow(about.map(({ target }) => target)); // what the keeper says is known at once
    void afresh(about);
  }

  async function afresh(about: readonly State[]): Promise<void> {
    await observed.refresh(life);
    await ticker.lookNow(about.map(({ target }) => target));
    changed();
    fold(); // what the engine lists has a say of its own
  }

  const ofService = ({ target: { id } }: State, environment: string, service: string): boolean =>
    id.environment === environment && id.service === service;
  const edgeOf = (environment: string, service: string): State | undefined =>
    states.all().find((state) => state.target.id.check === 'edge' && environment !== '' && ofService(state, environment, service));

  async function checkAll(signal: AbortSignal): Promise<void> {
    follow();
    observed.spoil();
    const targets = states.all().flatMap(({ target }) => (isOutside(target.id) ? [] : target));
    // What the engine knows is asked once it has answered.
    const [later, now] = [targets.filter(isOfEngine), targets.filter((target) => !isOfEngine(target))];
    await Promise.all([observed.refresh(signal), ticker.lookNow(now)]);
    await ticker.lookNow(later);
    changed();
    fold();
  }

  return {
    async run() {
      follow();
      try {
        await ticker.run();
      } finally {
        probes[Symbol.dispose]();
      }
    },
    retarget: follow,
    poke(container) {
      const touched = states.all().find(({ target: { probe } }) => probe.kind === 'container' && probe.name === container);
      if (touched === undefined) return;
      const { environment, service } = touched.target.id;
      const { kind, end } = options.keeper(container);
      if (kind !== 'running' && end !== undefined) observed.ended(container, end); // an engine that does not answer does not tell
      happened(container);
      const others = states.all().filter((state) => ofService(state, environment, service) && state.target.probe.kind !== 'container');
      if (kind === 'running') for (const { target } of others) ticker.again(target.key, STARTED_MS);
      else void ticker.lookNow(others.map(({ target }) => target));
    },
    engineWas: (answer) => engine.was(answer),
    async checkNow(signal) {
      checking ??= checkAll(life).finally(() => (checking = undefined));
      await checking;
      signal.throwIfAborted();
    },
    board() {
      if (cached !== undefined) return cached;
      const status = options.record({
        containers: observed.containers(),
        edge: (environment, service) => edgeOf(environment, service)?.last,
        direct: (environment, service, replica) =>
          states
            .all()
            .find(
              (state) =>
                state.target.id.check === 'direct' && state.target.id.replica === replica && ofService(state, environment, service),
            )?.last,
      });
      cached = fillBoard(status, {
        subject: (environment, service) => subjects.of(environment, service),
        edge: edgeOf,
        lately: options.lately ?? (() => undefined),
        states: states.all(),
        incidents: options.incidents?.() ?? [],
        notices: options.notices?.() ?? [],
      });
      return cached;
    },
    changes: (signal) => changes.follow(signal),
    ring: changed,
    seen: () => subjects.seen(now()),
    targets: () => states.all(),
    self: () => self.state(),
  };
}

function isOfEngine({ probe }: Target): boolean {
  return probe.kind === 'container' || (probe.kind === 'part' && probe.part === 'engine');
}
