/** GitHub's own schemas, as the official parser ships them: read as files, since plain Node refuses the package's own import of them. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { wellKnownFunctions } from '@actions/expressions/funcs';
import { TemplateSchema } from '@actions/workflow-parser/templates/schema/index';
import { MappingDefinition } from '@actions/workflow-parser/templates/schema/mapping-definition';
import {
  BooleanToken,
  MappingToken,
  NumberToken,
  SequenceToken,
  StringToken,
  type TemplateToken,
} from '@actions/workflow-parser/templates/tokens/index';

export type SchemaName = 'workflow' | 'action';

/** The definition that a file of this kind begins with. */
export const ROOTS = { workflow: 'workflow-root-strict', action: 'action-root-strict' } as const satisfies Record<SchemaName, string>;

const loaded = new Map<SchemaName, TemplateSchema>();

export function schemaOf(name: SchemaName): TemplateSchema {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  withoutPrototype(wellKnownFunctions); // else `constructor()` is a function that everybody may call
  const schema = new TemplateSchema(mappingOf(JSON.parse(schemaText(name)) as object)); // `load` would judge the schema itself, for 25 ms
  withoutPrototype(schema.definitions);
  for (const definition of Object.values(schema.definitions)) {
    if (definition instanceof MappingDefinition) withoutPrototype(definition.properties); // else `constructor:` is a known key
  }
  loaded.set(name, schema);
  return schema;
}

/** The schema as data: `{version, definitions}`. */
export function schemaText(name: SchemaName): string {
  const door = fileURLToPath(import.meta.resolve('@actions/workflow-parser'));
  return readFileSync(`${door.slice(0, door.lastIndexOf('/'))}/${name}-v1.0.min.json`, 'utf8');
}

function mappingOf(value: object): MappingToken {
  const mapping = new MappingToken(undefined, undefined, undefined);
  for (const [key, item] of Object.entries(value) as [string, unknown][]) mapping.add(textOf(key), tokenOf(item));
  return mapping;
}

function tokenOf(value: unknown): TemplateToken {
  if (typeof value === 'boolean') return new BooleanToken(undefined, undefined, value, undefined);
  if (typeof value === 'number') return new NumberToken(undefined, undefined, value, undefined);
  if (Array.isArray(value)) {
    const sequence = new SequenceToken(undefined, undefined, undefined);
    for (const item of value) sequence.add(tokenOf(item));
    return sequence;
  }
  return typeof value === 'object' && value !== null ? mappingOf(value) : textOf(String(value));
}

function textOf(text: string): StringToken {
  return new StringToken(undefined, undefined, text, undefined);
}

function withoutPrototype(table: object): void {
  Object.setPrototypeOf(table, null);
}
