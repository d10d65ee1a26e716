/** Pushes that are under way, one folder each: what git's hook wrote there is known even where the pusher, git or the daemon is gone. */

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ownFolder } from './damage.ts';
import { ZERO } from './names.ts';

export interface Entry {
  readonly folder: string;
  readonly actor: string;
}

export interface Move {
  readonly ref: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

const pushesOf = (path: string): string => join(ownFolder(path), 'pushes');

export async function openEntry(path: string, actor: string): Promise<Entry> {
  await mkdir(pushesOf(path), { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(pushesOf(path), `${Date.now()}-`));
  await writeFile(join(folder, 'actor'), actor);
  return { folder, actor };
}

export async function closeEntry(entry: Entry): Promise<void> {
  await rm(entry.folder, { recursive: true, force: true });
}

/** What a daemon that was killed left, oldest first. */
export async function openEntries(path: string): Promise<readonly Entry[]> {
  const names: string[] = await readdir(pushesOf(path)).catch(() => []);
  names.sort();
  return Promise.all(
    names.map(async (name) => {
      const folder = join(pushesOf(path), name);
      return { folder, actor: await readFile(join(folder, 'actor'), 'utf8').catch(() => 'unknown') };
    }),
  );
}

/** Nothing where git moved nothing. */
export async function movesOf(entry: Entry): Promise<readonly Move[]> {
  return parseMoves(await readFile(join(entry.folder, 'updates'), 'utf8').catch(() => ''));
}

/** Pure: what git's post-receive hook is told, lines `old new ref`. A ref has no line break in it. */
export function parseMoves(text: string): readonly Move[] {
  return text.split('\n').flatMap((line) => {
    const [, before, after, ref] = /^([0-9a-f]{40}) ([0-9a-f]{40}) (.+)$/.exec(line) ?? [];
    if (before === undefined || after === undefined || ref === undefined || before === after) return [];
    return [{ ref, before: before === ZERO ? undefined : before, after: after === ZERO ? undefined : after }];
  });
}
