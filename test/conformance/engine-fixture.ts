/** What the engine suite needs from an implementation, and its small tools. */

import { LABELS } from '../../src/engines/engines.ts';
import type { ContainerSpec, Engine, LogLine, SpawnInOptions } from '../../src/engines/types.ts';

/** What the process in a container does. */
export const BEHAVIOURS = {
  /** Runs until it is told to end, then ends with 0. */
  sleeps: 'sleeps',
  /** Runs, and does not listen to SIGTERM. */
  stubborn: 'stubborn',
  /** Ends at once with 0. */
  done: 'done',
  /** Ends at once with 3. */
  crashes: 'crashes',
  /** Takes more memory than it may. */
  greedy: 'greedy',
  /** Prints `out 1`, `err 2`, `out 3` in this order, then runs on. */
  prints: 'prints',
} as const;

export type BehaviourName = keyof typeof BEHAVIOURS;

export interface EngineFixture {
  readonly engine: Engine;
  readonly instance: string;
  /** Another instance's engine on the same machine. */
  readonly neighbour: Engine;
  /** An image (and command) that behaves so. Its commands `true`, `false`, `cat` and `sh -c 'exit 7'` work in exec. */
  readonly behave: (name: BehaviourName) => Pick<ContainerSpec, 'image' | 'command'>;
  /** `10.x.y`: a free /24. */
  readonly net: string;
  readonly network: string;
  /** Made unique by the fixture; everything of that prefix is removed by it at the end. */
  readonly prefix: string;
  /** SIGTERM's grace that the implementation can keep, in milliseconds. */
  readonly graceMs: number;
}

/** Each name's own address, the same each time. */
const hosts = new Map<string, number>();

export function specOf(
  fixture: EngineFixture,
  name: string,
  more: Partial<ContainerSpec> & { readonly does?: BehaviourName } = {},
): ContainerSpec {
  const { does = 'sleeps', ...rest } = more;
  if (!hosts.has(name)) hosts.set(name, 10 + (hosts.size % 200));
  return {
    name: `${fixture.prefix}-${name}`,
    ...fixture.behave(does),
    env: { ANTLER_APP: 'conformance' },
    labels: { [LABELS.app]: 'conformance', [LABELS.service]: name },
    network: fixture.network,
    address: `${fixture.net}.${hosts.get(name)}`,
    hosts: { backend: `${fixture.net}.250` },
    idBase: 1_000_000,
    memory: 32 * 1024 * 1024,
    cpus: 0.5,
    pids: 64,
    hardened: false,
    volumes: [],
    ...rest,
  };
}

export async function run(
  engine: Engine,
  name: string,
  options: Parameters<Engine['exec']>[1],
): Promise<{ readonly stdout: string; readonly stderr: string; readonly exitCode: number | undefined }> {
  const said = { stdout: '', stderr: '' };
  let exitCode: number | undefined;
  for await (const event of engine.exec(name, options)) {
    if (event.kind === 'exit') exitCode = event.exitCode;
    else said[event.stream] += Buffer.from(event.bytes).toString('utf8');
  }
  return { ...said, exitCode };
}

/** What a shell, or a line of text, could take apart. */
export const WORDS = '$(id) "two  words"; \'é\' 🫎';

export async function spawned(
  engine: Engine,
  name: string,
  { argv, signal }: Pick<SpawnInOptions, 'argv' | 'signal'>,
): Promise<{ readonly stdout: string; readonly stderr: string; readonly exitCode: number }> {
  const said = { stdout: '', stderr: '' };
  const { exit } = await engine.spawn(name, {
    argv,
    env: { PATH: '/bin', WORDS },
    cwd: '/tmp',
    onOutput: (bytes, stream) => void (said[stream] += Buffer.from(bytes).toString('utf8')),
    signal,
  });
  const exitCode = await exit;
  return { ...said, exitCode };
}

export async function all(lines: AsyncIterable<LogLine>): Promise<LogLine[]> {
  const seen: LogLine[] = [];
  for await (const line of lines) seen.push(line);
  return seen;
}

export async function take(lines: AsyncIterable<LogLine>, count: number): Promise<LogLine[]> {
  const seen: LogLine[] = [];
  for await (const line of lines) {
    seen.push(line);
    if (seen.length === count) break;
  }
  return seen;
}

export async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}
