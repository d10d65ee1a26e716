/** The engine suite on the engine in memory. */

import { randomBytes } from 'node:crypto';

import { engineConformance } from '../../../test/conformance/engine.ts';
import type { BehaviourName } from '../../../test/conformance/engine-fixture.ts';
import { createMemoryMachine, type MemoryBehaviour } from './machine.ts';
import { createMemoryEngine } from './memory.ts';

const BEHAVIOURS: Readonly<Record<BehaviourName, MemoryBehaviour>> = {
  sleeps: {},
  stubborn: { ignoresTerm: true },
  done: { ends: { afterMs: 2, exitCode: 0 } },
  crashes: { ends: { afterMs: 2, exitCode: 3 } },
  greedy: { ends: { afterMs: 2, exitCode: 137, reason: 'oom' } },
  prints: {
    prints: [
      { stream: 'stdout', text: 'out 1' },
      { stream: 'stderr', text: 'err 2' },
      { stream: 'stdout', text: 'out 3' },
    ],
  },
};

engineConformance('memory', async () => {
  const machine = createMemoryMachine();
  const instance = randomBytes(4).toString('hex');
  const image = (name: string): string => `127.0.0.1:5000/${name}@sha256:${'a'.repeat(64)}`;
  for (const name of Object.keys(BEHAVIOURS)) machine.images.add(image(name));
  const options = {
    machine,
    behave: ({ image: wanted }: { readonly image: string }) =>
      Object.entries(BEHAVIOURS).find(([name]) => image(name) === wanted)?.[1] ?? {},
    pullable: (reference: string) => machine.images.has(reference),
  };
  return {
    engine: createMemoryEngine({ ...options, instance }),
    neighbour: createMemoryEngine({ ...options, instance: `${instance}-other` }),
    instance,
    behave: (name) => ({ image: image(name) }),
    net: '10.99.0',
    network: 'memory',
    prefix: 'memory',
    graceMs: 20,
  };
});
