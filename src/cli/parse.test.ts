import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AntlerError } from '../kit/errors.ts';
import type { Command } from './command.ts';
import { helpAll, helpCommand, helpGroup } from './help.ts';
import { parse } from './parse.ts';

const load = (): never => assert.fail('a handler was loaded');
const base = { summary: 'Do it', group: 'Look', kind: 'api', json: 'nothing', load } as const;
const known: readonly Command[] = [
  { ...base, name: 'status', options: { watch: { type: 'flag', short: 'w', summary: 'Go on' } } },
  {
    ...base,
    name: 'deploy',
    args: [
      { name: 'ENV', summary: 'Where' },
      { name: 'RELEASE', summary: 'What', optional: true },
    ],
    options: { reason: { type: 'text', value: 'TEXT', summary: 'Why' }, force: { type: 'flag', summary: 'Do it all the same' } },
  },
  {
    ...base,
    name: 'run',
    args: [{ name: 'WORKFLOW', summary: 'Which', optional: true }],
    options: { job: { type: 'text', value: 'JOB', summary: 'One' }, env: { type: 'text', value: 'K=V', many: true, summary: 'More' } },
  },
  { ...base, name: 'run logs', args: [{ name: 'ID', summary: 'Which' }] },
  { ...base, name: 'config check' },
  { ...base, name: 'config show', options: { env: { type: 'text', value: 'ENV', summary: 'One' } } },
  {
    ...base,
    name: 'exec',
    args: [
      { name: 'ENV', summary: 'Where' },
      { name: 'SERVICE', summary: 'Which' },
      { name: 'CMD', summary: 'What', rest: true },
    ],
  },
];

/** Typed line → what it means, written short. */
const MEANS: readonly (readonly [string, unknown])[] = [
  ['', 'help-all'],
  ['--help', 'help-all'],
  ['-h', 'help-all'],
  ['help', 'help-all'],
  ['--json', 'help-all'],
  ['--version', 'version'],
  ['-V', 'version'],
  ['help status', 'help status'],
  ['status --help', 'help status'],
  ['--help status', 'help status'],
  ['help config', 'help-group config'],
  ['config', 'help-group config'],
  ['config --help', 'help-group config'],
  ['help config show', 'help config show'],
  ['deploy --help', 'help deploy'],
  ['status', { run: 'status' }],
  ['status -w', { run: 'status', watch: true }],
  ['--home /a status --json', { run: 'status', home: '/a', json: true }],
  ['--home=/a status', { run: 'status', home: '/a' }],
  ['config show --env stg', { run: 'config show', env: 'stg' }],
  ['deploy prod', { run: 'deploy', ENV: 'prod' }],
  ['run', { run: 'run' }],
  ['run delivery', { run: 'run', WORKFLOW: 'delivery' }],
  ['run logs 5', { run: 'run logs', ID: '5' }],
  ['run --json logs 5', { run: 'run logs', ID: '5', json: true }],
  ['run --job logs', { run: 'run', job: 'logs' }],
  ['run --job logs logs', { run: 'run', job: 'logs', WORKFLOW: 'logs' }],
  ['run --env A=1 --env B=2', { run: 'run', env: ['A=1', 'B=2'] }],
  ['help run', 'help run'],
  ['run logs --help', 'help run logs'],
  ['deploy prod r3 --force --reason because', { run: 'deploy', ENV: 'prod', RELEASE: 'r3', force: true, reason: 'because' }],
  ['deploy --reason=--odd prod', { run: 'deploy', ENV: 'prod', reason: '--odd' }],
  ['exec prod backend -- ls -la', { run: 'exec', ENV: 'prod', SERVICE: 'backend', rest: ['ls', '-la'] }],
  ['exec prod backend -- x --help', { run: 'exec', ENV: 'prod', SERVICE: 'backend', rest: ['x', '--help'] }],
  ['exec prod backend ls', { run: 'exec', ENV: 'prod', SERVICE: 'backend', rest: ['ls'] }],
];

for (const [line, meaning] of MEANS) {
  test(`parse \`antler ${line}\``, () => {
    assert.deepEqual(short(line), meaning);
  });
}

