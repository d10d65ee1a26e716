/** The machine under a test instance: its processes, its containers, its ports. */

import { execFile, type ChildProcess } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Podman as the instance uses it; its containers only where the arguments say so. */
export async function podman(instance: { readonly home: string }, ...args: readonly string[]): Promise<string> {
  const { id } = JSON.parse(await readFile(join(instance.home, 'instance.json'), 'utf8')) as { readonly id: string };
  const own = args[0] === 'ps' ? ['--filter', `label=antler.instance=${id}`] : [];
  const [verb = '', ...rest] = args;
  const { stdout } = await run('podman', [verb, ...own, ...rest], {
    env: { ...process.env, CONTAINERS_CONF: join(instance.home, 'containers.conf') },
  });
  return stdout;
}

/** Processes whose command line names the home, or that stand in it (runsv does), and whose command line holds `part`. */
export async function pidsOf(home: string, part: string): Promise<number[]> {
  const pids: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const command = (await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
    const folder = await readlink(`/proc/${entry}/cwd`).catch(() => '');
    if ((command.includes(home) || folder.startsWith(`${home}/`)) && command.includes(part)) pids.push(Number(entry));
  }
  return pids;
}

/** kill -9; one that is gone already is fine. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone
  }
}

export async function untilAnswers(url: string, options: { readonly everyMs: number; readonly timeoutMs: number }): Promise<void> {
  const end = performance.now() + options.timeoutMs;
  for (;;) {
    const ok = await fetch(url, { signal: AbortSignal.timeout(2000) }).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return;
    if (performance.now() > end) throw new Error(`${url} does not answer after ${options.timeoutMs} ms`);
    await sleep(options.everyMs);
  }
}

/** Until a command that runs with `--json` says that a step has begun; throws when it ends before. */
export async function heard(child: ChildProcess, step: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    const lines = said.split('\n');
    const begun = lines.slice(0, -1).some((line) => line.includes(`"step":"${step}"`) && line.includes('"state":"start"'));
    if (begun) resolve();
  });
  child.on('close', (code) => reject(new Error(`ended with ${code} before ${step}:\n${said}`)));
  return promise;
}
