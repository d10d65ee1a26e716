/** The file on disk and its map of health paths: read once, written whole, never without HAProxy's own word that they are valid. */

import { readFile, rm } from 'node:fs/promises';

import { AntlerError, errnoOf, hasCode } from '../kit/errors.ts';
import { exec } from '../kit/exec.ts';
import { writeFileAtomic } from '../kit/files.ts';
import { checksText } from './checks.ts';
import { checkCommand, type EdgePaths } from './command.ts';
import { edgeFile, readEdgeFile, type EdgeFileOptions, type EdgeRecord, type RecordedServer } from './file.ts';
import type { ServerId } from './types.ts';

export interface FileRecord {
  /** What the file carries now. */
  now(): Promise<EdgeRecord>;
  /** The file's whole text; empty where there is none. */
  text(): Promise<string>;
  render(next: EdgeRecord): string;
  /** Checks, then replaces. Throws `edge/invalid-config` and leaves the file as it was. */
  save(next: EdgeRecord, signal: AbortSignal): Promise<void>;
  /** Puts back what `text` gave. */
  restore(text: string): Promise<void>;
  /** Changes the servers only. */
  servers(change: (servers: readonly RecordedServer[]) => readonly RecordedServer[], signal: AbortSignal): Promise<void>;
}

export function createRecord({ file, checks }: Pick<EdgePaths, 'file' | 'checks'>, options: EdgeFileOptions): FileRecord {
  let known: EdgeRecord | undefined;
  const text = async (): Promise<string> => (await readIfThere(file)) ?? '';
  const now = async (): Promise<EdgeRecord> => (known ??= readEdgeFile(await text()));
  const render = (next: EdgeRecord): string => edgeFile(next.routes, next.servers, options);

  const writeChecks = async (paths: string): Promise<void> => {
    if (paths !== (await readIfThere(checks))) await writeFileAtomic(checks, paths, { mode: 0o644 });
  };

  const save: FileRecord['save'] = async (next, signal) => {
    const wanted = render(next);
    const before = await now();
    // HAProxy may be killed and start again between any two writes: no server of the file, old or new, ever lacks its path.
    await writeChecks(checksText(before, next));
    try {
      if (wanted !== (await text())) {
        await check(file, wanted, signal);
        await writeFileAtomic(file, wanted, { mode: 0o644 });
      }
    } catch (error) {
      await writeChecks(checksText(before));
      throw error;
    }
    await writeChecks(checksText(next));
    known = next;
  };
  return {
    now,
    text,
    render,
    save,
    async restore(old) {
      await writeChecks(checksText(readEdgeFile(old)));
      await (old === '' ? rm(file, { force: true }) : writeFileAtomic(file, old, { mode: 0o644 }));
      known = undefined;
    },
    async servers(change, signal) {
      const record = await now();
      await save({ ...record, servers: change(record.servers) }, signal);
    },
  };
}

export function sameServer(a: ServerId, b: ServerId): boolean {
  return a.name === b.name && a.environment === b.environment && a.service === b.service;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function check(file: string, text: string, signal: AbortSignal): Promise<void> {
  const candidate = `${file}.candidate`;
  await writeFileAtomic(candidate, text, { mode: 0o600 });
  try {
    await exec(checkCommand(candidate), { signal, timeoutMs: 20_000 });
  } catch (error) {
    if (!hasCode(error, 'kit/exec-failed')) throw error;
    const lines = error instanceof AntlerError ? error.lines : [];
    throw new AntlerError(
      'edge/invalid-config',
      `Cannot change the edge as HAProxy refuses the file: ${lines.at(0) ?? 'no reason given'}`,
      {
        lines,
        cause: error,
      },
    );
  } finally {
    await rm(candidate, { force: true });
  }
}
