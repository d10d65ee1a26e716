/** Where the runs' logs lie: one file a job and attempt, `<home>/runs/7/1/build.log`. */

import { join } from 'node:path';

import { openCursor, type LogCursor } from '../logs/reader.ts';
import { openLog, type LogWriter } from '../logs/writer.ts';
import type { RunLine } from '../types.ts';
import type { JobId } from './types.ts';

export interface RunLogs {
  write(id: JobId, line: RunLine): Promise<void>;
  /** Ends when what was written of this job can be read. */
  flush(id: JobId): Promise<void>;
  /** Nothing more is written of this job. */
  closeJob(id: JobId): Promise<void>;
  /** Nothing more is written of this run. */
  close(run: number): Promise<void>;
  /** From its beginning. */
  open(id: JobId): LogCursor;
}

export function createRunLogs(folder: string): RunLogs {
  const writers = new Map<string, { readonly run: number; readonly log: Promise<LogWriter> }>();
  const pathOf = ({ run, attempt, job }: JobId): string => join(folder, String(run), String(attempt), `${encodeURIComponent(job)}.log`);
  const end = async (path: string): Promise<void> => {
    const writer = writers.get(path);
    writers.delete(path);
    await (await writer?.log)?.[Symbol.asyncDispose]();
  };
  return {
    async write(id, line) {
      const path = pathOf(id);
      let writer = writers.get(path);
      if (writer === undefined) {
        writer = { run: id.run, log: openLog(path) };
        writers.set(path, writer);
      }
      await (await writer.log).write(line);
    },
    flush: async (id) => (await writers.get(pathOf(id))?.log)?.flush(),
    closeJob: async (id) => end(pathOf(id)),
    async close(run) {
      await Promise.all([...writers].filter(([, writer]) => writer.run === run).map(async ([path]) => end(path)));
    },
    open: (id) => openCursor(pathOf(id), id.job),
  };
}
