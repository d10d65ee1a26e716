/** Values that are not run yet although their key is: one function for each such key. */

import type { Finding, Node } from '../parser/node.ts';
import { checkUses } from './uses.ts';

type Check = (value: Node) => readonly Finding[];

/** By definition and key, as in the table of keys. */
const CHECKS: Readonly<Record<string, Check>> = {
  'permissions-mapping/id-token': (value) => unless(value, ['none'], 'An OIDC token'),
  'concurrency-mapping/queue': (value) => unless(value, ['single'], 'A queue of more than one'),
  'pull-request-mapping/types': checkTypes,
  'regular-step/uses': (value) => (value.kind === 'literal' ? checkUses(String(value.value), value.at) : []),
  'run-step/shell': checkShell,
  'job-defaults-run/shell': checkShell,
  'workflow-defaults-run/shell': checkShell,
};

export function checkValue(definition: string, key: string, value: Node): readonly Finding[] {
  return CHECKS[`${definition}/${key}`]?.(value) ?? [];
}

function unless(value: Node, known: readonly string[], what: string): readonly Finding[] {
  if (value.kind === 'literal' && known.includes(String(value.value))) return [];
  return [{ message: `${what} is not supported yet`, at: value.at }];
}

/** What a pull request does here: it is opened, and it gets new commits. The others that stand here never miss. */
const TYPES = new Set(['opened', 'synchronize', 'reopened', 'ready_for_review']);

function checkTypes(value: Node): readonly Finding[] {
  const items = value.kind === 'sequence' ? value.items : [value];
  return items.flatMap((item) =>
    item.kind === 'literal' && !TYPES.has(String(item.value))
      ? [{ message: `\`${item.value}\` of a pull request is not supported yet`, at: item.at, hint: `Run are: ${[...TYPES].join(', ')}` }]
      : [],
  );
}

const SHELLS = ['bash', 'sh', 'python'];

function checkShell(value: Node): readonly Finding[] {
  if (value.kind !== 'literal') return [];
  const shell = String(value.value).trim();
  if (SHELLS.includes(shell) || shell.includes('{0}')) return [];
  if (['pwsh', 'powershell', 'cmd'].includes(shell)) return [{ message: `The shell \`${shell}\` is not supported yet`, at: value.at }];
  return [
    {
      message: `The shell \`${shell}\` is not known`,
      at: value.at,
      hint: `Allowed: ${SHELLS.join(', ')}, or a command line with \`{0}\` where the script’s path goes`,
    },
  ];
}
