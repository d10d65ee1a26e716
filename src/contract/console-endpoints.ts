/** What the console's pages ask beside what the command line asks too: what was, of services, the machine and rollouts. */

import { z } from 'zod';

import { receipt, releaseId } from './releases.ts';
import { routes } from './routes.ts';
import { consoleLink, history, machine, range } from './watch.ts';

export const consoleEndpoints = {
  consoleLink: {
    ...routes.consoleLink,
    summary: 'Make a link that signs in to the console, once',
    response: consoleLink,
  },
  history: {
    ...routes.history,
    summary: 'What was watched of a service: traffic by release, checks, deploys, changes of its verdict',
    params: z.object({ environment: z.string(), service: z.string() }),
    query: z.object({ range: range.default('1h') }),
    response: history,
  },
  machine: {
    ...routes.machine,
    summary: 'The machine and the daemon: now, and over a time',
    query: z.object({ range: range.default('1d') }),
    response: machine,
  },
  receipts: {
    ...routes.receipts,
    summary: 'What rollouts proved, the newest first: of an environment, of a release, or all',
    query: z.object({
      environment: z.string().optional(),
      release: releaseId.optional(),
      limit: z.coerce.number().int().min(1).max(200).default(20),
    }),
    response: z.object({ receipts: z.array(receipt) }),
  },
} as const;
