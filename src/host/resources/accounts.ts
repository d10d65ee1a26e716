/** Users and groups by name, as the machine's own files say. */

import { readFile } from 'node:fs/promises';

import { AntlerError } from '../../kit/errors.ts';
import type { GroupFact, IdRange } from '../types.ts';

export interface Accounts {
  readonly users: ReadonlyMap<string, number>;
  readonly groups: ReadonlyMap<string, GroupFact & { readonly gid: number }>;
}

export async function readAccounts(): Promise<Accounts> {
  return parseAccounts(await readFile('/etc/passwd', 'utf8'), await readFile('/etc/group', 'utf8'));
}

export function parseAccounts(passwd: string, group: string): Accounts {
  const users = fields(passwd).map(([name = '', , uid = '']) => [name, Number(uid)] as const);
  const groups = fields(group).map(([name = '', , gid = '', members = '']) => {
    return [name, { gid: Number(gid), members: members.split(',').filter((member) => member !== '') }] as const;
  });
  return { users: new Map(users), groups: new Map(groups) };
}

/** Lines of /etc/subuid; broken ones are not ours to mend and are left out. */
export function parseIdRanges(text: string): readonly IdRange[] {
  return fields(text)
    .map(([user = '', start = '', count = '']) => ({ user, start: Number(start), count: Number(count) }))
    .filter((range) => range.user !== '' && Number.isInteger(range.start) && Number.isInteger(range.count) && range.count > 0);
}

/** The name of an id, else the id itself. */
export function userName(accounts: Accounts, uid: number): string {
  for (const [name, known] of accounts.users) if (known === uid) return name;
  return String(uid);
}

export function groupName(accounts: Accounts, gid: number): string {
  for (const [name, known] of accounts.groups) if (known.gid === gid) return name;
  return String(gid);
}

/** Numeric ids of a wanted owner and group, each a name or a number. */
export function idsOf(accounts: Accounts, owner: string, group: string): { readonly uid: number; readonly gid: number } {
  const uid = accounts.users.get(owner) ?? number(owner);
  const gid = accounts.groups.get(group)?.gid ?? number(group);
  if (uid === undefined) throw unknown('user', owner);
  if (gid === undefined) throw unknown('group', group);
  return { uid, gid };
}

function fields(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));
}

function number(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function unknown(what: string, name: string): AntlerError {
  return new AntlerError('host/apply-failed', `Cannot set an owner as the machine has no ${what} of this name: ${name}`);
}
