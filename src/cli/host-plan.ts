/** What the `host` commands share: show changes, apply them, say how many are left. */

import process from 'node:process';

import { loadConfig } from '../config/config.ts';
import type { Change } from '../host/types.ts';
import { prepare, type Prepared } from '../instance/instance.ts';
import type { Context } from './command.ts';

/** The instance of this home and what it wants of the machine; made where it is not there yet only with `make`. */
export async function prepareHere(context: Context, make: boolean): Promise<Prepared> {
  const { spec } = await loadConfig(context.cwd, { signal: context.signal });
  const user = process.env['SUDO_USER'];
  const operators = user === undefined || user === '' || user === 'root' ? [] : [user];
  return prepare({ ...context, spec, operators, make });
}

/** 2 where something differs, 0 where nothing does. */
export function showChanges(context: Context, changes: readonly Change[]): number {
  const { out, json } = context;
  if (json) {
    out.object({ changes: changes.map(({ action, text, detail, resource }) => ({ action, kind: resource.kind, text, detail })) });
  } else if (changes.length === 0) {
    out.line('The machine is as it should be: nothing to do');
  } else {
    for (const change of changes) for (const line of changeLines(change)) out.line(line);
  }
  return changes.length === 0 ? 0 : 2;
}

const SIGNS = { create: '+', update: '~', remove: '-' } as const;

function changeLines({ action, text, detail }: Change): readonly string[] {
  return [`${SIGNS[action]} ${text}`, ...detail.map((line) => `    ${line}`)];
}
