/** Commands around git: what git itself runs, and pushes for people who do not like remotes. */

import type { Arg, Command, Option } from './command.ts';

const PATH: Arg = { name: 'PATH', summary: 'HOME/repos/APP.git' };
const NAME: Arg = { name: 'NAME', summary: 'Whose key it is: letters, digits, ., _ and -' };
const USER: Option = { type: 'text', value: 'USER', summary: 'The account to push as; you by default' };

export const gitCommands: readonly Command[] = [
  {
    name: 'push',
    summary: 'Push to the instance, and follow what that starts',
    group: 'Git',
    kind: 'api',
    args: [
      { name: 'REF', summary: 'Branches, tags, FROM:TO as git knows them; the current branch by default', rest: true, optional: true },
    ],
    options: {
      force: { type: 'flag', short: 'f', summary: 'Also where the history was rewritten' },
      'no-wait': { type: 'flag', summary: 'End as soon as the push is there; its runs go on' },
      'pull-request': { type: 'text', value: 'BASE', summary: 'As a pull request of the current branch into BASE' },
    },
    examples: [
      { line: 'antler push', does: 'The current branch; ends 1 where a run of it fails' },
      { line: 'antler push v1.2 main:staging', does: 'A tag, and main as another branch' },
      { line: 'antler push --pull-request main', does: 'Again after more commits: the same pull request' },
    ],
    json: '`{refs, exitCode}`; what git and the runs say is on standard error',
    exits: { 0: 'the push is there, and every run succeeded', 1: 'git refused, or a run failed' },
    load: () => import('./commands/push.ts'),
  },
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
  {
    name: 'keys add',
    summary: 'Let a key push and fetch over SSH, and nothing else',
    group: 'Git',
    kind: 'local',
    args: [NAME, { name: 'KEY', summary: 'A .pub file, or its line in quotes' }],
    options: { user: USER },
    examples: [{ line: 'antler keys add ada ada.pub', does: 'Then, elsewhere: `git push USER@HOST:APP.git`' }],
    json: '`{name, type, user, file, changed}`',
    load: () => import('./commands/keys-add.ts'),
  },
  {
    name: 'keys ls',
    summary: 'List the keys that may push to this instance',
    group: 'Git',
    kind: 'local',
    options: { user: USER },
    json: '`{user, file, keys: [{name, type, fingerprint}]}`',
    load: () => import('./commands/keys-ls.ts'),
  },
  {
    name: 'keys rm',
    summary: 'Take a key away; its next connection is refused',
    group: 'Git',
    kind: 'local',
    args: [NAME],
    options: { user: USER },
    json: '`{name, user, file}`',
    load: () => import('./commands/keys-rm.ts'),
  },
  {
    name: 'ssh-serve',
    summary: 'What sshd runs for a key of `antler keys`',
    group: 'Git',
    kind: 'api',
    json: 'git’s own stream on standard output',
    exits: { 0: 'the push is there, and every run succeeded', 1: 'a run failed' },
    load: () => import('./commands/ssh-serve.ts'),
  },
];
