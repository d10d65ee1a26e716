/** GitHub's own schemas, as the official parser ships them: read as files, since plain Node refuses the package's own import of them. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { wellKnownFunctions } from '@actions/expressions/funcs';
import { JSONObjectReader } from '@actions/workflow-parser/templates/json-object-reader';
import { TemplateSchema } from '@actions/workflow-parser/templates/schema/index';
import { MappingDefinition } from '@actions/workflow-parser/templates/schema/mapping-definition';

export type SchemaName = 'workflow' | 'action';

/** The definition that a file of this kind begins with. */
export const ROOTS = { workflow: 'workflow-root-strict', action: 'action-root-strict' } as const satisfies Record<SchemaName, string>;

const loaded = new Map<SchemaName, TemplateSchema>();

export function schemaOf(name: SchemaName): TemplateSchema {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  withoutPrototype(wellKnownFunctions); // else `constructor()` is a function that everybody may call
  const schema = TemplateSchema.load(new JSONObjectReader(undefined, schemaText(name)));
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

function withoutPrototype(table: object): void {
  Object.setPrototypeOf(table, null);
}
