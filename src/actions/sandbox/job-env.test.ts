import assert from 'node:assert/strict';
import { test } from 'node:test';

import { jobEnv, proxies } from './job-env.ts';

const OPTIONS = { image: {}, reach: {}, proxies: {}, home: '/runner/home', program: '/opt/antler', debian: false };

test('jobEnv: the image’s own settings win, its programs too; ours come last; the engine’s are left out', () => {
  const env = jobEnv({
    ...OPTIONS,
    image: { PATH: '/opt/tool:/bin', LANG: 'de_DE.UTF-8', HOME: '/root', container: 'podman', TERM: 'xterm', CI_TOOL: '1' },
    reach: { SSL_CERT_FILE: '/dev/antler/ca.crt' },
    socket: '/run/antler.sock',
  });
  assert.deepEqual(env, {
    LANG: 'de_DE.UTF-8',
    SSL_CERT_FILE: '/dev/antler/ca.crt',
    CI_TOOL: '1',
    PATH: '/opt/tool:/bin:/opt/antler:/opt/antler/bin',
    HOME: '/runner/home',
    ANTLER_SOCKET: '/run/antler.sock',
  });
  assert.match(jobEnv(OPTIONS)['PATH'] ?? '', /^\/usr\/local\/sbin:/);
  assert.equal(jobEnv({ ...OPTIONS, debian: true })['DEBIAN_FRONTEND'], 'noninteractive');
});

test('proxies: both spellings, and nothing else of the daemon’s environment', () => {
  assert.deepEqual(proxies({ HTTPS_PROXY: 'a', no_proxy: 'b', SECRET: 'c' }), { HTTPS_PROXY: 'a', no_proxy: 'b' });
});
