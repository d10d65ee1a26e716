import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createMemoryEngine } from '../engines/engines.ts';
import type { Engine } from '../engines/types.ts';
import { AntlerError } from '../kit/errors.ts';
import { heard } from './watch.ts';

const { signal } = new AbortController();
const CASES = [
  ['engines/unreachable', ['does not answer']],
  ['host/service-failed', ['does not answer']],
  ['engines/pull-failed', []],
  ['kit/aborted', []],
] as const;

for (const [code, told] of CASES) {
  test(`heard(): a start, a create and a pull that end with ${code} tell ${told.length === 0 ? 'nothing of the engine' : 'that it does not answer'}, and throw on`, async () => {
    const said: string[] = [];
    const fail = async (): Promise<never> => Promise.reject(new AntlerError(code, 'Cannot'));
    const broken: Engine = { ...createMemoryEngine({ instance: 'i' }), start: fail, create: fail, pull: fail };
    const engine = heard(broken, ({ well, detail }) => said.push(well ? 'well' : detail));
    await assert.rejects(engine.start('web', signal), { code });
    await assert.rejects(engine.create({} as Parameters<Engine['create']>[0], signal), { code });
    await assert.rejects(engine.pull('image', signal), { code });
    assert.deepEqual(
      said,
      told.flatMap((detail) => [detail, detail, detail]),
    );
  });
}

test('heard(): what the engine does tells that it answers', async () => {
  const said: boolean[] = [];
  const engine = heard({ ...createMemoryEngine({ instance: 'i' }), pull: async () => undefined }, ({ well }) => said.push(well));
  await engine.pull('image', signal);
  assert.deepEqual(said, [true]);
});
