/** What `uses:` of a step may name: an action of this repository, or one that is built in. Everything else is refused, not fetched. */

import type { Position } from '../model.ts';
import { entryOf, type Finding, type MappingNode } from '../parser/node.ts';
import { textOf } from './template.ts';

export type Uses =
  /** `./.github/actions/x`, from the repository's root. */
  { readonly kind: 'local'; readonly path: string } | { readonly kind: 'built-in'; readonly name: BuiltIn; readonly ref: string };

export type BuiltIn = 'actions/checkout' | 'actions/setup-node';

const BUILT_IN: readonly BuiltIn[] = ['actions/checkout', 'actions/setup-node'];

/** Undefined for what we do not run. */
export function parseUses(text: string): Uses | undefined {
  if (text.startsWith('./')) return { kind: 'local', path: text.slice(2) };
  const [name = '', ref = ''] = text.split('@', 2);
  const builtIn = BUILT_IN.find((known) => known === name.toLowerCase());
  return builtIn === undefined || ref === '' ? undefined : { kind: 'built-in', name: builtIn, ref };
}

export function checkUses(text: string, at: Position): readonly Finding[] {
  const uses = parseUses(text);
  if (uses?.kind === 'built-in') return [];
  if (uses?.kind === 'local') {
    if (!uses.path.split('/').includes('..')) return [];
    return [{ message: `The action \`${text}\` lies outside of the repository`, at }];
  }
  if (text.startsWith('docker://')) return [{ message: 'An action that is an image (`docker://`) is not supported yet', at }];
  if (text.startsWith('$/')) return [{ message: 'An action by `$/` is not supported yet', at, hint: 'Name it by `./` after a checkout' }];
  const shape = /^[\w.-]+\/[\w.-]+(?:\/[^@]*)?(?:@(.+))?$/.exec(text);
  if (shape === null) return [{ message: `\`${text}\` names no action`, at, hint: 'Allowed: `./folder`, or `owner/name@ref`' }];
  if (shape[1] === undefined) return [{ message: `The action \`${text}\` lacks its version`, at, hint: `Name it: \`${text}@v4\`` }];
  return [
    {
      message: `The action \`${text}\` from elsewhere is not supported yet`,
      at,
      hint: `Run are ${BUILT_IN.join(', ')}, and actions of this repository (\`./folder\`)`,
    },
  ];
}

/** Inputs of built-in actions that would do something which we do not do yet. */
const REFUSED_INPUTS: Readonly<Record<BuiltIn, readonly string[]>> = {
  'actions/checkout': ['submodules', 'lfs', 'sparse-checkout', 'filter'],
  'actions/setup-node': ['registry-url'],
};

const LOCAL = 'the repository is on this machine';
const NO_DOWNLOAD = 'nothing is downloaded: a Node that is there is taken';

/** Inputs that are taken without effect, and why nothing that a user relies on is missing. */
export const ACCEPTED_INPUTS: Readonly<Record<BuiltIn, Readonly<Record<string, string>>>> = {
  'actions/checkout': {
    token: LOCAL,
    'ssh-key': LOCAL,
    'ssh-known-hosts': LOCAL,
    'ssh-strict': LOCAL,
    'ssh-user': LOCAL,
    'persist-credentials': LOCAL,
    'github-server-url': LOCAL,
    'set-safe-directory': 'the job owns what it checked out',
    'show-progress': 'it takes no time',
  },
  'actions/setup-node': {
    cache: 'nothing is kept between runs yet; the job does the same without, slower',
    'cache-dependency-path': 'nothing is kept between runs yet',
    'package-manager-cache': 'nothing is kept between runs yet',
    'check-latest': NO_DOWNLOAD,
    architecture: NO_DOWNLOAD,
    mirror: NO_DOWNLOAD,
    'mirror-token': NO_DOWNLOAD,
    token: NO_DOWNLOAD,
    scope: 'only `registry-url` uses it',
    'always-auth': 'only `registry-url` uses it',
  },
};

/** Of these it is worth a word where they are given: somebody may wait for what they do. */
const WORTH_A_WORD = ['cache', 'check-latest', 'architecture', 'mirror'];

/** A step with `uses`. */
export function checkInputsOf(step: MappingNode): readonly Finding[] {
  const uses = parseUses(textOf(entryOf(step, 'uses')?.value) ?? '');
  const given = entryOf(step, 'with')?.value;
  if (uses?.kind !== 'built-in' || given?.kind !== 'mapping') return [];
  return given.entries.flatMap((entry) => {
    if (entry.kind !== 'entry') return [];
    if (['', 'false'].includes(textOf(entry.value)?.toLowerCase() ?? (entry.value.kind === 'literal' ? '' : 'given'))) return [];
    const key = entry.key.toLowerCase();
    const why = WORTH_A_WORD.includes(key) ? ACCEPTED_INPUTS[uses.name][key] : undefined;
    if (why !== undefined)
      return [{ message: `\`${entry.key}\` of ${uses.name} has no effect: ${why}`, at: entry.keyAt, warning: true as const }];
    if (!REFUSED_INPUTS[uses.name].includes(key)) return [];
    return [{ message: `\`${entry.key}\` of ${uses.name} is not supported yet`, at: entry.keyAt }];
  });
}
