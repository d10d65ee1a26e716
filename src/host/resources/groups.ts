/** Groups, their members, and the ranges of subordinate ids. */

import { readFile, stat } from 'node:fs/promises';

import { errnoOf } from '../../kit/errors.ts';
import { exec } from '../../kit/exec.ts';
import { writeFileAtomic } from '../../kit/files.ts';
import type { Facts, GroupResource, IdRangeResource, Undo } from '../types.ts';
import { parseIdRanges, readAccounts } from './accounts.ts';

const TABLES = ['/etc/subuid', '/etc/subgid'] as const;

export async function readIdRanges(): Promise<Facts['idRanges']> {
  const [subuid, subgid] = await Promise.all(TABLES.map((path) => text(path)));
  return { subuid: parseIdRanges(subuid ?? ''), subgid: parseIdRanges(subgid ?? '') };
}

export async function applyIdRange(resource: IdRangeResource): Promise<void> {
  const { user, start, count } = resource;
  for (const path of TABLES) {
    const lines = withoutRange(await text(path), resource);
    await rewrite(path, `${lines}${lines === '' || lines.endsWith('\n') ? '' : '\n'}${user}:${start}:${count}\n`);
  }
}

export async function undoIdRange(range: Omit<IdRangeResource, 'kind'>): Promise<void> {
  for (const path of TABLES) {
    const before = await text(path);
    const after = withoutRange(before, range);
    if (after !== before) await rewrite(path, after);
  }
}

export async function applyGroup(resource: GroupResource, signal: AbortSignal): Promise<void> {
  const { made, added } = await groupUndo(resource);
  if (made) await exec(['groupadd', '--system', '--', resource.name], { signal });
  for (const member of added) await exec(['gpasswd', '--add', member, resource.name], { signal });
}

/** What `applyGroup` will have to take back. */
export async function groupUndo(resource: GroupResource): Promise<Extract<Undo, { kind: 'group' }>> {
  const { name, members } = resource;
  const fact = (await readAccounts()).groups.get(name);
  const added = members.filter((member) => fact === undefined || !fact.members.includes(member));
  return { kind: 'group', name, made: fact === undefined, added };
}

export async function undoGroup(record: Extract<Undo, { kind: 'group' }>, signal: AbortSignal): Promise<void> {
  const fact = (await readAccounts()).groups.get(record.name);
  if (fact === undefined) return;
  if (record.made) {
    await exec(['groupdel', '--', record.name], { signal });
    return;
  }
  for (const member of record.added) {
    if (fact.members.includes(member)) await exec(['gpasswd', '--delete', member, record.name], { signal });
  }
}

function withoutRange(lines: string, range: Omit<IdRangeResource, 'kind'>): string {
  const own = `${range.user}:${range.start}:${range.count}`;
  return lines
    .split('\n')
    .filter((line) => line !== own)
    .join('\n');
}

async function rewrite(path: string, content: string): Promise<void> {
  const mode = await stat(path).then(
    (seen) => seen.mode & 0o7777,
    () => 0o644,
  );
  await writeFileAtomic(path, content, { mode });
}

async function text(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return '';
    throw error;
  });
}
