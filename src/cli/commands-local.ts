/** Commands that work without a daemon. */

import type { Command, Option } from './command.ts';

const YES: Option = { type: 'flag', summary: 'Ask nothing: sudo, approvals and removals are allowed' };
const CHANGES = '`{changes: [{action, kind, text, detail}]}`';
const DIFFERS = { 0: 'nothing differs', 2: 'something differs' };

export const localCommands: readonly Command[] = [
  {
    name: 'up',
    summary: 'Bring everything up; again: only what differs',
    group: 'Start',
    kind: 'local',
    options: { yes: YES },
    examples: [
      { line: 'antler up', does: 'In the folder of antler.config.ts or one below; asks before sudo and production' },
      { line: 'antler up --yes', does: 'Asks nothing and approves production' },
    ],
    json: 'Events (`{time, step, state, ms?, detail?}`), one a line; the last line is `{app, release, environments: [{name, url}], moved, waiting}`',
    exits: { 2: 'an environment waits for an approval' },
    load: () => import('./commands/up.ts'),
  },
  {
    name: 'down',
    summary: 'Take the instance off this machine; its data stays',
    group: 'Start',
    kind: 'local',
    options: { purge: { type: 'flag', summary: 'Leave nothing: data, images, volumes, packages that only we needed' }, yes: YES },
    examples: [
      { line: 'antler down', does: 'Stop it all; `antler up` brings it back quickly' },
      { line: 'antler down --purge --yes', does: 'As if it had never been there' },
    ],
    json: '`{home, purge, found, left}`',
    load: () => import('./commands/down.ts'),
  },
  {
    name: 'doctor',
    summary: 'Is the machine fit, does everything answer: what to type',
    group: 'Start',
    kind: 'local',
    options: { yes: YES },
    json: '`{fit, findings: [{check, state, detail, hint?}]}`',
    exits: { 0: 'fit', 2: 'there is something to do' },
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'host plan',
    summary: 'Show what `host apply` would change on this machine',
    group: 'Machine',
    kind: 'local',
    options: { yes: YES },
    json: CHANGES,
    exits: DIFFERS,
    load: () => import('./commands/host-plan.ts'),
  },
  {
    name: 'host apply',
    summary: 'Change the machine as the config says',
    group: 'Machine',
    kind: 'local',
    options: { yes: YES },
    json: 'Events (`kind`: step, output), one a line; the last line is `{changed}`',
    load: () => import('./commands/host-apply.ts'),
  },
  {
    name: 'host drift',
    summary: 'Show where the machine is no longer as it was made',
    group: 'Machine',
    kind: 'local',
    options: { yes: YES },
    json: CHANGES,
    exits: DIFFERS,
    load: () => import('./commands/host-drift.ts'),
  },
  {
    name: 'host undo',
    summary: 'Stop it and put back what was there before; data stays',
    group: 'Machine',
    kind: 'local',
    options: { packages: { type: 'flag', summary: 'Also the packages that were installed and nobody else claims' }, yes: YES },
    json: '`{home, undone}`',
    load: () => import('./commands/host-undo.ts'),
  },
  {
    name: 'version',
    summary: 'Show the versions of Antler and of the Node that runs it',
    group: 'Antler',
    kind: 'local',
    json: '`{version, node, platform}`',
    load: () => import('./commands/version.ts'),
  },
];
