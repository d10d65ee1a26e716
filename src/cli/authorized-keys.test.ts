/** Table tests: keys in, lines out; commands of SSH clients in, one repository out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hasCode } from '../kit/errors.ts';
import { addKey, keysOf, readKey, removeKey } from './authorized-keys.ts';
import { readSshCommand } from './ssh-command.ts';

const place = { program: '/var/lib/antler/program/current/antler', home: '/var/lib/antler' };
const LINE = 'restrict,command="/var/lib/antler/program/current/antler ssh-serve --home /var/lib/antler" ssh-ed25519';
const ada = blob('ssh-ed25519', 1);
const bob = blob('ssh-ed25519', 2);
const refused = (error: unknown): boolean => hasCode(error, 'repos/key');

test('readKey takes one line of a .pub file, comment or not', () => {
  const key = { type: 'ssh-ed25519', base64: ada };
  for (const text of [`ssh-ed25519 ${ada}`, `ssh-ed25519 ${ada} ada@home\n`, ` ssh-ed25519\t${ada} "x",command=\r\n`])
    assert.deepEqual(readKey(text), key);
  const security = blob('sk-ssh-ed25519@openssh.com', 1);
  assert.equal(readKey(`sk-ssh-ed25519@openssh.com ${security}`).base64, security);
});

test('readKey refuses options, several lines, private keys and damaged ones', () => {
  for (const text of [
    '',
    'ssh-ed25519',
    `command="sh" ssh-ed25519 ${ada}`,
    `no-pty ssh-ed25519 ${ada}`,
    `ssh-ed25519 ${ada}\nssh-ed25519 ${bob}`,
    `ssh-ed25519 ${ada}\n\n`,
    `ssh-ed25519 ${ada} x\rssh-ed25519 ${bob}`,
    `#ssh-ed25519 ${ada}`,
    `ssh-rsa ${ada}`,
    `ssh-dss ${blob('ssh-dss', 1)}`,
    `ssh-ed25519 ${ada.slice(0, -8)}`,
    `ssh-ed25519 ${ada.slice(0, 40)}"${ada.slice(40)}`,
    `ssh-ed25519 ${Buffer.from('ssh-ed25519').toString('base64')}`,
    '-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n',
  ])
    assert.throws(() => readKey(text), refused, text);
});

test('addKey adds one line, replaces the same name, and keeps every other byte', () => {
  const others = `# mine\r\n\nssh-ed25519 ${bob} antler:ada\nrestrict,command="/srv/x ssh-serve" ssh-ed25519 ${ada} antler:ada\n\tno end`;
  const key = { name: 'ada', type: 'ssh-ed25519', base64: ada };
  const one = addKey(others, key, place);
  assert.equal(one, `${others}\n${LINE} ${ada} antler:ada\n`);
  assert.equal(addKey(one, key, place), one, 'again changes nothing');
  assert.equal(addKey('', key, place), `${LINE} ${ada} antler:ada\n`);
  const two = addKey(addKey(one, { ...key, name: 'bob', base64: bob }, place), { ...key, base64: blob('ssh-ed25519', 3) }, place);
  assert.equal(two, `${others}\n${LINE} ${blob('ssh-ed25519', 3)} antler:ada\n${LINE} ${bob} antler:bob\n`);
  assert.deepEqual(
    keysOf(two, place).map(({ name }) => name),
    ['ada', 'bob'],
  );
  assert.equal(removeKey(removeKey(two, 'ada', place) ?? '', 'bob', place), `${others}\n`);
  assert.equal(removeKey(two, 'eve', place), undefined);
  assert.deepEqual(keysOf(two, { ...place, home: '/srv/b' }), [], 'another instance has its own');
});

test('addKey refuses names with more in them, a key that has another name, and a home that breaks the line', () => {
  const key = { name: 'ada', type: 'ssh-ed25519', base64: ada };
  for (const name of ['', 'a b', 'a\nb', 'ä', 'a"b', '$x', 'a/b', 'x'.repeat(65)])
    assert.throws(() => addKey('', { ...key, name }, place), refused, name);
  assert.throws(() => addKey(addKey('', key, place), { ...key, name: 'eve' }, place), /there already, as ada/);
  assert.throws(() => addKey('', key, { ...place, home: '/a\nssh-ed25519' }), refused);
  const odd = addKey('', key, { program: place.program, home: `/a "b" it's` });
  assert.match(odd, / --home '\/a \\"b\\" it'\\''s'" ssh-ed25519 /);
});

test('readSshCommand takes a push or a fetch of one quoted path, whatever its folder', () => {
  for (const [line, wanted] of [
    [`git-receive-pack 'moose.git'`, { verb: 'receive', app: 'moose' }],
    [`git-upload-pack '/moose'`, { verb: 'upload', app: 'moose' }],
    [`git receive-pack '/var/lib/antler/repos/moose facts.git/'`, { verb: 'receive', app: 'moose facts' }],
    [`git-receive-pack '~/it'\\''s a '\\!'.git'`, { verb: 'receive', app: "it's a !" }],
  ] as const)
    assert.deepEqual(readSshCommand(line), wanted, line);
});

test('readSshCommand refuses everything else', () => {
  for (const line of [
    undefined,
    '',
    'sh',
    'git-receive-pack moose.git',
    `git-receive-pack 'moose.git' --x`,
    `git-receive-pack 'a' 'b'`,
    `git-receive-pack 'a'; id; ''`,
    `git-receive-pack 'a'\n'b'`,
    `git-receive-pack ''`,
    `git-receive-pack '..'`,
    `git-receive-pack 'a\\''`,
    `git-upload-archive 'moose.git'`,
    `GIT-receive-pack 'moose.git'`,
    ` git-receive-pack 'moose.git'`,
    `git-receive-pack 'mo\x00ose.git'`,
  ])
    assert.throws(
      () => readSshCommand(line),
      (error) => hasCode(error, 'api/denied'),
      line,
    );
});

function blob(type: string, seed: number): string {
  const field = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return Buffer.concat([field(Buffer.from(type)), field(Buffer.alloc(32, seed))]).toString('base64');
}
