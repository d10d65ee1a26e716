/** `container:` as createRuns() asks for it; that the container gets it is shown with real ones in test/parts/actions-container. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

import { createHostSandbox } from '../../../src/actions/actions.ts';
import { follow, PATH, place, root } from './place.ts';

test('jobs.<id>.container, jobs.<id>.container.image, jobs.<id>.container.env: secrets, `env` and runner are known when the place is made', async () => {
  const asked: unknown[] = [];
  const paths = { workspace: '/w', temp: '/t', toolCache: '/c', runner: '/r' };
  await using it = await place({
    openJob: async ({ job, request: { container } }) => {
      asked.push([container?.image, container?.env({ name: 'box', arch: 'X64', paths })]);
      return createHostSandbox({ root: join(root, `container-${job}`), name: job, repository: 'app', env: process.env });
    },
  });
  await it.push('container', {
    [PATH]: `
on: push
env: { A: workflow, B: workflow }
jobs:
  mapping:
    runs-on: ubuntu-latest
    env: { B: "job \${{ secrets.TOKEN }}" }
    container:
      image: of/\${{ github.ref_name }}:1
      env: { S: "<\${{ secrets.TOKEN }}>", E: "\${{ env.A }} \${{ env.B }}", R: "\${{ runner.name }} \${{ runner.temp }} \${{ runner.os }}", N: 1 }
    steps: [{ run: echo x }]
  text:
    needs: mapping
    runs-on: ubuntu-latest
    container: plain:1
    steps: [{ run: echo x }]
  made:
    needs: text
    runs-on: ubuntu-latest
    container: \${{ fromJSON('{"image":"made:1","env":{"A":"b"}}') }}
    steps: [{ run: echo x }]
  none:
    needs: made
    runs-on: ubuntu-latest
    steps: [{ run: echo x }]
`,
  });
  await follow(it.runs, 1);
  assert.equal(it.runs.get(1).conclusion, 'success');
  assert.deepEqual(asked, [
    ['of/main:1', { S: '<s3cret-value>', E: 'workflow job s3cret-value', R: 'box /t Linux', N: '1' }],
    ['plain:1', {}],
    ['made:1', { A: 'b' }],
    [undefined, undefined],
  ]);
});
