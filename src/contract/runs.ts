/** Workflow runs in GitHub's words, and what streams of them. */

import { z } from 'zod';

import { waitingEvent } from './events.ts';
import { releaseId, time } from './releases.ts';

const conclusion = z.enum(['success', 'failure', 'cancelled', 'skipped']);
export type Conclusion = z.infer<typeof conclusion>;
const runState = z.enum(['queued', 'in_progress', 'completed']);
const jobState = z.enum(['queued', 'waiting', 'in_progress', 'completed']);

export const runId = z.coerce.number().int().positive();

const runSummary = z.object({
  id: z.number(),
  number: z.number().describe('Of its workflow, from 1'),
  attempt: z.number(),
  workflow: z.string(),
  path: z.string(),
  event: z.string(),
  ref: z.string(),
  sha: z.string(),
  title: z.string().describe('First line of the commit’s message'),
  actor: z.string(),
  state: runState,
  conclusion: conclusion.nullable(),
  reason: z.string().nullable(),
  release: releaseId.nullable().describe('What a job of it built'),
  createdAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
});
export type RunSummary = z.infer<typeof runSummary>;

const jobView = z.object({
  key: z.string().describe('Unique in the run'),
  name: z.string(),
  needs: z.array(z.string()),
  state: jobState,
  conclusion: conclusion.nullable(),
  environment: z.string().nullable(),
  reason: z.string().nullable(),
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  steps: z.array(
    z.object({
      number: z.number(),
      name: z.string(),
      state: z.enum(['in_progress', 'completed']),
      conclusion: conclusion.nullable(),
      startedAt: time,
      endedAt: time.nullable(),
    }),
  ),
});

export const run = runSummary.extend({ jobs: z.array(jobView) });
export type Run = z.infer<typeof run>;
export const runs = z.object({ runs: z.array(runSummary) });

export const jobEvent = z.object({
  kind: z.literal('job'),
  time,
  job: z.string(),
  name: z.string(),
  needs: z.array(z.string()),
  state: jobState,
  conclusion: conclusion.optional(),
  environment: z.string().optional(),
  reason: z.string().optional(),
});

export const jobStepEvent = z.object({
  kind: z.literal('job-step'),
  time,
  job: z.string(),
  number: z.number(),
  name: z.string(),
  state: z.enum(['in_progress', 'completed']),
  conclusion: conclusion.optional(),
});

export const lineEvent = z.object({
  kind: z.literal('line'),
  time,
  job: z.string(),
  step: z.number(),
  type: z.enum(['output', 'command', 'group', 'endgroup', 'error', 'warning', 'notice', 'debug', 'system']),
  text: z.string(),
  where: z.record(z.string(), z.string()).optional(),
});

export const runEvent = z.object({
  kind: z.literal('run'),
  time,
  run: z.number(),
  name: z.string(),
  state: runState,
  conclusion: conclusion.optional(),
  reason: z.string().optional(),
});

/** What follows a run: its states, its lines, and the approvals that it waits for. */
export const runEvents = z.discriminatedUnion('kind', [runEvent, jobEvent, jobStepEvent, lineEvent, waitingEvent]);
export type RunEvent = z.infer<typeof runEvents>;
