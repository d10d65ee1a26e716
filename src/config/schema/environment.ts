/** `environments.*`: run-time facts and the rules of promotion; never a build input. */

import { z } from 'zod';

import { runtime } from './service.ts';
import { branch, duration, listen, name, whole } from './values.ts';

const strategy = z.strictObject(
  {
    steps: z
      .array(whole(1, 100), { error: 'a list of percentages, e.g. [10, 50, 100]' })
      .min(1, { error: 'a list of percentages, e.g. [10, 50, 100]' })
      .max(20, { error: 'at most 20 steps' })
      .default([100])
      .describe('Percent of the traffic on the new release, ascending; the last is 100.'),
    bake: duration('0s', '24h')
      .optional()
      .describe(
        'How long each step is watched before the next one; a failure goes back. Unset: 5s in the last environment where it has `from`, else none.',
      ),
  },
  { error: 'an object, e.g. { steps: [10, 50, 100], bake: "30s" }' },
);

const overlay = z.strictObject(runtime, { error: 'an object, e.g. { env: { LOG_LEVEL: "debug" } }' });

export const environment = z.strictObject(
  {
    port: whole(1, 65_535).describe('Port on the machine that leads to the exposed service.'),
    listen: listen().optional().describe('Who reaches the port: `any`, `loopback`, or one address of the machine.'),
    from: name().optional().describe('The upstream environment: only what was verified there comes in by promotion.'),
    soak: duration('0s', '30d').default('0s').describe('How long a release must have been well upstream before it may come.'),
    approve: whole(0, 10).default(0).describe('How many people must approve a rollout.'),
    branches: z
      .array(branch(), { error: 'a list of branch names or globs, e.g. ["main", "release/*"]' })
      .min(1, { error: 'a list of branch names or globs, e.g. ["main", "release/*"]' })
      .max(50, { error: 'at most 50 branches' })
      .optional()
      .describe('Only workflow runs of these branches may deploy here; `*` stops at a slash. Unset: of every branch.'),
    replicas: whole(1, 20).optional().describe('Containers side by side, where a service does not say its own.'),
    strategy: strategy.optional().describe('How traffic moves to a new release.'),
    services: z
      .record(name(), overlay, { error: 'an object by service name' })
      .default({})
      .describe('What differs here, by service: run-time facts only, as an image is built once and then only moved.'),
  },
  { error: 'an object, e.g. { port: 30008 }' },
);
