/** Are the words of alerts known, and is a webhook's body JSON whatever is filled in? Checked when the config is taken, not when something is down. */

import { ALERT_WORDS, HARD_WORDS } from '../contract/alert.ts';
import type { Problem } from '../kit/errors.ts';
import { fillJson, wordsOf } from '../kit/template.ts';
import { nearest } from './problems.ts';

type Entries = readonly (readonly [string, Readonly<Record<string, unknown>>])[];

export function templateProblems(webhooks: Entries, commands: Readonly<Record<string, unknown>>): Problem[] {
  return [
    ...webhooks.flatMap(([name, { body }]) => (typeof body === 'string' ? bodyProblems(`alerts.webhooks.${name}.body`, body) : [])),
    ...Object.entries(commands).flatMap(([name, argv]) => [
      ...(Array.isArray(argv) ? argv.flatMap((word, index) => unknownWords(`alerts.commands.${name}[${index}]`, word)) : []),
      ...(webhooks.some(([webhook]) => webhook === name)
        ? [{ at: `alerts.commands.${name}`, message: 'is the name of a webhook, too: needed is one of its own' }]
        : []),
    ]),
  ];
}

function bodyProblems(at: string, body: string): Problem[] {
  const unknown = unknownWords(at, body);
  if (unknown.length > 0) return unknown;
  // `"\{{title}}"`: what follows a backslash depends on the text
  const samples = [HARD_WORDS, ...['n', 'x', '"', '0'].map((first) => allWith(first))];
  if (samples.every((words) => isJson(fillJson(body, words)))) return [];
  return [
    { at, message: 'is no JSON once it is filled in: needed is e.g. `{"text": "{{title}}: {{reason}}"}`, with each `{{…}}` in a string' },
  ];
}

function allWith(first: string): Readonly<Record<string, string>> {
  return Object.fromEntries(ALERT_WORDS.map((word) => [word, word === 'id' ? '42' : first]));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function unknownWords(at: string, template: unknown): Problem[] {
  if (typeof template !== 'string') return [];
  const known = ALERT_WORDS;
  return wordsOf(template)
    .filter((word) => !known.includes(word))
    .map((word) => {
      const meant = nearest(word, known);
      const problem = { at, message: `has {{${word.slice(0, 60)}}}: needed is one of ${known.map((each) => `{{${each}}}`).join(', ')}` };
      return meant === undefined ? problem : { ...problem, hint: `Did you mean \`{{${meant}}}\`?` };
    });
}
