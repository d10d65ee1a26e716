/** `antler config show`. */

import { loadConfig, resolvedEnvironment } from '../../config/config.ts';
import { AntlerError } from '../../kit/errors.ts';
import type { Context } from '../command.ts';

export async function run({ cwd, json, options, out, signal }: Context): Promise<void> {
  const { spec } = await loadConfig(cwd, { signal });
  const name = options.text('env');
  const shown = name === undefined ? spec : resolvedEnvironment(spec, name);
  if (shown === undefined) {
    const known = spec.environments.map((environment) => environment.name).join(', ');
    throw new AntlerError('releases/unknown-environment', `Cannot show ${name} as the config knows ${known} only`, {
      hint: 'Name one of these with `--env`',
    });
  }
  if (json) out.object(shown);
  else out.line(JSON.stringify(shown, undefined, 2));
}
