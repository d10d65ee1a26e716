/** `antler console`: a link that signs in to the console, once. */

import { hostname, userInfo } from 'node:os';
import process from 'node:process';

import { exec } from '../../kit/exec.ts';
import { createClient } from '../client.ts';
import type { Context } from '../command.ts';

export async function run(context: Context): Promise<void> {
  const { options, out, json, signal } = context;
  const link = await createClient(context).call('consoleLink', {}, signal);
  if (json) return out.object(link);
  out.line(out.paint('cyan', link.url));
  out.line(out.paint('dim', 'Signs in once, within ten minutes'));
  const tunnel = tunnelOf(link.url, process.env);
  if (tunnel !== undefined) {
    out.line(out.paint('dim', 'From your own computer, first:'));
    out.line(`  ${tunnel}`);
  }
  if (options.flag('open')) await exec(['xdg-open', link.url], { signal, timeoutMs: 10_000 });
}

/** What to type on the computer that the SSH session comes from; undefined where there is none, or the link leads here from everywhere. Pure. */
export function tunnelOf(url: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const { hostname: host, port } = new URL(url);
  const ssh = env['SSH_CONNECTION'];
  if (ssh === undefined || ssh === '' || host !== '127.0.0.1') return undefined;
  // client address, client port, our address, our port
  const [, , address = hostname(), sshPort = '22'] = ssh.split(' ');
  const user = env['SUDO_USER'] ?? env['USER'] ?? userInfo().username;
  return `ssh -N -L ${port}:127.0.0.1:${port}${sshPort === '22' ? '' : ` -p ${sshPort}`} ${user}@${address}`;
}
