import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sudoArgv } from './root.ts';

test('sudoArgv hands over what Antler reads, as arguments, and nothing else', () => {
  const argv = sudoArgv({
    env: { ANTLER_HOME: '/srv/a b; rm -rf $HOME', LD_PRELOAD: 'x.so', https_proxy: 'http://p', NO_COLOR: undefined },
    program: ['/usr/bin/node', '/opt/antler/src/cli/main.ts', 'up'],
  });
  assert.deepEqual(argv, [
    '--',
    'env',
    'ANTLER_HOME=/srv/a b; rm -rf $HOME',
    'https_proxy=http://p',
    '/usr/bin/node',
    '/opt/antler/src/cli/main.ts',
    'up',
  ]);
});
