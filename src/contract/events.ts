/** What streams: one JSON object a line. Every stream ends with `result` or `error`. */

import { z } from 'zod';

import { time } from './releases.ts';

export const errorBody = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  at: z.string().optional(),
  problems: z
    .array(z.object({ at: z.string(), message: z.string(), hint: z.string().optional(), source: z.string().optional() }))
    .optional(),
  lines: z.array(z.string()).optional(),
});

/** Progress of anything long: `up`, builds, rollouts. */
export const stepEvent = z.object({
  kind: z.literal('step'),
  time,
  step: z.string().describe('Stable key, e.g. `build/backend`, `prod/shift/50`'),
  title: z.string().describe('For people'),
  state: z.enum(['start', 'done', 'failed', 'skipped']),
  ms: z.number().optional(),
  detail: z.string().optional(),
});
export type StepEvent = z.infer<typeof stepEvent>;

/** What will come, in order: the steps that have not started are shown dim. A later plan replaces what is still to come. */
export const planEvent = z.object({ kind: z.literal('plan'), time, steps: z.array(z.object({ step: z.string(), title: z.string() })) });
export type PlanEvent = z.infer<typeof planEvent>;

export const outputEvent = z.object({ kind: z.literal('output'), time, step: z.string(), line: z.string() });
export type OutputEvent = z.infer<typeof outputEvent>;

export const logEvent = z.object({
  kind: z.literal('log'),
  time,
  environment: z.string(),
  service: z.string(),
  replica: z.string(),
  release: z.string(),
  stream: z.enum(['stdout', 'stderr']),
  text: z.string(),
});
export type LogEvent = z.infer<typeof logEvent>;

export const execEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('data'), stream: z.enum(['stdout', 'stderr']), base64: z.string() }),
  z.object({ kind: z.literal('exit'), exitCode: z.number() }),
]);

export const errorEvent = z.object({ kind: z.literal('error'), error: errorBody });
export type ErrorEvent = z.infer<typeof errorEvent>;

export const waitingEvent = z.object({
  kind: z.literal('waiting'),
  time,
  approval: z.string(),
  environment: z.string(),
  release: z.string().describe('Or `run 7` where a job waits before anything was built'),
});
export type WaitingEvent = z.infer<typeof waitingEvent>;

export type ProgressEvent = PlanEvent | StepEvent | OutputEvent | WaitingEvent;
