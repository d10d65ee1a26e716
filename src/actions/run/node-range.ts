/** Which Node versions `node-version` and the files of version managers ask for. Pure. */

import type { satisfies, validRange } from 'semver';

/** npm's ranges: handed in, since only few jobs need them. */
export interface Ranges {
  readonly satisfies: typeof satisfies;
  readonly validRange: typeof validRange;
}

export interface NodeVersion {
  /** `24.21.0`. */
  readonly version: string;
  /** Its code name where it is a long-term one: `Krypton`. */
  readonly lts: string;
}

/** Whether this version is one that was asked for: `24`, `20.x`, `>=22`, `lts/*`, `lts/krypton`, `node`. */
export function fits({ version, lts }: NodeVersion, asked: string, ranges: Ranges): boolean {
  const wish = asked
    .trim()
    .replace(/^v(?=\d)/, '')
    .toLowerCase();
  if (['', 'node', 'current', 'latest', '*'].includes(wish)) return true;
  if (wish === 'lts/*' || wish === 'lts') return lts !== '';
  if (wish.startsWith('lts/')) return lts.toLowerCase() === wish.slice(4);
  const range = ranges.validRange(wish);
  return range !== null && ranges.satisfies(version, range);
}

/** What a version file asks for; undefined where it says nothing of Node. As the action itself reads them. */
export function readVersionFile(text: string): string | undefined {
  const manifest = asManifest(text);
  if (manifest !== undefined) {
    return manifest.volta?.node ?? runtimeOf(manifest.devEngines?.runtime) ?? manifest.engines?.node;
  }
  const tool = /^(?:nodejs|node)\s+(\S+)/m.exec(text)?.[1];
  const line = text
    .split('\n')
    .map((part) => part.replace(/#.*/, '').trim())
    .find((part) => part !== '');
  return (tool ?? line)?.replace(/^v(?=\d)/, '');
}

interface Manifest {
  readonly volta?: { readonly node?: string };
  readonly engines?: { readonly node?: string };
  readonly devEngines?: { readonly runtime?: unknown };
}

function asManifest(text: string): Manifest | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Manifest;
  } catch {
    return undefined;
  }
}

function runtimeOf(runtime: unknown): string | undefined {
  const all = (Array.isArray(runtime) ? runtime : [runtime]) as readonly (
    | { readonly name?: string; readonly version?: string }
    | undefined
  )[];
  return all.find((one) => one?.name === 'node')?.version;
}
