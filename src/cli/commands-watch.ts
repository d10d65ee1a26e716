/** Commands about what was watched: incidents, and who is told of them. */

import type { Arg, Command } from './command.ts';

const ID: Arg = { name: 'ID', summary: 'Number of the incident: antler incidents' };
const ONE = '`{id, cause, title, severity, environment, subjects, release, openedAt, closedAt, acknowledged, timeline}`';

export const watchCommands: readonly Command[] = [
  {
    name: 'incidents',
    summary: 'List incidents, or show one with its timeline',
    group: 'Look',
    kind: 'api',
    args: [{ ...ID, optional: true }],
    options: {
      open: { type: 'flag', summary: 'Only those that are open' },
      limit: { type: 'text', value: 'N', summary: 'How many; 20 by default' },
    },
    examples: [{ line: 'antler incidents 7', does: 'What happened when, which releases were rolled out around it, who was told' }],
    json: `\`{incidents}\`; of one ${ONE}`,
    load: () => import('./commands/incidents.ts'),
  },
  {
    name: 'incidents ack',
    summary: 'Say that somebody is on it: nobody is reminded any more',
    group: 'Look',
    kind: 'api',
    args: [ID],
    json: ONE,
    load: () => import('./commands/incidents-ack.ts'),
  },
  {
    name: 'incidents note',
    summary: 'Write into the timeline of an incident',
    group: 'Look',
    kind: 'api',
    args: [ID, { name: 'TEXT', summary: 'What there is to know; several words need no quotes', rest: true }],
    examples: [{ line: 'antler incidents note 7 the disk was full', does: 'With your name and the time' }],
    json: ONE,
    load: () => import('./commands/incidents-note.ts'),
  },
  {
    name: 'notify test',
    summary: 'Send a test through every channel of `alerts`, or one',
    group: 'Look',
    kind: 'api',
    args: [{ name: 'CHANNEL', summary: 'Name of a webhook or command in the config', optional: true }],
    json: '`{results: [{channel, ok, detail, ms}]}`',
    exits: { 0: 'each of them was told', 1: 'one of them was not' },
    load: () => import('./commands/notify-test.ts'),
  },
];
