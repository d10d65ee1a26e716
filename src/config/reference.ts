/** `docs/reference/config.md`, folded from the schema: every key, what it takes, its default, what it is for. */

import { jsonSchema } from './schema.ts';

type Node = Readonly<Record<string, unknown>>;

interface Row {
  readonly key: string;
  readonly takes: string;
  readonly fallback: string;
  readonly about: string;
}

const SECTIONS: readonly { readonly title: string; readonly path: readonly string[]; readonly about: string }[] = [
  {
    title: 'The file',
    path: [],
    about: '`antler.config.ts` exports `defineConfig({ … })`. It only describes: no files outside its folder, no network, no programs.',
  },
  { title: 'services.*', path: ['services', '*'], about: 'One entry per container image.' },
  { title: 'environments.*', path: ['environments', '*'], about: 'In the order of promotion. Run-time facts only.' },
  { title: 'bases.*', path: ['bases', '*'], about: 'Base images from Debian packages.' },
  { title: 'machine.*', path: ['machine'], about: 'Applied by an operator, never by a push.' },
];

/** Told in a section of their own. */
const SECTION_KEYS = ['machine', 'bases'];

const NAMES =
  'What stands for `*` is a name as `app` takes it. Times read `500ms`, `30s`, `5m`, `2h`, `1d`; memory reads `64M`, `1G` (powers of 1024).';

/** The page as Markdown. */
export function configReference(): string {
  const root: Node = jsonSchema();
  const parts = SECTIONS.flatMap(({ title, path, about }) => [`## ${title}`, about, table(rowsOf(at(root, path), ''))]);
  return ['# antler.config.ts', 'Generated from the schema (`npm run docs`); the JSON schema is the same in another form.', NAMES, ...parts]
    .join('\n\n')
    .concat('\n');
}

function at(node: Node, path: readonly string[]): Node {
  const [key, ...rest] = path;
  if (key === undefined) return node;
  const next = key === '*' ? node['additionalProperties'] : record(node['properties'])[key];
  return at(record(next), rest);
}

function rowsOf(node: Node, prefix: string): Row[] {
  const required = Array.isArray(node['required']) ? node['required'] : [];
  return Object.entries(record(node['properties'])).flatMap(([key, value]) => {
    const schema = record(value);
    const row = {
      key: `${prefix}${key}`,
      takes: takes(schema),
      fallback: fallback(schema, required.includes(key)),
      about: word(schema['description']),
    };
    return SECTION_KEYS.includes(`${prefix}${key}`) ? [row] : [row, ...below(schema, `${prefix}${key}`)];
  });
}

/** The keys inside a key, where they are not a section of their own. */
function below(schema: Node, key: string): Row[] {
  const options = [schema, ...list(schema['anyOf']), ...list(record(schema['items'])['oneOf'])];
  const inside = options.flatMap((option) => {
    const kind = record(record(option['properties'])['kind'])['const'];
    const rows = rowsOf(option, '').filter((row) => row.key !== 'kind');
    return rows.map((row) => ({ ...row, key: typeof kind === 'string' ? `${key}[${kind}].${row.key}` : `${key}.${row.key}` }));
  });
  const values = record(schema['additionalProperties']);
  const overlays = key === 'services' && values['required'] === undefined ? rowsOf(values, `${key}.*.`) : [];
  return [...inside, ...overlays];
}

function takes(schema: Node): string {
  if (typeof schema['allowed'] === 'string') return schema['allowed'];
  if (schema['const'] !== undefined) return `\`${word(schema['const'])}\``;
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => `\`${word(value)}\``).join(' or ');
  const options = [...list(schema['anyOf']), ...list(schema['oneOf'])];
  if (options.length > 0) return [...new Set(options.map((option) => takes(option)))].join(' or ');
  switch (schema['type']) {
    case 'array':
      return `list of ${takes(record(schema['items']))}`;
    case 'object':
      return schema['properties'] === undefined ? `object of ${takes(record(schema['additionalProperties']))}` : 'object';
    case 'string':
      return 'text';
    case 'boolean':
      return '`true` or `false`';
    case 'integer':
    case 'number':
      return range(schema);
    default:
      return 'any';
  }
}

function range(schema: Node): string {
  const { minimum, maximum } = schema;
  const bounded = typeof minimum === 'number' && typeof maximum === 'number' && Math.abs(minimum) < Number.MAX_SAFE_INTEGER;
  return bounded ? `number, ${minimum} to ${maximum}` : 'number';
}

function fallback(schema: Node, required: boolean): string {
  const value = schema['default'];
  if (value !== undefined && !(typeof value === 'object' && Object.keys(value ?? {}).length === 0)) return `\`${JSON.stringify(value)}\``;
  return required ? 'needed' : '';
}

function table(rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(['key', 'takes', 'default', 'what for']),
    line(['---', '---', '---', '---']),
    ...rows.map((row) => line([`\`${row.key}\``, row.takes, row.fallback, row.about])),
  ].join('\n');
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function record(value: unknown): Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : {};
}

function list(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.map((item) => record(item)) : [];
}
