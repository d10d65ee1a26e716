/** `antler config check`. */

import { loadConfig } from '../../config/config.ts';
import type { Context } from '../command.ts';

export async function run({ cwd, json, out, signal }: Context): Promise<void> {
  const { spec, file, unlocked, printed } = await loadConfig(cwd, { signal });
  if (printed !== '') out.raw('stderr', printed);
  for (const lock of unlocked) out.note(`This machine cannot lock ${lock} away from the config.`);
  const services = spec.services.map(({ name }) => name);
  const environments = spec.environments.map(({ name }) => name);
  if (json) out.object({ file, app: spec.app, services, environments, unlocked });
  else out.line(`${file} is fine: ${spec.app} with ${services.join(', ')} in ${environments.join(', ')}`);
}
