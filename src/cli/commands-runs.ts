/** Commands about the daemon's workflow runs. */

import type { Arg, Command } from './command.ts';

const ID: Arg = { name: 'ID', summary: 'Number of the run: antler runs' };
const EVENTS = 'Events (`kind`: run, job, job-step, line, waiting), one a line; the last line is the run';
const EXITS = { 0: 'it succeeded', 1: 'it failed or was canceled', 2: 'it goes on' };

export const runCommands: readonly Command[] = [
  {
    name: 'runs',
    summary: 'List workflow runs, newest first',
    group: 'Workflows',
    kind: 'api',
    options: { limit: { type: 'text', value: 'N', summary: 'How many; 20 by default' } },
    json: '`{runs}`',
    load: () => import('./commands/runs.ts'),
  },
  {
    name: 'run logs',
    summary: 'Show a run: its jobs, steps and output',
    group: 'Workflows',
    kind: 'api',
    args: [ID],
    options: {
      follow: { type: 'flag', short: 'f', summary: 'Go on to its end; Ctrl-C leaves it running' },
      job: { type: 'text', value: 'KEY', summary: 'Only this job, by its key: `build`, `test (1)`' },
      verbose: { type: 'flag', short: 'v', summary: 'Also each step’s script, shell and environment' },
    },
    examples: [{ line: 'antler run logs 7 -f', does: 'Live, from the beginning' }],
    json: EVENTS,
    exits: EXITS,
    load: () => import('./commands/run-logs.ts'),
  },
  {
    name: 'run cancel',
    summary: 'Cancel a run: SIGINT, SIGTERM, then its jobs’ containers go',
    group: 'Workflows',
    kind: 'api',
    args: [ID],
    json: 'The run',
    load: () => import('./commands/run-cancel.ts'),
  },
  {
    name: 'run rerun',
    summary: 'Run it again, as the next attempt',
    group: 'Workflows',
    kind: 'api',
    args: [ID],
    options: {
      failed: { type: 'flag', summary: 'Only jobs that failed, and those after them' },
      'no-wait': { type: 'flag', summary: 'End as soon as it has begun' },
    },
    json: EVENTS,
    exits: EXITS,
    load: () => import('./commands/run-rerun.ts'),
  },
  {
    name: 'dispatch',
    summary: 'Start a workflow that has workflow_dispatch',
    group: 'Workflows',
    kind: 'api',
    args: [
      { name: 'WORKFLOW', summary: 'File name, path or name' },
      { name: 'INPUTS', summary: 'NAME=VALUE, as many as it has inputs', optional: true, rest: true },
    ],
    options: {
      ref: { type: 'text', value: 'REF', summary: 'Branch or tag; the default branch by default' },
      'no-wait': { type: 'flag', summary: 'End as soon as it has begun' },
    },
    examples: [{ line: 'antler dispatch delivery.yml reason="try again"', does: 'Followed to its end' }],
    json: EVENTS,
    exits: EXITS,
    load: () => import('./commands/dispatch.ts'),
  },
];
