import assert from 'node:assert/strict';
import { test } from 'node:test';

import { templateProblems } from './alert-templates.ts';

const BODIES: readonly (readonly [body: string, problem: RegExp | undefined])[] = [
  ['{"text": "{{title}}: {{reason}}", "id": {{id}}}', undefined],
  ['"{{title}}"', undefined],
  ['{"text": {{title}}}', /is no JSON/],
  ['{"text": {{reason}}}', /is no JSON/],
  ['{"release": {{release}}}', /is no JSON/],
  ['{"text": "\\{{state}}"}', /is no JSON/],
  ['text={{title}}', /is no JSON/],
  ['{"text": "{{titel}}"}', /has \{\{titel\}\}: needed is one of \{\{title\}\}.* Did you mean `\{\{title\}\}`\?/],
  ['{"text": "{{}}"}', /has \{\{\}\}/],
];

for (const [body, problem] of BODIES) {
  test(`templateProblems: ${body} ${problem === undefined ? 'is taken' : 'is refused when the config is taken'}`, () => {
    const found = templateProblems([['chat', { body }]], {}).map(({ at, message, hint }) => `${at} ${message} ${hint ?? ''}`);
    assert.equal(found.length, problem === undefined ? 0 : 1, found.join());
    if (problem !== undefined) assert.match(found[0] ?? '', problem);
  });
}

test('templateProblems: words of commands are checked, and a name is of one channel', () => {
  const found = templateProblems([['ops', {}]], { ops: ['sms', '{{title}} {{why}}'], other: ['x', '{{id}}'] });
  assert.deepEqual(
    found.map(({ at }) => at),
    ['alerts.commands.ops[1]', 'alerts.commands.ops'],
  );
});
