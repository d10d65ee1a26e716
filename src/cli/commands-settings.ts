/** Commands for the secrets and variables that workflow jobs read. */

import type { Arg, Command, Option } from './command.ts';

const NAME: Arg = { name: 'NAME', summary: 'Letters, digits and _; kept in capitals' };
const ENV: Option = { type: 'text', value: 'ENV', summary: 'Of this environment only, where it wins; else of the whole repository' };

export const settingCommands: readonly Command[] = [
  {
    name: 'secrets set',
    summary: 'Set a secret that jobs read; its value is never shown again',
    group: 'Workflows',
    kind: 'api',
    args: [NAME],
    noMore: 'take the value as a word as it would stay in the shell’s history and in the list of processes: hand it in on standard input',
    options: { env: ENV, file: { type: 'text', value: 'FILE', summary: 'Take this file as it is, to the last byte' } },
    examples: [
      { line: 'antler secrets set TOKEN', does: 'Asks for it and shows nothing; Ctrl-D ends it, so that it may have many lines' },
      { line: 'pass show token | antler secrets set TOKEN --env prod', does: 'From another program; one line end at its end is left out' },
      { line: 'antler secrets set DEPLOY_KEY --file id_ed25519', does: 'A key file needs its last line end' },
    ],
    json: '`{name, environment, updatedAt, actor}`',
    load: () => import('./commands/secrets-set.ts'),
  },
  {
    name: 'secrets ls',
    summary: 'List the secrets: where, when and by whom, never the value',
    group: 'Workflows',
    kind: 'api',
    json: '`{secrets: [{name, environment, updatedAt, actor}]}`',
    load: () => import('./commands/secrets-ls.ts'),
  },
  {
    name: 'secrets rm',
    summary: 'Remove a secret',
    group: 'Workflows',
    kind: 'api',
    args: [NAME],
    options: { env: ENV },
    json: '`{name, environment, updatedAt, actor}` as it was',
    load: () => import('./commands/secrets-rm.ts'),
  },
  {
    name: 'variables set',
    summary: 'Set a variable that jobs read; no secret',
    group: 'Workflows',
    kind: 'api',
    args: [NAME, { name: 'VALUE', summary: 'Its value; after `--` where it begins with a dash' }],
    options: { env: ENV },
    examples: [{ line: 'antler variables set REGION north --env prod', does: 'Jobs with `environment: prod` read it as `vars.REGION`' }],
    json: '`{name, environment, updatedAt, actor, value}`',
    load: () => import('./commands/variables-set.ts'),
  },
  {
    name: 'variables ls',
    summary: 'List the variables',
    group: 'Workflows',
    kind: 'api',
    json: '`{variables: [{name, environment, updatedAt, actor, value}]}`',
    load: () => import('./commands/variables-ls.ts'),
  },
  {
    name: 'variables rm',
    summary: 'Remove a variable',
    group: 'Workflows',
    kind: 'api',
    args: [NAME],
    options: { env: ENV },
    json: '`{name, environment, updatedAt, actor, value}` as it was',
    load: () => import('./commands/variables-rm.ts'),
  },
];
