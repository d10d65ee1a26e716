/** Whether an edge answers, for who only looks: its supervisor knows of a process, not of one that hangs. */

import { edgePaths } from './command.ts';
import { ask } from './socket.ts';

/** HAProxy's version, by the words of its worker; the master has to answer as well. Throws `edge/unreachable` after some seconds. */
export async function askEdge(folder: string, signal: AbortSignal): Promise<string> {
  const { runtimeSocket, masterSocket } = edgePaths(folder);
  const [info] = await Promise.all([ask(runtimeSocket, 'show info', signal), ask(masterSocket, 'show proc', signal)]);
  return /^Version: (\S+)/m.exec(info)?.[1] ?? 'of an unknown version';
}
