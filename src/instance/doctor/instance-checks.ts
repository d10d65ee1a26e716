/** Looks at an instance's own parts: does each answer, and what to type where it does not. */

import { exec } from '../../kit/exec.ts';
import { AntlerError, hasCode } from '../../kit/errors.ts';
import { createSupervisor } from '../../host/host.ts';
import type { Supervisor } from '../../host/types.ts';
import { askEdge } from '../../edge/edge.ts';
import { readEngineFacts, type EngineFacts } from '../../engines/engines.ts';
import { askHealth } from '../health.ts';
import { placeOf } from '../machine.ts';
import { pathsOf, serviceNames } from '../paths.ts';
import type { Instance } from '../types.ts';
import type { Finding } from './finding.ts';
import { memoryIsLimited } from './probe.ts';

/** Milliseconds until somebody counts as silent: asked once, on a machine that may be small and busy, not least with these checks. */
const PATIENCE = 15_000;
export const ABSENT = 'not there yet: `antler up` makes it';

export async function checkServices(instance: Instance, signal: AbortSignal): Promise<readonly Finding[]> {
  const supervisor = createSupervisor(placeOf(instance));
  return Promise.all([
    checkDaemon(instance, supervisor, signal),
    checkEdge(instance, supervisor, signal),
    checkRegistry(instance, supervisor, signal),
  ]);
}

async function checkDaemon(instance: Instance, supervisor: Supervisor, signal: AbortSignal): Promise<Finding> {
  const health = await askHealth(instance.home, signal, PATIENCE);
  if (health !== undefined) {
    return {
      check: 'daemon',
      state: 'ok',
      detail: `answers as process ${health.pid} since ${health.startedAt}, version ${health.version}`,
    };
  }
  return failing('daemon', await describe(supervisor, serviceNames(instance.id).daemon, signal));
}

async function checkEdge({ id, home }: Instance, supervisor: Supervisor, signal: AbortSignal): Promise<Finding> {
  const name = serviceNames(id).edge;
  try {
    const version = await askEdge(pathsOf(home).edge, signal);
    return { check: 'edge', state: 'ok', detail: `HAProxy ${version} answers; ${(await supervisor.state(name, signal)).text}` };
  } catch (error) {
    if (!hasCode(error, 'edge/unreachable')) throw error;
    const { running, pid } = await supervisor.state(name, signal);
    const found = failing('edge', await describe(supervisor, name, signal));
    // `up` leaves alone what runs
    return running && pid !== undefined ? { ...found, hint: `Type \`kill -9 ${pid}\`: it is started again within a second` } : found;
  }
}

async function checkRegistry(instance: Instance, supervisor: Supervisor, signal: AbortSignal): Promise<Finding> {
  const address = `127.0.0.1:${instance.registryPort}`;
  try {
    const answer = await fetch(`http://${address}/v2/`, { signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]) });
    if (answer.ok) return { check: 'registry', state: 'ok', detail: `answers on ${address}` };
    return failing('registry', `${address} answers ${answer.status}`);
  } catch {
    signal.throwIfAborted();
    return failing('registry', `${address} does not answer; ${await describe(supervisor, serviceNames(instance.id).registry, signal)}`);
  }
}

function failing(check: string, detail: string): Finding {
  return { check, state: 'todo', detail, hint: 'Type `antler up`' };
}

async function describe(supervisor: Supervisor, name: string, signal: AbortSignal): Promise<string> {
  const state = await supervisor.state(name, signal);
  const lines = await supervisor.lines(name, 1, signal).catch(() => []);
  return `${name} ${state.running ? 'runs but does not answer' : 'does not run'} (${state.text})${lines.length > 0 ? `: ${lines.join(' ')}` : ''}`;
}

/** Can Podman work here at all, and are limits enforced: a container that exceeds one proves it. */
export async function checkEngine(instance: Instance | undefined, signal: AbortSignal): Promise<readonly Finding[]> {
  const facts = await readEngineFacts();
  let version: string;
  try {
    version = (await exec(['podman', '--version'], { signal })).stdout.trim();
  } catch (error) {
    if (!hasCode(error, 'kit/exec-missing')) throw error;
    return [
      { check: 'engine', state: 'absent', detail: `Podman is ${ABSENT}` },
      { check: 'cgroups', ...cgroupsByReading(facts) },
    ];
  }
  const what = `${version}, cgroups ${facts.cgroups}`;
  if (instance === undefined) {
    return [
      { check: 'engine', state: 'ok', detail: what },
      { check: 'cgroups', ...cgroupsByReading(facts) },
    ];
  }
  const { home, id } = instance;
  try {
    const limited = await memoryIsLimited({ id, home, env: { CONTAINERS_CONF: pathsOf(home).engineConf }, signal });
    return [{ check: 'engine', state: 'ok', detail: `${what}; ran a container` }, limited ? ENFORCED : NOT_ENFORCED];
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof AntlerError ? (error.lines.at(-1) ?? error.message) : String(error);
    return [{ check: 'engine', state: 'todo', detail: `${what}; could not run a container: ${why}`, hint: 'Type `antler up`' }];
  }
}

const ENFORCED: Finding = { check: 'cgroups', state: 'ok', detail: 'a container that took more memory than its limit was ended' };
const NOT_ENFORCED: Finding = {
  check: 'cgroups',
  state: 'todo',
  detail: 'a container took more memory than its limit and went on: the memory controller is off',
  hint: 'Add `cgroup_enable=memory cgroup_memory=1` to the line of /boot/firmware/cmdline.txt (Raspberry Pi) or to GRUB_CMDLINE_LINUX, then restart the machine',
};

function cgroupsByReading({ cgroups }: EngineFacts): Omit<Finding, 'check'> {
  if (cgroups !== 'none') return { state: 'ok', detail: `cgroups ${cgroups}; whether limits are enforced is proved after \`antler up\`` };
  return { state: 'todo', detail: 'no cgroups are mounted: nothing can be limited', hint: 'Start the machine with systemd, or mount them' };
}
