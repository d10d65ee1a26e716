/** docs/reference/workflow-compatibility.md: each key of GitHub's schema, what becomes of it, and the test that proves it. */

import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { PROOFS, REFUSED_VALUES } from '../cases/actions/compatibility.ts';
import { everyKey, type Key } from './compatibility-walk.ts';
import { wordsPart } from './compatibility-words.ts';
import { head, table } from './markdown.ts';

const INTRO = `
Antler reads workflows by GitHub's own schema. Each key of it is here, with what becomes of it:

- **run**: it means what it means on GitHub.
- **accepted**: it is taken without effect, for the reason that stands there, and \`antler workflow check\` warns of it.
- **not supported yet**: a workflow with it is refused, with line and column. Nothing is passed over in silence.

\`test/compatibility.test.ts\` reads a small workflow for every key and fails for a key that this page does not know. The proof is the test that shows the key at work.

`;

const GLOBS = '\n## Filters\n\nOf branches, tags and paths, in GitHub’s dialect: `test/cases/actions/globs.json`.\n';

/** Keys that run and that no test proves, by their path. */
export function unproved(keys: readonly Key[]): readonly string[] {
  const real = realProofs();
  return keys.filter((key) => key.below === undefined && key.support.kind === 'run' && proofOf(key, { real, keys }) === '').map(nameOf);
}

export function compatibilityPage(): string {
  const real = realProofs();
  const keys = everyKey();
  const rows = new Map(keys.map((key) => [`${nameOf(key)} ${stateOf(key)}`, [nameOf(key), stateOf(key), proofOf(key, { real, keys })]]));
  return [
    head('Workflow compatibility', 'GitHub’s schema and `src/actions/workflow/support.ts`'),
    INTRO,
    table(['key', 'here', 'proof'], [...rows.values()]),
    '\n## Values\n\nOf keys that run, these values are not supported yet:\n\n',
    REFUSED_VALUES.map(([what]) => `- ${what}\n`).join(''),
    GLOBS,
    wordsPart(),
  ].join('');
}

function stateOf({ support, below }: Key): string {
  if (below !== undefined) return `not supported yet, with \`${below}\``;
  switch (support.kind) {
    case 'run':
      return 'run';
    case 'accepted':
      return `accepted: ${support.why}`;
    case 'refused':
      return `not supported yet${support.why === undefined ? '' : `: ${support.why}`}`;
    case 'part':
      return `not supported yet, with \`${support.of}\``;
    default:
      return support satisfies never;
  }
}

/** The first that has a key's proof is named: a job in a container shows more than one on the machine. */
const FOLDERS = ['test/parts/actions-container', 'test/parts/actions'];

const TITLE = /^(?:test|  await t\.test)\(\s*'([\w<>.[\]*-]+(?:, [\w<>.[\]*-]+)*): ([^']+)'/gm;

/** Tests with real parts begin with the paths of the keys that they prove: `jobs.<id>.needs: a true graph`. */
function realProofs(): ReadonlyMap<string, string> {
  const root = resolve(import.meta.dirname, '../..');
  const proofs = new Map<string, string>();
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(resolve(root, folder))
      .toSorted()
      .map((name) => `${folder}/${name}`),
  );
  for (const file of files) {
    if (!file.endsWith('.test.ts')) continue;
    for (const [, paths = '', title = ''] of readFileSync(resolve(root, file), 'utf8').matchAll(TITLE))
      for (const path of paths.split(', ')) if (!proofs.has(path)) proofs.set(path, `\`${file}\`: ${title.replaceAll('<', '\\<')}`);
  }
  return proofs;
}

interface Known {
  readonly real: ReadonlyMap<string, string>;
  readonly keys: readonly Key[];
}

/** Its own; for keys of the author's choosing their parent's; for a key that only holds others the first of theirs. */
function proofOf(key: Key, { real, keys }: Known): string {
  if (key.below !== undefined || key.support.kind !== 'run') return '';
  const own = ownProof(key, real);
  if (own !== undefined) return own;
  const parent = keys.find(
    ({ path }) => key.key === '*' && key.path.startsWith(path) && key.path.length === path.length + '.<name>'.length,
  );
  const ofParent = parent === undefined ? undefined : ownProof(parent, real);
  if (ofParent !== undefined) return ofParent;
  for (const child of keys) {
    const ofChild = child.path.startsWith(`${key.path}.`) || child.path.startsWith(`${key.path}[*]`) ? ownProof(child, real) : undefined;
    if (ofChild !== undefined) return ofChild;
  }
  return '';
}

function ownProof({ path, definition, key, below, support }: Key, real: ReadonlyMap<string, string>): string | undefined {
  if (below !== undefined || support.kind !== 'run') return undefined;
  const proof = PROOFS[`${definition}/${key}`];
  return real.get(path) ?? (proof === undefined ? undefined : `\`${proof.file}\`: ${proof.title.trim()}`);
}

/** Definitions whose keys have the same path as another's, by the key that tells them apart. */
const BESIDE: Readonly<Record<string, string>> = {
  'wait-step': 'wait',
  'wait-all-step': 'wait-all',
  'cancel-step': 'cancel',
  'workflow-job': 'uses',
};

function nameOf({ path, definition, key }: Key): string {
  const beside = BESIDE[definition];
  return `\`${path}\`${beside === undefined || beside === key ? '' : ` beside \`${beside}\``}`;
}
