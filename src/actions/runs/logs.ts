/** Where the runs' logs lie: one file a job and attempt, `<home>/runs/7/1/build.log`. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { openCursor, type LogCursor } from '../logs/reader.ts';
import { LOG_LIMITS, openLog, type LogLimits, type LogWriter } from '../logs/writer.ts';
import type { RunLine } from '../types.ts';
import type { JobId } from './types.ts';

export interface RunLogs {
  /** A promise where the next line must wait: a job may print millions, so most of them cost none. */
  write(id: JobId, line: RunLine): Promise<void> | void;
  /** Ends when what was written of this job can be read. */
  flush(id: JobId): Promise<void>;
  /** Nothing more is written of this job. */
  closeJob(id: JobId): Promise<void>;
  /** Nothing more is written of this run. */
  close(run: number): Promise<void>;
  /** False where retention took all logs of the run, or nothing was ever written. */
  kept(run: number): boolean;
  /** From its beginning. */
  open(id: JobId): LogCursor;
}

interface Writer {
  readonly id: JobId;
  readonly opening: Promise<LogWriter>;
  /** Once it is open. */
  log: LogWriter | undefined;
}

export function createRunLogs(folder: string, limits: LogLimits = LOG_LIMITS): RunLogs {
  const writers = new Map<string, Writer>();
  const keyOf = ({ run, attempt, job }: JobId): string => `${run}/${attempt}/${job}`;
  const pathOf = ({ run, attempt, job }: JobId): string => join(folder, String(run), String(attempt), `${encodeURIComponent(job)}.log`);
  const end = async (key: string): Promise<void> => {
    const writer = writers.get(key);
    writers.delete(key);
    await (await writer?.opening)?.[Symbol.asyncDispose]();
  };
  const begin = (id: JobId): Writer => {
    const writer: Writer = { id, opening: openLog(pathOf(id), limits), log: undefined };
    writers.set(keyOf(id), writer);
    return writer;
  };
  const late = async (writer: Writer, line: RunLine): Promise<void> => {
    writer.log = await writer.opening;
    await writer.log.write(line);
  };
  return {
    write(id, line) {
      const writer = writers.get(keyOf(id)) ?? begin(id);
      return writer.log === undefined ? late(writer, line) : writer.log.write(line);
    },
    flush: async (id) => (await writers.get(keyOf(id))?.opening)?.flush(),
    closeJob: async (id) => end(keyOf(id)),
    async close(run) {
      await Promise.all([...writers].filter(([, writer]) => writer.id.run === run).map(async ([key]) => end(key)));
    },
    kept: (run) => existsSync(join(folder, String(run))),
    open: (id) => openCursor(pathOf(id), id.job),
  };
}
