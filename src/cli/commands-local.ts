/** Commands that work without a daemon. */

import type { Command } from './command.ts';

export const localCommands: readonly Command[] = [
  {
    name: 'version',
    summary: 'Show the versions of Antler and of the Node that runs it',
    group: 'Antler',
    kind: 'local',
    json: '`{version, node, platform}`',
    load: () => import('./commands/version.ts'),
  },
];
