import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createEntries, elementOf } from './entries.ts';

test('elementOf: numbers only reach nft', () => {
  assert.equal(elementOf('10.1.201.10', { address: '10.1.1.2', port: 8080 }), '10.1.201.10 . 10.1.1.2 . 8080');
  assert.throws(() => elementOf('10.1.201.10 }; flush ruleset', { address: '10.1.1.2', port: 1 }), { code: 'internal/bug' });
});

test('createEntries: the entry is the exposed service’s virtual address; none where nothing is exposed', () => {
  const place = { network: 'n', subnet: 's', idBase: 1, services: { web: '10.1.1.2', api: '10.1.1.1' }, port: 30_001, listen: 'any' };
  const entries = (expose: boolean) =>
    createEntries({
      instance: { id: 'x' },
      spec: () =>
        ({
          services: [
            { name: 'api', expose: false, port: 1 },
            { name: 'web', expose, port: 8080 },
          ],
        }) as never,
      topology: () => ({ prefix: 'p', environments: { dev: place } }),
    });
  assert.equal(entries(true).urlOf('dev'), 'http://10.1.1.2:8080');
  assert.equal(entries(true).urlOf('prod'), undefined);
  assert.equal(entries(false).urlOf('dev'), undefined);
});
