/** Who is on the other end of a unix socket: asked of the kernel, never of the caller. */

import { readFile, readlink } from 'node:fs/promises';
import type { Socket } from 'node:net';

import { exec } from '../kit/exec.ts';

/** `pi`, `root`, `uid 1005`; where root came through sudo, who typed it: `pi (sudo)`. */
export async function peerOf(socket: Socket, signal: AbortSignal): Promise<string> {
  const inode = await inodeOf(socket);
  if (inode === undefined) return 'unknown';
  const { stdout } = await exec(['ss', '--no-header', '--unix', '--processes', '--numeric'], { signal, timeoutMs: 5000 });
  const pid = peerPid(stdout, inode);
  return pid === undefined ? 'unknown (gone)' : nameOf(pid);
}

/** Node shows no peer credentials; the descriptor's inode leads to them. */
async function inodeOf(socket: Socket): Promise<string | undefined> {
  const handle: unknown = Reflect.get(socket, '_handle');
  const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
  if (typeof fd !== 'number' || fd < 0) return undefined;
  const target = await readlink(`/proc/self/fd/${fd}`).catch(() => '');
  return /^socket:\[(\d+)\]$/.exec(target)?.[1];
}

/** The process that holds the socket whose peer is `inode`, from the lines of `ss -xpn`. Pure. */
export function peerPid(lines: string, inode: string): number | undefined {
  for (const line of lines.split('\n')) {
    const words = line.trim().split(/\s+/);
    // netid state recv-q send-q local-path local-inode peer-path peer-inode users:((…))
    if (words[7] !== inode) continue;
    const pid = /pid=(\d+)/.exec(words.slice(8).join(' '))?.[1];
    if (pid !== undefined) return Number(pid);
  }
  return undefined;
}

async function nameOf(pid: number): Promise<string> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1] ?? '';
    const name = await userName(uid);
    if (uid !== '0') return name;
    // Root may say what it likes, so root may say who it was before.
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    const before = environment
      .split('\0')
      .find((each) => each.startsWith('SUDO_USER='))
      ?.slice('SUDO_USER='.length);
    return before === undefined || before === 'root' || !/^[\w.-]{1,32}$/.test(before) ? name : `${before} (sudo)`;
  } catch {
    return 'unknown (gone)';
  }
}

async function userName(uid: string): Promise<string> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const line = passwd.split('\n').find((each) => each.split(':')[2] === uid);
  return line?.split(':')[0] ?? `uid ${uid}`;
}
