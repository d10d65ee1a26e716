/** The second half of the page of compatibility: contexts, functions, commands, files, and the inputs of actions that are built in. */

import { ACCEPTED_INPUTS } from '../../src/actions/workflow/uses.ts';
import {
  COMMAND_PROOFS,
  CONTEXT_KEYS,
  CONTEXT_PROOFS,
  type ContextKey,
  FILE_PROOFS,
  FUNCTION_PROOFS,
  type Proved,
} from '../cases/actions/contexts.ts';
import { table } from './markdown.ts';

export function wordsPart(): string {
  return [
    '\n## Contexts\n\nOperators, filters (`*`) and coercions are those of GitHub’s own package: `test/cases/actions/expressions.json`. Each context stands where GitHub’s schema allows it.\n\n',
    proved('context', CONTEXT_PROOFS, (name) => name),
    '\nOf contexts with properties of their own:\n\n',
    table(
      ['property', 'here'],
      Object.entries(CONTEXT_KEYS).flatMap(([context, keys]) =>
        keys
          .toSorted((a, b) => (a.key < b.key ? -1 : 1))
          .map((key) => [`\`${context}.${context === 'steps' ? '<id>.' : ''}${key.key}\``, keyText(key)]),
      ),
    ),
    '\n## Functions\n\n',
    proved('function', FUNCTION_PROOFS, (name) => `${name}()`),
    '\n## Workflow commands\n\n',
    proved('command', COMMAND_PROOFS, (name) => `::${name}::`),
    '\n## Files of a step\n\n',
    proved('file', FILE_PROOFS, (name) => name),
    '\n## Actions that are built in\n\nInputs that are taken without effect; all others do what they do on GitHub, or are refused (above).\n\n',
    table(
      ['input', 'here'],
      Object.entries(ACCEPTED_INPUTS).flatMap(([action, inputs]) =>
        Object.entries(inputs).map(([input, why]) => [`\`${input}\` of \`${action}\``, `accepted, no effect: ${why}`]),
      ),
    ),
  ].join('');
}

function keyText({ here, note }: ContextKey): string {
  switch (here) {
    case 'always':
      return note ?? 'run';
    case 'inside':
      return note ?? 'run, inside of an action';
    case 'asked':
      return note ?? 'run, where somebody asks for it';
    case 'never':
      return note === undefined ? 'not there' : `not there: ${note}`;
    default:
      return here satisfies never;
  }
}

function proved(what: string, all: Readonly<Record<string, Proved>>, shown: (name: string) => string): string {
  return table(
    [what, 'here', 'proof'],
    Object.entries(all).map(([name, { note, file, title }]) => [
      `\`${shown(name)}\``,
      note ?? 'run',
      file === undefined ? '' : `\`${file}\`: ${title}`,
    ]),
  );
}
