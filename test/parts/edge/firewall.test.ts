/** The first lock in a network of its own: namespaces play host, two environments, a build and a neighbour on the LAN. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';

import { firewallRules } from '../../../src/edge/edge.ts';
import { exec } from '../../../src/kit/exec.ts';
import { signal } from './bench.ts';

const CONNECT = `
const [host, port] = process.argv.slice(1);
const socket = require('net').connect({ host, port: Number(port), family: host.includes(':') ? 6 : 4 });
socket.setTimeout(600, () => process.exit(3));
socket.on('connect', () => process.exit(0));
socket.on('error', () => process.exit(4));`;
const LISTEN = `
for (const port of [5000, 2222]) require('net').createServer((socket) => socket.destroy()).listen(port, '::', () => console.log(port));`;

async function ip(...words: readonly string[]): Promise<void> {
  await exec(['ip', ...words], { signal });
}

async function listen(t: TestContext, space: string): Promise<void> {
  const child = spawn('ip', ['netns', 'exec', space, process.execPath, '-e', LISTEN], { stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  while (!said.includes('2222')) said += String((await once(child.stdout, 'data'))[0]);
}

test('firewallRules(): a container calls its own services; not another environment, not the host, and the LAN calls none of ours', async (t) => {
  const mark = randomBytes(2).toString('hex');
  const net = `10.${randomInt(100, 250)}`;
  const space = (name: string): string => `antler-${mark}-${name}`;
  const host = space('host');
  const inHost = (...words: readonly string[]): Promise<void> => ip('-n', host, ...words);
  const names = ['host', 'dev', 'stg', 'build', 'job', 'lan'];
  t.after(async () => {
    for (const name of names) await exec(['ip', 'netns', 'delete', space(name)], { signal, accept: [1] });
  });
  for (const name of names) {
    await ip('netns', 'add', space(name));
    await ip('-n', space(name), 'link', 'set', 'lo', 'up');
  }
  const join = async (name: string, subnet: string, at: string): Promise<void> => {
    await inHost('link', 'add', `br-${name}`, 'type', 'bridge');
    await inHost('address', 'add', `${subnet}.1/24`, 'dev', `br-${name}`);
    await inHost('link', 'set', `br-${name}`, 'up');
    await inHost('link', 'add', `v-${name}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space(name));
    await inHost('link', 'set', `v-${name}`, 'master', `br-${name}`, 'up');
    await ip('-n', space(name), 'address', 'add', `${subnet}.${at}/24`, 'dev', 'eth0');
    await ip('-n', space(name), 'link', 'set', 'eth0', 'up');
    await ip('-n', space(name), 'route', 'add', 'default', 'via', `${subnet}.1`);
  };
  await join('dev', `${net}.101`, '10');
  await join('stg', `${net}.102`, '10');
  await join('build', `${net}.200`, '10');
  await join('job', `${net}.201`, '10');
  await join('lan', '192.168.77', '10');
  for (const address of [`${net}.1.1`, `${net}.2.1`]) await inHost('address', 'add', `${address}/32`, 'dev', 'lo');
  await exec(['ip', 'netns', 'exec', host, 'sysctl', '-qw', 'net.ipv4.ip_forward=1'], { signal });
  const rules = firewallRules({
    block: `${net}.0.0/16`,
    networks: [
      { subnet: `${net}.101.0/24`, services: [{ address: `${net}.1.1`, port: 5000 }] },
      { subnet: `${net}.102.0/24`, services: [{ address: `${net}.2.1`, port: 5000 }] },
      { subnet: `${net}.200.0/24`, services: [] },
    ],
    jobs: `${net}.201.0/24`,
  });
  await exec(['ip', 'netns', 'exec', host, 'nft', '-f', '-'], { signal, input: `table inet antler_test {\n${rules}}\n` });
  await listen(t, host);
  await listen(t, space('stg'));
  await listen(t, space('lan'));
  const reaches = async (from: string, to: string, port: number): Promise<boolean> => {
    const argv = ['ip', 'netns', 'exec', space(from), process.execPath, '-e', CONNECT, to, String(port)] as const;
    return (await exec(argv, { signal, accept: [3, 4] })).exitCode === 0;
  };
  const { stdout } = await exec(['ip', '-n', host, '-6', '-json', 'address', 'show', 'dev', 'br-dev', 'scope', 'link'], { signal });
  const linkLocal = (JSON.parse(stdout) as { addr_info?: { local: string }[] }[])[0]?.addr_info?.[0]?.local;

  const table: readonly (readonly [boolean, string, string, number, string])[] = [
    [true, 'dev', `${net}.1.1`, 5000, 'its own service'],
    [false, 'dev', `${net}.1.1`, 2222, 'the host by the virtual address'],
    [false, 'dev', `${net}.101.1`, 5000, 'the host by the bridge'],
    [false, 'dev', '192.168.77.1', 5000, 'the host by the LAN address'],
    [false, 'dev', `${net}.2.1`, 5000, 'another environment’s service'],
    [false, 'dev', `${net}.102.10`, 5000, 'another environment’s container'],
    [true, 'stg', `${net}.2.1`, 5000, 'its own service'],
    [true, 'dev', '192.168.77.10', 5000, 'the outside'],
    [true, 'build', '192.168.77.10', 5000, 'the outside (a mirror)'],
    [false, 'build', `${net}.1.1`, 5000, 'a service'],
    [false, 'build', `${net}.102.10`, 5000, 'a container'],
    [false, 'build', `${net}.200.1`, 2222, 'the host'],
    [true, 'job', '192.168.77.10', 5000, 'the outside (a mirror)'],
    [false, 'job', `${net}.1.1`, 5000, 'an entry that is not open to it'],
    [false, 'job', `${net}.101.10`, 5000, 'a container'],
    [false, 'job', `${net}.201.1`, 5000, 'the host by the bridge'],
    [false, 'job', '192.168.77.1', 5000, 'the host by the LAN address (an entry’s port)'],
    [false, 'dev', `${net}.201.10`, 5000, 'a job'],
    [false, 'lan', `${net}.201.10`, 5000, 'a job'],
    [true, 'lan', '192.168.77.1', 5000, 'an entry'],
    [false, 'lan', `${net}.1.1`, 5000, 'a virtual address'],
    [false, 'lan', `${net}.102.10`, 5000, 'a container'],
    [true, 'host', `${net}.1.1`, 5000, 'a virtual address'],
    [true, 'host', `${net}.102.10`, 5000, 'a container'],
    ...(linkLocal === undefined ? [] : ([[false, 'dev', `${linkLocal}%eth0`, 5000, 'the host by IPv6']] as const)),
  ];
  const check = async (rows: typeof table): Promise<void> => {
    for (const [expected, from, to, port, what] of rows) {
      assert.equal(await reaches(from, to, port), expected, `${from} → ${what} (${to}:${port})`);
    }
  };
  await check(table);
  const set = async (verb: string): Promise<void> => {
    const element = `{ ${net}.201.10 . ${net}.1.1 . 5000 }`;
    await exec(['ip', 'netns', 'exec', host, 'nft', `${verb} element inet antler_test jobs ${element}`], { signal });
  };
  await set('add');
  await check([
    [true, 'job', `${net}.1.1`, 5000, 'the entry that was opened to it'],
    [false, 'job', `${net}.1.1`, 2222, 'the host by that address'],
    [false, 'job', `${net}.2.1`, 5000, 'another environment’s entry'],
    [false, 'job', `${net}.101.10`, 5000, 'a container of that environment'],
    [false, 'build', `${net}.1.1`, 5000, 'a service'],
  ]);
  await set('delete');
  await check([[false, 'job', `${net}.1.1`, 5000, 'an entry that was closed']]);
});
