/** The board: asked now, or followed. */

import type { Board, Handlers } from './types.ts';

export function statusHandlers(board: Board): Pick<Handlers, 'status' | 'watch'> {
  return {
    status: async (call) => board.now(call.signal),
    async watch(call) {
      let events = 0;
      for await (const _change of board.changes(call.signal)) {
        await call.emit({ kind: 'board', status: board.last() }); // waits for a slow reader: what changes meanwhile is one change
        events += 1;
      }
      return { events };
    },
  };
}
