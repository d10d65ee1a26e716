/** From what the config file gave to a Spec, or every problem at once. */

import type { z } from 'zod';

import { AntlerError } from '../kit/errors.ts';
import { crossProblems } from './cross.ts';
import { type AllowedKeys, toProblems } from './problems.ts';
import { toSpec } from './resolve.ts';
import { configSchema } from './schema.ts';
import type { Spec } from './types.ts';

/** Throws `config/invalid` with every problem: schema and cross checks together, in the order of the file's sections. */
export function parseConfig(raw: unknown): Spec {
  const result = configSchema.safeParse(raw);
  const problems = [...(result.success ? [] : toProblems(result.error.issues, raw, allowedKeys)), ...crossProblems(raw)];
  if (result.success && problems.length === 0) return toSpec(result.data);
  const unique = problems.filter((problem, index) => problems.findIndex((other) => other.at === problem.at) === index);
  const count = unique.length === 1 ? '1 problem' : `${unique.length} problems`;
  throw new AntlerError('config/invalid', `Cannot use antler.config.ts as it has ${count}`, { problems: unique });
}

/** Walks the schema along a path of keys, to tell what would have been right there. */
const allowedKeys: AllowedKeys = (path) => {
  let here: z.core.$ZodType | undefined = configSchema;
  for (const part of path) here = here === undefined ? undefined : step(unwrap(here), part);
  const object = here === undefined ? undefined : asObject(unwrap(here));
  return object === undefined ? undefined : Object.keys(object._zod.def.shape);
};

function step(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType | undefined {
  const object = asObject(schema);
  if (object !== undefined) return object._zod.def.shape[String(part)];
  const { def } = schema._zod as (z.core.$ZodRecord | z.core.$ZodArray)['_zod'];
  if (def.type === 'record') return def.valueType;
  return def.type === 'array' ? def.element : undefined;
}

function asObject(schema: z.core.$ZodType): z.core.$ZodObject | undefined {
  if (schema._zod.def.type === 'object') return schema as z.core.$ZodObject;
  if (schema._zod.def.type !== 'union') return undefined;
  return (schema as z.core.$ZodUnion)._zod.def.options.map((option) => asObject(unwrap(option))).find((option) => option !== undefined);
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = schema._zod;
  return def.type === 'optional' || def.type === 'default' ? unwrap((schema as z.core.$ZodOptional)._zod.def.innerType) : schema;
}
