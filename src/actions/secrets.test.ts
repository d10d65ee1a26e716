/** Promises about secrets at rest: sealed, all or none, never without their key; and about which one a job sees. Real files, real SQLite. */

import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';

import { AntlerError } from '../kit/errors.ts';
import { openPlatform } from '../store/store.ts';
import { createVault, type Vault } from './secrets.ts';

const ANA = { environment: undefined, actor: 'ana' };
const BEN = { environment: 'prod', actor: 'ben' };

test('secrets: what is set is what a job opens, byte by byte, also after a restart', async (t) => {
  const home = await createHome(t);
  const values = { A: 'hunter2', B: '-----BEGIN\nline\r\n\n', C: '\uFEFF \u{1F98C}\t', D: 'x'.repeat(49_152), __PROTO__: 'p' };
  for (const [name, value] of Object.entries(values)) await home.vault.secrets.set(name.toLowerCase(), value, ANA);
  assert.deepEqual(await home.vault.secrets.open(undefined), values);
  await home.vault.secrets.set('A', 'hunter3', BEN);
  await home.vault.secrets.set('A', 'hunter4', BEN);
  home.reopen();
  assert.deepEqual(await home.vault.secrets.open(undefined), values);
  assert.equal((await home.vault.secrets.open('prod'))['A'], 'hunter4');
});

for (const kind of ['secrets', 'variables'] as const) {
  test(`${kind}: the environment’s win over the repository’s, another environment’s are not seen`, async (t) => {
    const { vault } = await createHome(t);
    const shelf = vault[kind];
    assert.deepEqual(await shelf.open('prod'), {});
    await shelf.set('BOTH', 'all', ANA);
    await shelf.set('ALL', 'all', ANA);
    await shelf.set('BOTH', 'prod', BEN);
    await shelf.set('PROD', 'prod', BEN);
    await shelf.set('STG', 'stg', { environment: 'stg', actor: 'ana' });
    assert.deepEqual(await shelf.open('prod'), { ALL: 'all', BOTH: 'prod', PROD: 'prod' });
    assert.deepEqual(await shelf.open(undefined), { ALL: 'all', BOTH: 'all' });
    assert.deepEqual(await shelf.open('dev'), { ALL: 'all', BOTH: 'all' });
    shelf.remove('both', 'prod');
    assert.equal((await shelf.open('prod'))['BOTH'], 'all');
  });

  test(`${kind}: remove of what is not there is an error that says where one is`, async (t) => {
    const { vault } = await createHome(t);
    await vault[kind].set('TOKEN', 'v', BEN);
    const shelf: Pick<Vault['secrets'], 'list' | 'remove'> = vault[kind];
    assert.throws(
      () => shelf.remove('TOKEN', undefined),
      coded('actions/unknown-setting', new RegExp(`antler ${kind} rm TOKEN --env prod`)),
    );
    assert.throws(() => shelf.remove('OTHER', 'prod'), coded('actions/unknown-setting', new RegExp(`antler ${kind} ls`)));
    assert.equal(shelf.list().length, 1);
  });
}

test('secrets.list says who and when, never the value', async (t) => {
  const { vault } = await createHome(t);
  const set = await vault.secrets.set('token', 'hunter2', BEN);
  const listed = { name: 'TOKEN', environment: 'prod', actor: 'ben', updatedAt: 1000 };
  assert.deepEqual(set, listed);
  assert.deepEqual(vault.secrets.list(), [listed]);
  assert.deepEqual(vault.secrets.remove('TOKEN', 'prod'), listed);
  assert.deepEqual(vault.secrets.list(), []);
});

test('variables.list shows the value', async (t) => {
  const { vault } = await createHome(t);
  await vault.variables.set('region', 'north', ANA);
  assert.deepEqual(vault.variables.list(), [{ name: 'REGION', environment: undefined, actor: 'ana', updatedAt: 1000, value: 'north' }]);
});

test('secrets: no file of the home but the key’s holds a value or the key, in the clear or in base64', async (t) => {
  const home = await createHome(t);
  const value = 'Zz-hunter2-not-to-be-found-zZ';
  await home.vault.secrets.set('TOKEN', value, ANA);
  await home.vault.secrets.set('TOKEN', `${value}2`, ANA);
  await home.vault.secrets.open(undefined);
  const key = /AGE-SECRET-KEY-1\w+/.exec(await readFile(home.keyFile, 'utf8'))?.[0] ?? assert.fail();
  const files = await readdir(home.path);
  assert.ok(files.includes('platform.db-wal'), files.join());
  for (const file of files.filter((name) => name !== 'secrets.key')) {
    const bytes = await readFile(join(home.path, file));
    for (const shift of [0, 1, 2]) {
      const encoded = Buffer.from(value).subarray(shift).toString('base64').slice(0, 24);
      assert.ok(!bytes.includes(encoded), `${file} holds the value in base64`);
    }
    assert.ok(!bytes.includes(value), `${file} holds the value`);
    assert.ok(!bytes.includes(key), `${file} holds the key`);
  }
});

test('secrets.key is made with the first secret, once, for its owner only, whatever the umask; and made so again', async (t) => {
  const home = await createHome(t);
  await home.vault.variables.set('REGION', 'north', ANA);
  assert.deepEqual(await home.vault.secrets.open('prod'), {});
  assert.ok(!(await readdir(home.path)).includes('secrets.key'));
  const before = process.umask(0);
  await Promise.all(['A', 'B', 'C'].map(async (name) => home.vault.secrets.set(name, name, ANA))).finally(() => process.umask(before));
  assert.equal((await stat(home.keyFile)).mode & 0o777, 0o600);
  assert.deepEqual(await home.vault.secrets.open(undefined), { A: 'A', B: 'B', C: 'C' });
  assert.deepEqual(
    (await readdir(home.path)).filter((name) => name.startsWith('secrets.key')),
    ['secrets.key'],
  );
  await chmod(home.keyFile, 0o644); // as a backup may bring it back
  await home.vault.secrets.open(undefined);
  assert.equal((await stat(home.keyFile)).mode & 0o777, 0o600);
});

