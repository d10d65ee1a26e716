/** A pull request is a stranger's code: what its jobs get, reach, and do to those who are served. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { jobsNetwork } from '../../src/instance/instance.ts';
import { commit, file, it, push, secret, underLoad } from './shared.ts';

/** Looks for files and calls addresses, in a job; its own server is what it must reach. */
const LOOK = `
const { lstatSync } = require('node:fs');
const { connect, createServer } = require('node:net');
const [files, targets] = JSON.parse(process.env.LOOK_FOR);
for (const path of files) {
  try { lstatSync(path); console.log('file ' + path + ' is there'); } catch (error) { console.log('file ' + path + ' ' + error.code); }
}
const call = (target) => new Promise((done) => {
  const [host, port] = target.split(':');
  const socket = connect({ host, port: Number(port), timeout: 1500 });
  const say = (what) => { console.log('call ' + target + ' ' + what); socket.destroy(); done(); };
  socket.on('connect', () => say('answered')).on('timeout', () => say('dropped')).on('error', (error) => say(error.code));
});
const own = createServer().listen(4567, async () => {
  await Promise.all(['127.0.0.1:4567', ...targets].map(call));
  own.close();
});
`;

test('a pull request’s job gets no secret, may not deploy, reaches nothing of ours, and takes nothing from those who are served', async () => {
  const ours = ['', '/run', '/run/api.sock', '/run/engine.sock', '/run/jobs', '/platform.db', '/secrets.key', '/repos', '/topology.json'];
  const machines = '/var/lib/antler /var/lib/antler-machine /run/podman/podman.sock /run/docker.sock /var/lib/containers';
  const files = [...ours.map((path) => `${it.home}${path}`), ...machines.split(' ')];
  const { id, block, registryPort } = JSON.parse(readFileSync(join(it.home, 'instance.json'), 'utf8')) as {
    readonly id: string;
    readonly block: number;
    readonly registryPort: number;
  };
  const { environments } = JSON.parse(readFileSync(join(it.home, 'topology.json'), 'utf8')) as {
    readonly environments: Readonly<Record<string, { readonly index: number; readonly services: Readonly<Record<string, number>> }>>;
  };
  const entries = Object.values(environments).flatMap(({ index, services }) =>
    ['backend:5000', 'frontend:8080'].map((service) => {
      const [name = '', port = ''] = service.split(':');
      return `10.${block}.${index}.${services[name] ?? 0}:${port}`;
    }),
  );
  assert.equal(entries.length, 6);
  const opened = new URL((await it.json<{ readonly url: string }>(['console'])).url).port;
  const addresses = Object.values(networkInterfaces()).flatMap((each) =>
    (each ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address),
  );
  const gateway = jobsNetwork({ id, block }).subnet.replace(/0\/24$/, '1');
  const hosts = [gateway, '127.0.0.1', ...new Set(addresses)];
  const ports = [22, registryPort, Number(opened), it.port(30008), it.port(30009), it.port(30010)];
  const targets = [...entries, ...hosts.flatMap((host) => ports.map((port) => `${host}:${port}`))];
  const indented = LOOK.trim().replaceAll(/^/gm, ' '.repeat(10));
  writeFileSync(
    file('.github/workflows/strangers.yml'),
    `on: pull_request
jobs:
  look:
    runs-on: ubuntu-latest
    env:
      TOKEN: \${{ secrets.TOKEN }}
      LOOK_FOR: '${JSON.stringify([files, targets])}'
    steps:
      - run: echo "secret is [$TOKEN]"
      - run: antler deploy dev || echo "deploy ended with $?"
      - run: antler build || echo "build ended with $?"
      - run: antler approve a1 || echo "approve ended with $?"
      - run: antler secrets ls || echo "secrets ended with $?"
      - name: Look around
        shell: node {0}
        run: |
${indented}
      - name: Look for sockets
        shell: python3 {0}
        run: |
          import os, stat
          # find believes what a folder says of its entries; what is mounted over one is another matter
          for at, folders, files in os.walk('/'):
              folders[:] = [each for each in folders if os.path.join(at, each) not in ('/proc', '/sys')]
              for path in (os.path.join(at, each) for each in files):
                  if stat.S_ISSOCK(os.lstat(path).st_mode): print('socket', path, 'found')
      - name: What the base has
        run: |
          git --version && node --version && python3 --version && antler --version
          echo 'int main(void) { return 7; }' | cc -x c - -o "$RUNNER_TEMP/seven"
          "$RUNNER_TEMP/seven" || echo "compiled, and ended with $?"
  burn:
    runs-on: ubuntu-latest
    steps:
      - name: Burn
        run: |
          for each in $(seq $(( $(nproc) * 2 ))); do timeout 4 sh -c 'while :; do :; done' & done
          code=0; tail /dev/zero || code=$?
          wait
          exit $code
  deploy:
    runs-on: ubuntu-latest
    environment: dev
    steps:
      - run: echo ne""ver
`,
  );
  await commit('strangers');
  await secret('TOKEN', 's3cret-value');
  let pushed: Awaited<ReturnType<typeof push>> | undefined;
  const { lost, lostBy, ok } = await underLoad(30010, async () => {
    pushed = await push('antler', 'HEAD:refs/for/main/look');
  });
  const { code, said } = pushed ?? assert.fail();
  assert.notEqual(code, 0, 'its last job may not enter dev');
  assert.match(said, /secret is \[\]/);
  for (const verb of ['deploy', 'build', 'approve', 'secrets']) assert.match(said, new RegExp(`${verb} ended with 1`));
  assert.match(said, /pull request’s job may not deploy/);
  assert.doesNotMatch(said, /s3cret-value|never\n/);

  const found = (kind: string): readonly (readonly string[])[] =>
    [...said.matchAll(new RegExp(`│ +${kind} (\\S+) (.+)$`, 'gm'))].map(([, what = '', how = '']) => [what, how]);
  assert.deepEqual(
    found('file'),
    files.map((path) => [path, 'ENOENT']),
  );
  const calls = found('call');
  assert.equal(calls.length, targets.length + 1, said);
  assert.deepEqual(
    calls.filter(([, how]) => !/^(?:dropped|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH)$/.test(how ?? '')),
    [['127.0.0.1:4567', 'answered']],
    'what it listens on itself, and nothing else',
  );
  assert.deepEqual(found('socket'), [['/run/antler.sock', 'found']]);

  for (const tool of [/git version 2/, /v24\./, /Python 3/, /compiled, and ended with 7/]) assert.match(said, tool);

  assert.match(said, /✗ burn failure.*: Burn: killed as the job had taken all .+ of memory that a job may use/);
  assert.deepEqual([lost, lostBy], [0, {}], 'requests to prod while a job took all that it could');
  assert.ok(ok > 100, `${ok} requests`);
});
