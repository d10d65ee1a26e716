/** Secrets on the way from the vault to a step: each job gets those of the environment that it names, and no other's. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { createVault, type Vault } from '../../../src/actions/actions.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { follow, PATH, place, root, texts } from './place.ts';

test('createRuns(): a job sees the secrets of the repository and of the environment that it names, another’s neither in a context nor in a file', async () => {
  let vault: Vault | undefined;
  await using it = await place({ secrets: async (environment) => vault?.secrets.open(environment) ?? {} });
  vault = createVault({ store: it.store.settings, keyFile: join(root, 'secrets.key'), clock: systemClock });
  for (const [name, environment, value] of [
    ['SHARED', undefined, 'shared-value'],
    ['TOKEN', 'dev', 'token-of-dev'],
    ['TOKEN', 'prod', 'token-of-prod'],
    ['ONLY', 'prod', 'only-of-prod'],
  ] as const)
    await vault.secrets.set(name, value, { environment, actor: 'ann' });
  // Reversed, so that no mask hides what came.
  const look = 'printf "%s|%s|%s\\n" "$SHARED" "$TOKEN" "$ONLY" | rev; env | rev | grep dorp-fo || true; echo "$ALL" | rev';
  const env = {
    SHARED: '${{ secrets.SHARED }}',
    TOKEN: '${{ secrets.TOKEN }}',
    ONLY: '${{ secrets.ONLY }}',
    ALL: '${{ toJSON(secrets) }}',
  };
  const job = (more: object): object => ({ 'runs-on': 'ubuntu-latest', ...more, steps: [{ run: look, env }] });
  const jobs = { none: job({}), dev: job({ environment: 'dev' }), prod: job({ environment: 'prod' }) };
  await it.push('secrets', { [PATH]: JSON.stringify({ on: 'push', jobs }) });
  const events = await follow(it.runs, 1);
  const said = (key: string): string =>
    texts(events.filter((event) => event.kind === 'line' && event.type === 'output' && event.job === key)).join('\n');
  const reversed = (text: string): string => Array.from(text).toReversed().join('');
  assert.equal(it.runs.get(1).conclusion, 'success');
  assert.match(said('none'), new RegExp(`^${RegExp.escape(reversed('shared-value||'))}$`, 'm'));
  assert.match(said('dev'), new RegExp(`^${RegExp.escape(reversed('shared-value|token-of-dev|'))}$`, 'm'));
  assert.match(said('prod'), new RegExp(`^${RegExp.escape(reversed('shared-value|token-of-prod|only-of-prod'))}$`, 'm'));
  for (const key of ['none', 'dev']) assert.doesNotMatch(said(key), /dorp-fo/, key);
  assert.match(said('prod'), /dorp-fo-nekot/);
});
