/**
 * What came along with our packages. apt keeps such a package for ever where another one on the machine merely suggests it;
 * a note says which were not there before us, so that those go with ours, and nobody else's.
 */

import { readFile, rm } from 'node:fs/promises';

import { writeFileAtomic } from '../../kit/files.ts';

const NOTE = '/var/lib/misc/antler-brought-packages';

/** Makes apt free what is only suggested; what is recommended stays, as somebody who installs by hand gets it too. */
export const FREE_SUGGESTED = ['-o', 'APT::AutoRemove::SuggestsImportant=false'] as const;

/** Names of packages by `apt-get --simulate`: what would be removed or purged. Pure. */
export function removedIn(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /^(?:Remv|Purg) (\S+)/.exec(line)?.[1] ?? []);
}

export async function readBrought(): Promise<ReadonlySet<string>> {
  const text = await readFile(NOTE, 'utf8').catch(() => '');
  return new Set(text.split('\n').filter((line) => line !== ''));
}

/** From before an installation to after it. */
export async function noteBrought(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): Promise<void> {
  const fresh = [...after.keys()].filter((name) => !before.has(name));
  if (fresh.length > 0) await write(new Set([...(await readBrought()), ...fresh]));
}

/** What is not installed any more is not noted any more. */
export async function forgetGone(installed: ReadonlyMap<string, unknown>): Promise<void> {
  const noted = await readBrought();
  if (noted.size > 0) await write(new Set([...noted].filter((name) => installed.has(name))));
}

async function write(names: ReadonlySet<string>): Promise<void> {
  if (names.size === 0) await rm(NOTE, { force: true });
  else await writeFileAtomic(NOTE, `${[...names].toSorted().join('\n')}\n`);
}
