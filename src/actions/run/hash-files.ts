/** `hashFiles()`: one hash over the files that globs name, the one that GitHub's runner gives; empty where they name none. */

import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync, realpathSync, type Stats } from 'node:fs';
import { join, sep } from 'node:path';

import { literalOf, treeGlob, type TreeGlob } from './tree-glob.ts';

export interface Workspace {
  /** On the machine. */
  readonly folder: string;
  /** As steps, and so patterns, name it. */
  readonly path: string;
}

const FOLLOW = '--follow-symbolic-links';

/**
 * As `@actions/glob`: patterns in their order, `!` takes back, a folder means all below it. Files count in the order of the walk. Links that lead out of
 * the workspace, or nowhere, are passed over: we read on the machine, not in the job's place.
 */
export function hashFiles(workspace: Workspace, given: readonly string[]): string {
  const [option = ''] = given;
  const options = option.startsWith('--');
  const follow = option.toLowerCase() === FOLLOW;
  if (options && !follow) throw new Error(`Invalid glob option ${option}, available option: '${FOLLOW}'`);
  const lines = given.slice(options ? 1 : 0).flatMap((text) => text.split('\n').map((line) => line.trim()));
  const patterns = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => patternsOf(line, namesOf(workspace.path)));
  const walk: Walk = { root: realpathSync(workspace.folder), follow, patterns };
  const all = createHash('sha256');
  let any = false;
  for (const start of startsOf(patterns)) {
    for (const path of filesBelow(walk, start, [])) {
      const digest = hashOf(walk.root, path);
      if (digest === undefined) continue;
      all.update(digest);
      any = true;
    }
  }
  return any ? all.digest('hex') : '';
}

interface Pattern {
  /** It began with `!`. */
  readonly negated: boolean;
  readonly glob: TreeGlob;
  /** It ends with `/`: no file fits, only what is below. */
  readonly folder: boolean;
}

interface Walk {
  readonly root: string;
  readonly follow: boolean;
  readonly patterns: readonly Pattern[];
}

/** Itself, and everything below what it names. In names below the workspace. */
function patternsOf(line: string, workspace: readonly string[]): readonly Pattern[] {
  const [, bangs = '', text = ''] = /^((?:!\s*)*)(.*)$/s.exec(line) ?? [];
  const negated = bangs.replaceAll(/\s/g, '').length % 2 === 1;
  const segments = text.split('/').filter((segment) => segment !== '');
  const literals = segments.map((segment) => literalOf(segment));
  if (text === '' || literals.some((name, index) => name === '..' || (name === '.' && (index > 0 || text.startsWith('/')))))
    throw new Error(`Invalid pattern '${line}'. Relative pathing '.' and '..' is not allowed.`);
  const whole = text.startsWith('/') ? below(segments, workspace) : literals[0] === '.' ? segments.slice(1) : segments;
  if (whole === undefined || literals[0] === '~') return [];
  const folder = text.endsWith('/');
  const own = { negated, glob: treeGlob(whole), folder };
  return !folder && whole.at(-1) === '**' ? [own] : [own, { negated, glob: treeGlob([...whole, '*', '**']), folder: false }];
}

/** An absolute pattern without the workspace's own names; `**` may stand for any number of them. */
function below(segments: readonly string[], workspace: readonly string[]): readonly string[] | undefined {
  for (const [index, name] of workspace.entries()) {
    const segment = segments[index];
    if (segment === undefined || segment === '**') return segment === undefined ? ['**'] : segments.slice(index);
    if (!treeGlob([segment]).matches([name])) return undefined;
  }
  return segments.slice(workspace.length);
}

/** Where to begin: in the patterns' order, without what lies below another. */
function startsOf(patterns: readonly Pattern[]): readonly (readonly string[])[] {
  const bases = patterns.filter(({ negated }) => !negated).map(({ glob }) => glob.base);
  const isAbove = (above: readonly string[], names: readonly string[]): boolean =>
    above.length < names.length && above.every((name, index) => names[index] === name);
  const seen = new Set<string>();
  return bases.filter((base) => {
    const key = base.join('/');
    if (seen.has(key) || bases.some((other) => isAbove(other, base))) return false;
    seen.add(key);
    return true;
  });
}

function* filesBelow(walk: Walk, names: readonly string[], above: readonly string[]): Generator<readonly string[]> {
  let matched = false;
  let ofFolder = false;
  for (const { negated, glob, folder } of walk.patterns) {
    if (!glob.matches(names)) continue;
    ofFolder = !negated;
    if (!folder) matched = !negated;
  }
  if (!matched && !ofFolder && !walk.patterns.some(({ negated, glob }) => !negated && glob.reaches(names))) return;
  const path = join(walk.root, ...names);
  const stats = statOf(path, walk);
  if (stats?.isDirectory() !== true) {
    if (stats !== undefined && matched) yield names;
    return;
  }
  const real = walk.follow ? realpathSync(path) : path;
  if (above.includes(real)) return;
  // Byte by byte, as the runner's Node reads a folder.
  const children = readdirSync(path).toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const child of children) yield* filesBelow(walk, [...names, child], [...above, real]);
}

function statOf(path: string, { root, follow }: Walk): Stats | undefined {
  const own = lstatSync(path, { throwIfNoEntry: false });
  if (own?.isSymbolicLink() !== true || !follow) return own;
  const real = insideOf(root, path);
  return real === undefined ? undefined : lstatSync(real, { throwIfNoEntry: false });
}

function insideOf(root: string, path: string): string | undefined {
  try {
    const real = realpathSync(path);
    return real === root || real.startsWith(`${root}${sep}`) ? real : undefined;
  } catch {
    return undefined; // it leads nowhere
  }
}

function hashOf(root: string, names: readonly string[]): Buffer | undefined {
  const real = insideOf(root, join(root, ...names));
  if (real === undefined) return undefined;
  const file = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK); // a pipe must not hold us up
  try {
    if (!fstatSync(file).isFile()) return undefined;
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(1024 * 1024);
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) hash.update(chunk.subarray(0, size));
    return hash.digest();
  } finally {
    closeSync(file);
  }
}

function namesOf(path: string): readonly string[] {
  return path.split('/').filter((name) => name !== '');
}
