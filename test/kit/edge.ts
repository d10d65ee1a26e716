/** The edge under a test instance: its processes, and how long a client is without an answer. */

import { readFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { pidsOf } from './machine.ts';

export interface EdgeProcesses {
  readonly master: number;
  /** The newest: a reload leaves older ones until their last connection ends. */
  readonly worker: number;
}

/** Waits until both are there. */
export async function haproxy(home: string): Promise<EdgeProcesses> {
  for (const end = performance.now() + 10_000; ; await sleep(10)) {
    const parents = new Map<number, number>();
    for (const pid of await pidsOf(home, '/usr/sbin/haproxy')) {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state !== undefined && state !== '' && state !== 'Z') parents.set(pid, Number(parent));
    }
    const master = [...parents.keys()].find((pid) => [...parents.values()].includes(pid));
    const worker = Math.max(...[...parents].filter(([, parent]) => parent === master).map(([pid]) => pid));
    if (master !== undefined) return { master, worker };
    if (performance.now() > end) throw new Error(`no HAProxy of ${home} after 10 s`);
  }
}

export interface Gap {
  /** From the last answer before a moment without answers to the first one after it; the longest such moment. */
  readonly gapMs: number;
  readonly failures: number;
}

/** Asks without a pause, on a new connection each time, while `kill` happens and until half a second after answers have come back. */
export async function gapOf(url: string, kill: () => Promise<void>): Promise<Gap> {
  const state = { last: 0, gap: 0, failures: 0, since: Number.POSITIVE_INFINITY };
  const over = new AbortController();
  const ask = async (): Promise<void> => {
    while (!over.signal.aborted) {
      if (await answers(url)) {
        const now = performance.now();
        if (state.last > 0) state.gap = Math.max(state.gap, now - state.last);
        state.last = now;
        if (state.failures > 0) state.since = Math.min(state.since, now);
      } else {
        state.failures += 1;
        state.since = Number.POSITIVE_INFINITY;
        await sleep(1); // refused at once: do not take the processor from what starts
      }
      if (performance.now() > state.since + 500) return;
    }
  };
  const asking = ask();
  await sleep(300);
  await kill();
  const timer = setTimeout(() => over.abort(), 10_000);
  await asking;
  clearTimeout(timer);
  if (state.since === Number.POSITIVE_INFINITY) throw new Error(`${url}: ${state.failures} requests failed, and it is not back after 10 s`);
  return { gapMs: Math.round(state.gap), failures: state.failures };
}

async function answers(url: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const agent = new Agent({ keepAlive: false });
  const request = get(url, { agent, timeout: 2000 }, (response) => {
    response.resume();
    response.on('end', () => resolve(response.statusCode === 200 && response.complete));
    response.on('error', () => resolve(false));
  });
  request.on('timeout', () => request.destroy(new Error('late')));
  request.on('error', () => resolve(false));
  request.on('close', () => resolve(false));
  return promise;
}
