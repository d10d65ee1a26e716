/** HAProxy's sockets as functions: the current worker by its own socket, old ones through the master's. */

import { AntlerError, hasCode } from '../kit/errors.ts';
import type { EdgePaths } from './command.ts';
import { parseProc, parseServersState, parseSessions, parseStat, type ProcessTable, type ServerRow, type StatRow } from './replies.ts';
import { ask, askOnce } from './socket.ts';

export interface WorkerStat {
  readonly pid: number;
  readonly old: boolean;
  readonly rows: readonly StatRow[];
}

export interface Runtime {
  readonly paths: EdgePaths;
  /** Commands, one after the other in one connection; each must answer with nothing, or with `expect`. Throws `edge/refused`. */
  tell(commands: readonly string[], signal: AbortSignal, expect?: RegExp): Promise<void>;
  /** The answer, whatever it is. */
  answer(command: string, signal: AbortSignal): Promise<string>;
  /** The same at the master's socket. */
  master(command: string, signal: AbortSignal): Promise<string>;
  state(signal: AbortSignal): Promise<readonly ServerRow[]>;
  stat(signal: AbortSignal): Promise<readonly StatRow[]>;
  processes(signal: AbortSignal): Promise<ProcessTable>;
  /** Every worker, old ones that still carry connections too. */
  workers(signal: AbortSignal): Promise<readonly WorkerStat[]>;
  /** Ends the sessions of one server in an old worker, which refuses commands about servers. */
  endSessions(worker: number, server: { readonly backend: string; readonly name: string }, signal: AbortSignal): Promise<void>;
  alive(signal: AbortSignal): Promise<boolean>;
  /** The pid of the worker that owns the runtime socket now. */
  pid(signal: AbortSignal): Promise<number>;
}

export function createRuntime(paths: EdgePaths): Runtime {
  const { runtimeSocket, masterSocket } = paths;
  const answer: Runtime['answer'] = (command, signal) => ask(runtimeSocket, command, signal);
  const processes: Runtime['processes'] = async (signal) => parseProc(await ask(masterSocket, 'show proc', signal));

  return {
    paths,
    answer,
    master: (command, signal) => askOnce(masterSocket, command, signal),
    processes,
    async tell(commands, signal, expect) {
      for (const command of commands) {
        const reply = (await answer(command, signal)).trim();
        if (reply === '' || expect?.test(reply) === true) continue;
        throw new AntlerError('edge/refused', `Cannot do \`${command}\` as HAProxy refuses: ${reply}`, { lines: [reply] });
      }
    },
    async state(signal) {
      return parseServersState(await answer('show servers state', signal));
    },
    async stat(signal) {
      return parseStat(await answer('show stat', signal));
    },
    async workers(signal) {
      const { workers } = await processes(signal);
      const found: WorkerStat[] = [];
      for (const { pid, old } of workers) {
        const text = await ask(masterSocket, `@!${pid} show stat`, signal);
        if (text.startsWith('#')) found.push({ pid, old, rows: parseStat(text) }); // one that has just gone answers with a sentence
      }
      return found;
    },
    async endSessions(worker, { backend, name }, signal) {
      const sessions = parseSessions(await ask(masterSocket, `@!${worker} show sess`, signal));
      for (const session of sessions) {
        if (session.backend === backend && session.server === name)
          await ask(masterSocket, `@!${worker} shutdown session ${session.id}`, signal);
      }
    },
    async alive(signal) {
      try {
        return (await askOnce(runtimeSocket, 'show version', signal)).trim() !== '';
      } catch (error) {
        if (hasCode(error, 'edge/unreachable')) return false;
        throw error;
      }
    },
    async pid(signal) {
      return Number(/^Pid: (\d+)/m.exec(await askOnce(runtimeSocket, 'show info', signal))?.[1] ?? 0);
    },
  };
}
