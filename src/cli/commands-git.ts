/** Commands around git: what git itself runs, and pushes for people who do not like remotes. */

import type { Arg, Command } from './command.ts';

const PATH: Arg = { name: 'PATH', summary: 'HOME/repos/APP.git' };

export const gitCommands: readonly Command[] = [
  {
    name: 'receive-pack',
    summary: 'What git runs for remote.antler.receivepack',
    group: 'Git',
    kind: 'api',
    args: [PATH],
    json: 'git’s own stream on standard output',
    exits: { 0: 'the push is there, and every run succeeded', 1: 'a run failed' },
    load: () => import('./commands/receive-pack.ts'),
  },
  {
    name: 'upload-pack',
    summary: 'What git runs for remote.antler.uploadpack',
    group: 'Git',
    kind: 'api',
    args: [PATH],
    json: 'git’s own stream on standard output',
    load: () => import('./commands/upload-pack.ts'),
  },
];
