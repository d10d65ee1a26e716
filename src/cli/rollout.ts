/** What `deploy`, `promote` and `rollback` share: follow the rollout to its end, say how it ended. */

import type { ProgressEvent } from '../contract/events.ts';
import type { Receipt } from '../contract/releases.ts';
import { AntlerError, isAbort } from '../kit/errors.ts';
import { createClient, type RequestOf } from './client.ts';
import type { Context } from './command.ts';
import { createProgress } from './progress.ts';
import { count } from './words.ts';

type RolloutName = 'deploy' | 'promote' | 'rollback';

/** Exit code: 0 verified · 1 failed or undone · 2 goes on without us (`--no-wait`, or waits for an approval). */
export async function followRollout<N extends RolloutName>(name: N, request: RequestOf<N>, context: Context): Promise<number> {
  const { out, json, signal } = context;
  const environment = context.args.get('ENV');
  let receipt: Receipt;
  {
    using progress = createProgress(context);
    try {
      receipt = await createClient(context).stream(name, request, { signal, onEvent: (event) => progress.event(event as ProgressEvent) });
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) throw error;
      throw new AntlerError('kit/aborted', `Cannot follow ${environment} any longer as you interrupted; the rollout itself goes on`, {
        hint: 'Type `antler status --watch`',
      });
    }
  }
  if (json) out.object(receipt);
  else for (const line of endLines(receipt, context)) out.line(line);
  return exitOf(receipt);
}

/** `--force` is never without its reason, which is recorded. */
export function forced({ options }: Context): { readonly force: boolean; readonly reason?: string } {
  const reason = options.text('reason');
  if (options.flag('force') && (reason ?? '').trim() === '')
    throw new AntlerError('releases/reason-missing', 'Cannot force as `--reason` is missing');
  return { force: options.flag('force'), ...(reason === undefined ? {} : { reason }) };
}

export function exitOf({ verdict }: Pick<Receipt, 'verdict'>): number {
  switch (verdict) {
    case 'verified':
      return 0;
    case 'failed':
    case 'undone':
      return 1;
    case 'running':
    case 'waiting':
      return 2;
    default:
      return verdict satisfies never;
  }
}

function endLines(receipt: Receipt, { out, typed }: Context): string[] {
  const { release, environment, verdict, reason, requests } = receipt;
  switch (verdict) {
    case 'verified': {
      const { served, lost } = requests;
      const figures = `${count(served)} requests served, ${count(lost)} lost`;
      return [
        `${out.paint('green', '✓')} ${environment} is on ${out.paint('bold', release)}: ${figures}`,
        out.paint('dim', `  ${typed(`receipt ${release} --env ${environment}`)}`),
      ];
    }
    case 'failed':
    case 'undone':
      return [
        `${out.paint('red', '✗')} ${environment} stays on ${receipt.from ?? 'nothing'}: ${release} ${verdict}${reason === null ? '' : `: ${reason}`}`,
        out.paint('dim', `  ${typed(`logs ${environment}`)}`),
      ];
    case 'running':
      return [`▸ ${environment} goes to ${release}`, out.paint('dim', `  ${typed('status --watch')}`)];
    case 'waiting':
      return [`${out.paint('yellow', '◷')} ${environment} waits for an approval of ${release}`, out.paint('dim', `  ${typed('status')}`)];
    default:
      return verdict satisfies never;
  }
}
