/** Commands with an environment of their own in a container in memory: true, false, cat, env, pwd, sleep, `sh -c 'exit N'`. */

import type { SpawnedIn, SpawnInOptions } from '../types.ts';
import { execInMemory } from './exec.ts';

const CODES: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGKILL: 137, SIGTERM: 143 };

/** `life`: of its container. */
export function spawnInMemory({ argv, env, cwd, together, onOutput }: SpawnInOptions, life: AbortSignal): SpawnedIn {
  const killed = Promise.withResolvers<number>();
  const kill = (name: NodeJS.Signals): void => killed.resolve(CODES[name] ?? 129);
  life.addEventListener('abort', () => kill('SIGKILL'), { once: true });

  async function runs(): Promise<number> {
    const [program] = argv;
    const say = async (...lines: readonly string[]): Promise<number> => {
      await onOutput(Buffer.from(lines.map((line) => `${line}\n`).join('')), 'stdout');
      return 0;
    };
    if (program === 'env') return say(...Object.entries(env).map(([name, value]) => `${name}=${value}`));
    if (program === 'pwd') return say(cwd);
    if (program === 'sleep') return killed.promise;
    let exitCode = 0;
    for await (const event of execInMemory({ argv, signal: life })) {
      if (event.kind === 'output') await onOutput(event.bytes, together === true ? 'stdout' : event.stream);
      else exitCode = event.exitCode;
    }
    return exitCode;
  }
  return { exit: Promise.race([runs(), killed.promise]), kill, killTree: async () => kill('SIGKILL') };
}
