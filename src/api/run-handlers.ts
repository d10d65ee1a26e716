/** What the endpoints of workflow runs do. */

import type { Runs } from '../actions/actions.ts';
import type { Handlers } from './types.ts';

type RunHandlers = Pick<Handlers, 'runs' | 'run' | 'followRun' | 'dispatch' | 'cancelRun' | 'rerun'>;

export function runHandlers(runs: Runs): RunHandlers {
  return {
    runs: async (call) => ({ runs: [...runs.list(call.query.limit)] }),
    run: async (call) => runs.get(call.params.id),
    async followRun(call) {
      const { id } = call.params;
      const { follow, job } = call.query;
      for await (const event of runs.follow(id, { follow, job, signal: call.signal })) await call.emit(event);
      call.signal.throwIfAborted();
      return runs.get(id);
    },
    dispatch: async (call) => {
      const { workflow, ref, inputs } = call.body;
      return runs.dispatch({ workflow, ref, inputs, actor: await call.actor() });
    },
    cancelRun: async (call) => runs.cancel(call.params.id, await call.actor()),
    rerun: async (call) => runs.rerun(call.params.id, { failed: call.body.failed, actor: await call.actor() }),
  };
}
