/** From what the config file gave to a Spec, or every problem at once. */

import type { z } from 'zod';

import { AntlerError } from '../kit/errors.ts';
import { crossProblems } from './cross.ts';
import { type Guide, toProblems, valueAt } from './problems.ts';
import { toSpec } from './resolve.ts';
import { configSchema } from './schema.ts';
import { service } from './schema/service.ts';
import type { Spec } from './types.ts';

/** Throws `config/invalid` with every problem of the schema and of the cross checks at once. */
export function parseConfig(raw: unknown): Spec {
  const result = configSchema.safeParse(raw);
  const problems = [...(result.success ? [] : toProblems(result.error.issues, raw, guideTo(raw))), ...crossProblems(raw)];
  if (result.success && problems.length === 0) return toSpec(result.data);
  const unique = problems.filter((problem, index) => problems.findIndex((other) => other.at === problem.at) === index);
  const count = unique.length === 1 ? '1 problem' : `${unique.length} problems`;
  throw new AntlerError('config/invalid', `Cannot use antler.config.ts as it has ${count}`, { problems: unique });
}

function guideTo(raw: unknown): Guide {
  return {
    allowedKeys(path) {
      let here: z.core.$ZodType | undefined = configSchema;
      for (const part of path) here = here === undefined ? undefined : step(unwrap(here), part);
      const object = here === undefined ? undefined : asObject(unwrap(here), valueAt(raw, path));
      return object === undefined ? [] : Object.keys(object._zod.def.shape);
    },
    misplaced(path, key) {
      const inOverlay = path.length === 4 && path[0] === 'environments' && path[2] === 'services';
      if (!inOverlay || !Object.hasOwn(service.shape, key)) return undefined;
      return `is the same in every environment, as a release is built once and then only moved: needed is \`services.${String(path[3])}.${key}\``;
    },
  };
}

function step(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType | undefined {
  const object = asObject(schema, {});
  if (object !== undefined) return object._zod.def.shape[String(part)];
  const { def } = schema._zod as (z.core.$ZodRecord | z.core.$ZodArray)['_zod'];
  if (def.type === 'record') return def.valueType;
  return def.type === 'array' ? def.element : undefined;
}

/** The object schema that a value is meant for: of a union the one whose `kind` it names. */
function asObject(schema: z.core.$ZodType, value: unknown): z.core.$ZodObject | undefined {
  if (schema._zod.def.type === 'object') return schema as z.core.$ZodObject;
  if (schema._zod.def.type !== 'union') return undefined;
  const objects = (schema as z.core.$ZodUnion)._zod.def.options
    .map((option) => asObject(unwrap(option), value))
    .filter((option) => option !== undefined);
  const kind = valueAt(value, ['kind']);
  return objects.find((option) => typeof kind === 'string' && option._zod.def.shape['kind']?._zod.values?.has(kind) === true) ?? objects[0];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = schema._zod;
  return def.type === 'optional' || def.type === 'default' ? unwrap((schema as z.core.$ZodOptional)._zod.def.innerType) : schema;
}
