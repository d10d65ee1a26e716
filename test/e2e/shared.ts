/** The one instance that all end-to-end tests share, the sample's checkout that it delivers, and what they do with both. */

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { after, before } from 'node:test';
import { promisify } from 'node:util';

import { runLoad, type LoadResult } from '../../bench/load.ts';
import type { Release } from '../../src/contract/releases.ts';
import { ROOT, testInstance, type Ended, type TestInstance } from '../kit/instance.ts';
import { CONFIG } from '../kit/sample.ts';

const run = promisify(execFile);

export const BACKEND = 'apps/moose-facts/backend/src/main.ts';
export const it: TestInstance = testInstance();

export const file = (path: string): string => join(it.app, path);
export const url = (port: number, path = '/api/version'): string => `http://127.0.0.1:${it.port(port)}${path}`;

export async function git(...args: string[]): Promise<string> {
  return (await run('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: it.app })).stdout.trim();
}

export async function commit(message: string): Promise<void> {
  await git('add', '-A');
  await git('commit', '-qm', message);
}

/** Gives what was there before. */
export function change(path: string, from: string | RegExp, to: string): string {
  const before = readFileSync(file(path), 'utf8');
  const after = before.replace(from, to);
  assert.notEqual(after, before, `${path} has no ${String(from)}`);
  writeFileSync(file(path), after);
  return before;
}

/** `git push` as a person types it; its words in one string. */
export async function push(...args: readonly string[]): Promise<Ended & { readonly said: string }> {
  const child = spawn('git', ['push', ...args], {
    cwd: it.app,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 128)));
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr, said: stdout + stderr };
}

export async function secret(name: string, value: string): Promise<void> {
  const child = spawn(join(ROOT, 'antler'), ['secrets', 'set', name], {
    env: { ...process.env, ANTLER_HOME: it.home },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(value);
  assert.equal(await new Promise((resolve) => child.on('close', resolve)), 0);
}

export async function releases(): Promise<readonly Release[]> {
  return (await it.json<{ releases: Release[] }>(['releases'])).releases;
}

/** The back end's release, as it says itself now. */
export async function answering(environment: string): Promise<string | null | undefined> {
  return (await it.service(environment, 'backend'))?.answering;
}

/** Until somebody has to approve: his number; of another question than the one that is known. */
export async function approval(known?: string): Promise<string> {
  let id: string | undefined;
  await it.until(async () => {
    id = (await it.status()).approvals.find((each) => each.id !== known)?.id;
    return id !== undefined;
  }, 'an approval');
  return id ?? assert.fail('no approval is waiting');
}

/** Requests on kept connections for as long as something else takes. */
export async function underLoad(port: number, during: () => Promise<unknown>): Promise<LoadResult> {
  const over = new AbortController();
  const load = runLoad({ url: url(port, ''), durationMs: 600_000, connections: 4, signal: over.signal });
  await during().finally(() => over.abort());
  return load;
}

before(async () => {
  writeFileSync(file('antler.config.ts'), CONFIG);
  await git('init', '-q', '-b', 'main');
  await commit('first');
});
after(async () => it[Symbol.asyncDispose]());
