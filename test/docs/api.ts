/** docs/reference/api.md: the HTTP API as people read it; the whole truth is openapi.json beside it. */

import { endpoints, type Endpoint } from '../../src/contract/endpoints.ts';
import { head, table } from './markdown.ts';
import { schemaOf, type Schema } from './openapi.ts';

const INTRO = `
HTTP with JSON over the unix socket \`<home>/run/api.sock\`, for root and the group \`antler\`:

\`\`\`
curl --unix-socket /var/lib/antler/run/api.sock http://localhost/v1/status
\`\`\`

What streams is NDJSON: one object a line. The last line is \`{"kind": "result", "result": …}\` or \`{"kind": "error", "error": …}\`. A failed call that does not stream answers with \`{"error": …}\`.
The same in a form for programs: [openapi.json](openapi.json). Times are UTC.

`;

export function apiPage(): string {
  const all = Object.entries(endpoints) as [string, Endpoint][];
  const overview = table(
    ['', 'path', 'does', ''],
    all.map(([name, { method, path, summary, stream }]) => [
      method,
      `[\`${path}\`](#${name.toLowerCase()})`,
      summary,
      stream === undefined ? '' : 'streams',
    ]),
  );
  return (
    head('HTTP API', '`src/contract/endpoints.ts`') +
    INTRO +
    overview +
    all.map(([name, endpoint]) => endpointText(name, endpoint)).join('')
  );
}

function endpointText(name: string, { method, path, summary, params, query, body, response, stream }: Endpoint): string {
  const part = (title: string, rows: readonly (readonly string[])[]): string =>
    rows.length === 0 ? '' : `\n${table([title, 'type', ''], rows)}`;
  return [
    `\n## ${name}\n\n\`${method} ${path}\`: ${summary}.\n`,
    part('in the path', params === undefined ? [] : fields(schemaOf(params, { io: 'input' }))),
    part('query', query === undefined ? [] : fields(schemaOf(query, { io: 'input' }))),
    part('body', body === undefined ? [] : fields(schemaOf(body, { io: 'input' }))),
    part(stream === undefined ? 'answer' : 'result', fields(schemaOf(response, { io: 'output' }))),
    stream === undefined
      ? ''
      : `\nEvents before it: ${kindsOf(schemaOf(stream, { io: 'output' }))
          .map((kind) => `\`${kind}\``)
          .join(', ')}.\n`,
  ].join('');
}

function kindsOf(schema: Schema): string[] {
  const options = (schema['oneOf'] ?? schema['anyOf'] ?? [schema]) as readonly {
    readonly properties?: { readonly kind?: { readonly const?: string } };
  }[];
  return options.map((option) => option.properties?.kind?.const ?? '?');
}

interface Node {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly additionalProperties?: Node | boolean;
  readonly anyOf?: readonly Node[];
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
}

/** One row for each key, nested ones as `a.b[].c`. */
function fields(schema: Schema, before = ''): string[][] {
  const { properties = {}, required } = schema as Node;
  return Object.entries(properties).flatMap(([key, node]) => {
    const { node: inner, suffix, type } = unwrap(node);
    const name = `${before}${key}${suffix}`;
    const optional = required?.includes(key) === true ? '' : ', optional';
    const fallback = node.default === undefined ? '' : ` (default \`${JSON.stringify(node.default)}\`)`;
    const row = [`\`${name}\``, `${type}${optional}`, `${node.description ?? inner.description ?? ''}${fallback}`];
    // A group of keys needs a line of its own only where there is something to say about it.
    const nested = inner.properties === undefined ? [] : fields(inner as Schema, `${name}.`);
    const plain = type === 'object' || type === 'list of object' || type === 'map to object';
    return nested.length > 0 && plain && row[2] === '' ? nested : [row, ...nested];
  });
}

/** Looks through null, lists and maps to what they hold. */
function unwrap(node: Node): { readonly node: Node; readonly suffix: string; readonly type: string } {
  const options = node.anyOf?.filter((one) => one.type !== 'null');
  if (options?.[0] !== undefined && options.length === 1) {
    const inner = unwrap(options[0]);
    return { ...inner, type: `${inner.type} or null` };
  }
  if (node.type === 'array' && node.items !== undefined) {
    const inner = unwrap(node.items);
    return { ...inner, suffix: `[]${inner.suffix}`, type: inner.suffix === '' ? `list of ${inner.type}` : inner.type };
  }
  if (node.type === 'object' && typeof node.additionalProperties === 'object' && node.properties === undefined) {
    const inner = unwrap(node.additionalProperties);
    return { ...inner, suffix: `.*${inner.suffix}`, type: `map to ${inner.type}` };
  }
  return { node, suffix: '', type: typeOf(node) };
}

function typeOf(node: Node): string {
  if (node.enum !== undefined) return node.enum.map((value) => `\`${value}\``).join(', ');
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (node.format === 'date-time') return 'time';
  return typeof node.type === 'object' ? node.type.join(' or ') : (node.type ?? 'any');
}
