/** `antler init`. */

import { planInit, writeInit } from '../../config/config.ts';
import type { Context } from '../command.ts';

export async function run({ cwd, json, out, signal, typed }: Context): Promise<void> {
  const plan = await planInit(cwd, signal);
  const written = await writeInit(plan);
  const services = plan.spec.services.map(({ name, port, health }) => ({ name, port, health: health.path }));
  if (json) return out.object({ directory: plan.directory, written, app: plan.spec.app, services, notes: plan.notes });
  for (const name of written) out.line(`wrote ${name}`);
  for (const { name, port, health } of services) out.line(`  ${name}: port ${port}, healthy when ${health} answers`);
  for (const note of plan.notes) out.line(`  look at it: ${note}`);
  out.line(`Next: read antler.config.ts, then type \`${typed('up')}\``);
}
