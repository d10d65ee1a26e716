/** docs/reference/workflow-compatibility.md: each key of GitHub's schema, what becomes of it, and the test that proves it. */

import { PROOFS, REFUSED_VALUES } from '../cases/actions/compatibility.ts';
import { everyKey, type Key } from './compatibility-walk.ts';
import { head, table } from './markdown.ts';

const INTRO = `
Antler reads workflows by GitHub's own schema. Each key of it is here, with what becomes of it:

- **run**: it means what it means on GitHub.
- **accepted**: it is taken without effect, for the reason that stands there, and \`antler workflow check\` warns of it.
- **not supported yet**: a workflow with it is refused, with line and column. Nothing is passed over in silence.

\`test/compatibility.test.ts\` reads a small workflow for every key and fails for a key that this page does not know. Where a key has a proof of its own, the test is named.

`;

const EXPRESSIONS = `
## Expressions

All contexts (\`github\`, \`env\`, \`job\`, \`jobs\`, \`steps\`, \`matrix\`, \`needs\`, \`secrets\`, \`vars\`, \`inputs\`, \`runner\`, \`strategy\`), operators, filters (\`*\`) and functions (\`always\`, \`cancelled\`, \`case\`, \`contains\`, \`endsWith\`, \`failure\`, \`format\`, \`fromJSON\`, \`hashFiles\`,
\`join\`, \`startsWith\`, \`success\`, \`toJSON\`) are run by GitHub's own package, where its schema allows them: \`test/cases/actions/expressions.json\`. Filters of branches, tags and paths: \`test/cases/actions/globs.json\`.
`;

export function compatibilityPage(): string {
  const rows = everyKey().map((key) => [`\`${key.path}\``, stateOf(key), proofOf(key)]);
  return [
    head('Workflow compatibility', 'GitHub’s schema and `src/actions/workflow/support.ts`'),
    INTRO,
    table(['key', 'here', 'proof'], rows),
    '\n## Values\n\nOf keys that run, these values are not supported yet:\n\n',
    REFUSED_VALUES.map(([what]) => `- ${what}\n`).join(''),
    EXPRESSIONS,
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

function proofOf({ definition, key, below, support }: Key): string {
  const proof = PROOFS[`${definition}/${key}`];
  return proof === undefined || below !== undefined || support.kind !== 'run' ? '' : `\`${proof.file}\`: ${proof.title.trim()}`;
}
