/** `uses:` steps: which handler an action's reference means. */

import { AntlerError } from '../../kit/errors.ts';
import { checkout } from './checkout.ts';
import type { Handler } from './job-state.ts';
import { runLocalAction } from './local-action.ts';
import { setupNode } from './setup-node.ts';

/** Actions that are here without internet; by name, whatever version. */
const BUILT_IN: Readonly<Record<string, Handler>> = {
  'actions/checkout': checkout,
  'actions/setup-node': setupNode,
};

export function handlerOfUses(uses: string): Handler {
  if (uses.startsWith('./') || uses === '.') return runLocalAction;
  const [name = ''] = uses.split('@');
  return BUILT_IN[name.toLowerCase()] ?? refuse;
}

const refuse: Handler = async ({ spec: { uses = '' } }) => {
  throw new AntlerError('actions/unsupported', `Cannot run \`${uses}\` as actions from elsewhere are not supported yet`, {
    hint: `Known are ${Object.keys(BUILT_IN).join(', ')} and actions in the repository: \`uses: ./path\``,
  });
};
