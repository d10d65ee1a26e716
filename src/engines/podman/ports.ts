/** A container's port of its bridge, isolated: it then reaches no other isolated port, only the machine. The same on CNI and netavark. */

import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { z } from 'zod';

import { AntlerError } from '../../kit/errors.ts';
import { exec } from '../../kit/exec.ts';

const links = z.array(z.object({ ifname: z.string(), link_index: z.number().optional() }));

/** `namespace`: path of the container's own network namespace. Throws rather than leave it open. */
export async function isolatePort(namespace: string, signal: AbortSignal): Promise<void> {
  const { stdout } = await exec(['ip', '-n', basename(namespace), '-j', 'link', 'show'], { signal });
  const index = links.parse(JSON.parse(stdout)).find(({ ifname }) => ifname === 'eth0')?.link_index;
  const port = index === undefined ? undefined : await interfaceOf(index);
  if (port === undefined)
    throw new AntlerError('engines/refused', 'Cannot isolate the container as its port of the bridge is not to be found');
  await exec(['ip', 'link', 'set', 'dev', port, 'type', 'bridge_slave', 'isolated', 'on'], { signal });
}

/** Name of the machine's interface with this number. */
async function interfaceOf(index: number): Promise<string | undefined> {
  for (const name of await readdir('/sys/class/net')) {
    const number = await readFile(`/sys/class/net/${name}/ifindex`, 'utf8').catch(() => '');
    if (Number(number) === index) return name;
  }
  return undefined;
}