/** Typed line → a word of the message, a word of the hint. */
const REFUSED: readonly (readonly [string, RegExp, RegExp])[] = [
  ['stauts', /no such command/, /antler status/],
  ['config chekc', /`antler config chekc`/, /antler config check/],
  ['confg check', /no such command/, /antler config/],
  ['zzzzzzzzzz', /no such command/, /antler --help/],
  ['help stauts', /no such command/, /antler status/],
  ['status --wacth', /no such option/, /--watch/],
  ['status -x', /no such option/, /status --help/],
  ['--jsno', /no such option/, /--json/],
  ['status --watch=1', /switch/, /status --help/],
  ['status extra', /no more arguments/, /status --help/],
  ['deploy', /ENV is missing/, /deploy --help/],
  ['deploy prod --reason', /TEXT is missing/, /deploy --help/],
  ['deploy prod --reason --force', /TEXT is missing/, /deploy --help/],
  ['exec prod backend', /CMD is missing/, /exec --help/],
  ['exec prod -- ls', /SERVICE is missing/, /exec --help/],
  ['status --constructor', /no such option/, /status --help/],
];

for (const [line, message, hint] of REFUSED) {
  test(`parse refuses \`antler ${line}\` with a hint`, () => {
    assert.throws(
      () => short(line),
      (error: unknown) => {
        assert.ok(error instanceof AntlerError);
        assert.equal(error.exit, 64);
        assert.match(error.message, message);
        assert.match(error.hint, hint);
        return true;
      },
    );
  });
}

test('parse shows what was typed on one line and not endless', () => {
  assert.throws(
    () => parse([`a\n\u001b[31m${'b'.repeat(300)}`], known),
    (error: unknown) => error instanceof AntlerError && error.message.length < 150 && !/\p{Cc}/u.test(error.message),
  );
});

test('parse says why no further word may follow, instead of the word, where that may be a secret', () => {
  const [, deploy] = known;
  assert.ok(deploy);
  const guarded = [{ ...deploy, noMore: 'take it so' }];
  for (const words of [
    ['dev', 'r1', 'hunter2'],
    ['dev', 'r1', '--', 'hunter2'],
  ])
    assert.throws(
      () => parse(['deploy', ...words], guarded),
      (error) =>
        error instanceof AntlerError && error.message === 'Cannot take it so' && !JSON.stringify(error.toBody()).includes('hunter2'),
    );
});

test('help lists every command, option, argument and example', () => {
  const plain = { title: String, name: String, dim: String };
  const all = helpAll(known, plain);
  for (const { name, summary } of known) assert.match(all, new RegExp(`${name} +${summary}`));
  assert.match(helpGroup('config', known, plain), /config check +Do it/);
  const [, deploy] = known;
  assert.ok(deploy);
  const page = helpCommand(deploy, plain);
  for (const part of ['deploy ENV [RELEASE] [OPTIONS]', '--reason TEXT', '--force', '--json', '--home DIR', 'Where', 'What'])
    assert.ok(page.includes(part), part);
});

function short(line: string): unknown {
  const parsed = parse(
    line.split(' ').filter((word) => word !== ''),
    known,
  );
  if (parsed.kind === 'help') return `help ${parsed.command.name}`;
  if (parsed.kind === 'help-group') return `help-group ${parsed.group}`;
  if (parsed.kind !== 'run') return parsed.kind;
  const { command, args, options } = parsed;
  const named = (command.args ?? []).map(({ name }) => [name, args.maybe(name)] as const);
  const texts = ['reason', 'env', 'home', 'job'].map(
    (name) => [name, options.all(name).length > 1 ? options.all(name) : options.text(name)] as const,
  );
  const flags = ['watch', 'force', 'json'].map((name) => [name, options.flag(name) ? true : undefined] as const);
  const rest = args.rest.length === 0 ? [] : [['rest', args.rest] as const];
  return { run: command.name, ...Object.fromEntries([...named, ...texts, ...flags, ...rest].filter(([, value]) => value !== undefined)) };
}