test('secrets: a key that is missing is never made anew over secrets; with the file back, nothing is lost', async (t) => {
  const home = await createHome(t);
  await home.vault.secrets.set('TOKEN', 'hunter2', BEN);
  await rename(home.keyFile, `${home.keyFile}.away`);
  const missing = coded('actions/secrets-key', /secrets\.key is missing while a secret needs it: TOKEN of prod.*backup/);
  await assert.rejects(home.vault.secrets.open('prod'), missing);
  await assert.rejects(home.vault.secrets.set('OTHER', 'x', ANA), missing);
  assert.deepEqual(await home.vault.secrets.open('dev'), {}); // no secret there: no key needed
  assert.equal(home.vault.secrets.list().length, 1);
  await rename(`${home.keyFile}.away`, home.keyFile);
  assert.deepEqual(await home.vault.secrets.open('prod'), { TOKEN: 'hunter2' });
});

test('secrets: who has lost the key removes what it sealed, and begins again with a new one', async (t) => {
  const home = await createHome(t);
  await home.vault.secrets.set('TOKEN', 'hunter2', ANA);
  await rm(home.keyFile);
  home.vault.secrets.remove('TOKEN', undefined);
  await home.vault.secrets.set('TOKEN', 'hunter3', ANA);
  assert.deepEqual(await home.vault.secrets.open(undefined), { TOKEN: 'hunter3' });
});

for (const [what, text] of [
  ['empty', ''],
  ['no identity', 'AGE-SECRET-KEY-1QQ\n'],
  ['two identities', `AGE-SECRET-KEY-1${'Q'.repeat(58)}\n`.repeat(2)],
] as const) {
  test(`secrets: a key file that is damaged (${what}) is an error, not replaced and not shown`, async (t) => {
    const home = await createHome(t);
    await writeFile(home.keyFile, text);
    await assert.rejects(home.vault.secrets.set('TOKEN', 'x', ANA), coded('actions/secrets-key', /holds no age identity/));
    assert.equal(await readFile(home.keyFile, 'utf8'), text);
  });
}

test('secrets: a value that was changed or that another key sealed opens for nobody; all of them are named', async (t) => {
  const home = await createHome(t);
  for (const name of ['GOOD', 'CUT', 'FLIPPED', 'PLAIN', 'COVERED']) await home.vault.secrets.set(name, 'hunter2', ANA);
  await home.vault.secrets.set('COVERED', 'hunter3', BEN);
  for (const [name, change] of Object.entries({
    CUT: (sealed: string) => sealed.replace(/\n[^\n]+\n(?=-----END)/, '\n'),
    FLIPPED: (sealed: string) => sealed.replace(/(.)(?=\n-----END)/, (_, sign: string) => (sign === '=' ? 'A' : '=')),
    PLAIN: () => 'hunter2',
    COVERED: () => '',
  })) {
    const row = home.store.settings.list('secret').find((each) => each.name === name && each.environment === undefined) ?? assert.fail();
    assert.notEqual(change(row.value), row.value);
    home.store.settings.set({ ...row, value: change(row.value) });
  }
  await assert.rejects(home.vault.secrets.open('prod'), (error) => {
    assert.ok(error instanceof AntlerError && error.code === 'actions/secret-damaged');
    assert.deepEqual(
      error.problems.map(({ at }) => at),
      ['CUT', 'FLIPPED', 'PLAIN'],
    ); // an environment’s covers what is broken below
    assert.match(error.problems[0]?.hint ?? '', /antler secrets set CUT/);
    assert.ok(!JSON.stringify(error.toBody()).includes('hunter2'));
    return true;
  });
  for (const name of ['CUT', 'FLIPPED', 'PLAIN']) await home.vault.secrets.set(name, 'again', ANA);
  assert.equal((await home.vault.secrets.open('prod'))['CUT'], 'again');

  const other = await createHome(t);
  await other.vault.secrets.set('X', 'x', ANA);
  await rename(home.keyFile, `${home.keyFile}.away`);
  await writeFile(home.keyFile, await readFile(other.keyFile));
  await assert.rejects(
    home.vault.secrets.open(undefined),
    coded('actions/secret-damaged', /^Cannot open COVERED, CUT, FLIPPED, GOOD, PLAIN as/),
  );
});

async function createHome(t: TestContext) {
  const path = await mkdtemp('/var/tmp/antler-secrets-');
  const keyFile = join(path, 'secrets.key');
  const clock = { now: () => 1000 };
  const open = () => openPlatform(join(path, 'platform.db'), clock);
  let store = open();
  t.after(async () => {
    store[Symbol.dispose]();
    await rm(path, { recursive: true });
  });
  const vaultOf = () => createVault({ store: store.settings, keyFile, clock });
  let vault = vaultOf();
  return {
    path,
    keyFile,
    get store() {
      return store;
    },
    get vault() {
      return vault;
    },
    /** As a daemon that starts again. */
    reopen: () => {
      store[Symbol.dispose]();
      store = open();
      vault = vaultOf();
    },
  };
}

function coded(code: string, says: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof AntlerError, String(error));
    assert.equal(error.code, code);
    assert.match(`${error.message} ${error.hint}`, says);
    return true;
  };
}
