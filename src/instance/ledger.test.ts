import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { AntlerError } from '../kit/errors.ts';
import { EMPTY_LEDGER, reserve } from './ledger-plan.ts';
import { lockLedger, readLedger, stemsFolder } from './ledger.ts';

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp('/var/tmp/antler-ledger-');
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'machine');
}

test('lockLedger() lets one in at a time and names the holder', async (t) => {
  const directory = await scratch(t);
  {
    await using held = await lockLedger({ signal: t.signal, directory });
    assert.deepEqual(held.state, EMPTY_LEDGER);
    await assert.rejects(lockLedger({ signal: t.signal, directory, waitMs: 0 }), (error) => {
      assert.ok(error instanceof AntlerError);
      assert.equal(error.code, 'instance/ledger-locked');
      assert.match(error.message, new RegExp(`pid ${process.pid} `));
      return true;
    });
    const waiting = lockLedger({ signal: t.signal, directory, onWait: (holder) => assert.match(holder, /pid/) });
    await held.save(reserve(EMPTY_LEDGER, { id: 'a', home: '/a' }, { kind: 'port', port: 1 }));
    setTimeout(() => void held[Symbol.asyncDispose](), 50);
    await using second = await waiting;
    assert.deepEqual(Object.keys(second.state.entries), ['port:1']);
  }
  assert.ok(existsSync(directory));
});

test('lockLedger() is free again when its holder was killed', async (t) => {
  const directory = await scratch(t);
  const code = `import {lockLedger} from ${JSON.stringify(join(import.meta.dirname, 'ledger.ts'))};
    await lockLedger({signal: new AbortController().signal, directory: ${JSON.stringify(directory)}}); console.log('held'); setInterval(() => {}, 1e6);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  await assert.rejects(lockLedger({ signal: t.signal, directory, waitMs: 0 }), /another Antler does: pid/);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  await using mine = await lockLedger({ signal: t.signal, directory, waitMs: 2000 });
  assert.deepEqual(mine.state, EMPTY_LEDGER);
});

test('LedgerHandle takes the folder away when nothing is left in it, with what instances shared there', async (t) => {
  const directory = await scratch(t);
  {
    await using held = await lockLedger({ signal: t.signal, directory });
    await held.save(reserve(EMPTY_LEDGER, { id: 'a', home: '/a' }, { kind: 'port', port: 1 }));
    await mkdir(stemsFolder(directory));
  }
  assert.ok(existsSync(stemsFolder(directory)));
  {
    await using held = await lockLedger({ signal: t.signal, directory });
    await held.save(EMPTY_LEDGER);
  }
  assert.equal(existsSync(directory), false);
  assert.deepEqual(await readLedger(directory), EMPTY_LEDGER);
});
