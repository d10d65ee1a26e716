/** The one schema of antler.config.ts: what the JSON schema, the reference page and every check come from. */

import { z } from 'zod';

import { environment } from './schema/environment.ts';
import { base, machine } from './schema/machine.ts';
import { service } from './schema/service.ts';
import { name } from './schema/values.ts';
import { alerts, consoleDoor, monitors } from './schema/watch.ts';

export const configSchema = z.strictObject(
  {
    machine: machine
      .optional()
      .describe('The machine under the instance: applied by an operator (`antler up`, `antler host apply`), never by a push.'),
    app: name().describe('Name of the app: part of image names, container names and labels.'),
    bases: z
      .record(name(), base, { error: 'an object by base name, e.g. { python: { packages: ["python3"] } }' })
      .default({})
      .describe('Base images made from Debian packages, by name. `node` and `nginx` are built in.'),
    services: z
      .record(name(), service, { error: 'an object by service name, e.g. { web: { build: "apps/web", port: 8080 } }' })
      .describe('What is delivered, by name: one container image per service. Other services find it under this name.'),
    environments: z
      .record(name(), environment, { error: 'an object by environment name, e.g. { dev: { port: 30008 } }' })
      .describe('Where it is delivered to, by name, in the order of promotion.'),
    monitors,
    alerts,
    console: consoleDoor,
  },
  { error: 'an object: export default defineConfig({ … })' },
);

export type ConfigInput = z.input<typeof configSchema>;
export type ParsedConfig = z.output<typeof configSchema>;

/** As editors and other tools read it (draft 2020-12). */
export function jsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(configSchema, { io: 'input' }), title: 'antler.config.ts' };
}
