/** From a machine to a running daemon: what `antler up` does before it speaks to it. Again = nothing differs, nothing is done. */

import type { Spec } from '../config/types.ts';
import type { OutputEvent, StepEvent } from '../contract/events.ts';
import { createSupervisor, type HostStep } from '../host/host.ts';
import { AntlerError } from '../kit/errors.ts';
import { poll } from '../kit/wait.ts';
import { askHealth, runsFrom, type Health } from './health.ts';
import { placeOf } from './machine.ts';
import { pathsOf, realHome, serviceNames } from './paths.ts';
import { applyPrepared, prepare, refuseOtherApp } from './prepare.ts';
import { judgeFitness, readFitness, refuse, wantedPorts } from './preflight.ts';
import { installProgram, type Installed } from './program.ts';
import { readInstance } from './record.ts';
import { createSteps, type Steps } from './steps.ts';
import type { Instance, Topology } from './types.ts';

/** Milliseconds that a daemon may take to answer after it was started; a small board reads its code from an SD card. */
const DAEMON_START = 60_000;

export interface RaiseOptions {
  readonly home: string;
  /** Of a new instance; one that is there keeps its own. */
  readonly portOffset: number;
  readonly spec: Spec;
  /** Users that may operate it without sudo. */
  readonly operators: readonly string[];
  readonly signal: AbortSignal;
  readonly onEvent: (event: StepEvent | OutputEvent) => void;
}

export interface Raised {
  readonly instance: Instance;
  readonly topology: Topology;
  readonly health: Health;
  readonly changed: boolean;
}

/** Throws `releases/other-app`, `edge/port-taken`, `console/port-taken`, `host/disk-floor` and others before it changes anything. */
export async function raise(options: RaiseOptions): Promise<Raised> {
  const { signal } = options;
  const steps = createSteps(options.onEvent);
  const home = realHome(options.home);
  await steps.run({ step: 'check', title: 'Check the machine' }, () => checkMachine(home, options));
  const program = await steps.run({ step: 'program', title: 'Install the program' }, async (report) => {
    const installed = await installProgram({ program: pathsOf(home).program, signal });
    report.detail(installed.changed ? installed.version : 'as it is');
    return installed;
  });
  const { instance, topology, changes } = await steps.run({ step: 'machine', title: 'Prepare the machine' }, async (report) => {
    const prepared = await prepare({ ...options, make: true });
    const onStep = ({ change, state }: HostStep): void => (state === 'start' ? report.line(change.text) : undefined);
    const made = await applyPrepared(prepared, { signal, onLine: report.line, onStep });
    report.detail(made.length === 0 ? 'nothing to do' : `${made.length} changes`);
    return { ...prepared, changes: made };
  });
  const health = await ensureDaemon({ instance, program, steps, signal });
  return { instance, topology, health, changed: program.changed || changes.length > 0 };
}

async function checkMachine(home: string, { spec, portOffset, signal }: RaiseOptions): Promise<void> {
  await refuseOtherApp(home, spec);
  const ports = wantedPorts(spec, (await readInstance(home))?.portOffset ?? portOffset);
  const numbers = ports.map(({ port }) => port);
  refuse(judgeFitness(await readFitness(home, numbers, signal), ports));
}

interface DaemonOptions {
  readonly instance: Instance;
  readonly program: Installed;
  readonly steps: Steps;
  readonly signal: AbortSignal;
}

/** The daemon runs the current program and answers. Started again it loses no request: it is not in their path. */
async function ensureDaemon({ instance, program, steps, signal }: DaemonOptions): Promise<Health> {
  const { home, id } = instance;
  const info = { step: 'daemon', title: 'Start the daemon' };
  const folder = `${pathsOf(home).program}/${program.version}`;
  const now = await askHealth(home, signal);
  if (now !== undefined && (await runsFrom(now.pid, folder))) {
    steps.skip(info, 'it runs');
    return now;
  }
  return await steps.run(info, async () => {
    const supervisor = createSupervisor(placeOf(instance));
    const name = serviceNames(id).daemon;
    // One that was started a moment ago only needs time; one that runs another program is started again.
    await (now === undefined ? supervisor.start(name, signal) : supervisor.restart(name, signal));
    const look = async (): Promise<Health | undefined> => {
      const health = await askHealth(home, signal);
      return health !== undefined && (await runsFrom(health.pid, folder)) ? health : undefined;
    };
    try {
      return await poll(look, { signal, everyMs: 50, timeoutMs: DAEMON_START, what: 'the daemon to answer' });
    } catch (error) {
      signal.throwIfAborted();
      throw new AntlerError(
        'daemon/unreachable',
        `Cannot reach the daemon as it does not answer ${DAEMON_START / 1000} s after its start`,
        {
          hint: 'Read its last lines above; type `antler doctor`',
          lines: await supervisor.lines(name, 20, signal),
          cause: error,
        },
      );
    }
  });
}
