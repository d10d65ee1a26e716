/** Runs inside the sandbox: imports the config, writes what it exports as one JSON line to file descriptor 3. The locks are the sandbox's; what is refused here is refused for the sake of a clear message. */

import { readFileSync, writeSync } from 'node:fs';
import { isBuiltin, registerHooks } from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The one line that comes back. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'no-default' }
  /** The value holds something that JSON cannot carry. */
  | { readonly kind: 'not-plain'; readonly problems: readonly { readonly path: readonly (string | number)[]; readonly what: string }[] }
  | {
      readonly kind: 'threw';
      readonly name: string;
      readonly message: string;
      readonly code: string | undefined;
      /** `read /etc/shadow`: what Node's permission model refused. */
      readonly refused: string | undefined;
      readonly stack: string;
    };

/** What a config may import of Node: all of it computes, none of it reaches out. Reads are limited to the config's folder. */
const ALLOWED = [
  'assert',
  'buffer',
  'crypto',
  'events',
  'fs',
  'fs/promises',
  'os',
  'path',
  'path/posix',
  'process',
  'querystring',
  'url',
  'util',
];
const MAX_NODES = 50_000;
const RESULT = 3;

const [, , configUrl = '', defineUrl = ''] = process.argv;
const exit = process.exit.bind(process);
const builtin = process.getBuiltinModule.bind(process);
process.argv = process.argv.slice(0, 1);

blockOnPrint();
process.on('uncaughtException', finishThrown);
process.on('unhandledRejection', finishThrown);
refuseByName();
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier === 'antler') return { url: defineUrl, format: 'module-typescript', shortCircuit: true };
    try {
      if (isBuiltin(specifier) && !mayImport(specifier)) throw denied(`import ${specifier}`);
      return nextResolve(specifier, context);
    } catch (error) {
      if (error instanceof Error) error.stack = `${error.message}\n    at ${whereImported(specifier, context.parentURL)}`;
      throw error;
    }
  },
  load(url, context, nextLoad) {
    // A package.json beside the config may say "commonjs", or nothing: the config is a module all the same.
    const ours = /\.m?ts$/.test(url) && !url.includes('/node_modules/');
    return nextLoad(url, ours ? { ...context, format: 'module-typescript' } : context);
  },
});
writeSync(RESULT, '\n'); // tells that the sandbox stands: whatever fails from here on is the config's

try {
  const exported: Readonly<Record<string, unknown>> = await import(configUrl);
  finish(Object.hasOwn(exported, 'default') ? plain(exported['default']) : { kind: 'no-default' });
} catch (error) {
  finishThrown(error);
}

function mayImport(specifier: string): boolean {
  return ALLOWED.includes(specifier.replace(/^node:/, ''));
}

/** Node's own stack of a failed import shows the loader, not the line that a person has to mend. */
function whereImported(specifier: string, parent: string | undefined): string {
  if (parent === undefined || !parent.startsWith('file:')) return configUrl;
  const lines = readFileSync(fileURLToPath(parent), 'utf8').split('\n');
  const index = lines.findIndex((line) => line.includes(specifier));
  return index === -1 ? parent : `${parent}:${index + 1}`;
}

function denied(what: string): Error {
  return Object.assign(new Error(what), { code: 'ERR_ACCESS_DENIED' });
}

/** Otherwise a hundred megabytes would wait in our memory, and nobody would see that they were printed. */
function blockOnPrint(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const handle: unknown = Reflect.get(stream, '_handle');
    if (typeof handle === 'object' && handle !== null && 'setBlocking' in handle && typeof handle.setBlocking === 'function')
      handle.setBlocking(true);
  }
}

function refuseByName(): void {
  const refuse = (holder: object, key: string, what: string): void => {
    const value = (): never => {
      throw denied(what);
    };
    Object.defineProperty(holder, key, { value, writable: false, configurable: false });
  };
  for (const key of ['fetch', 'WebSocket', 'EventSource']) refuse(globalThis, key, `open a socket (${key})`);
  for (const key of ['kill', '_kill', 'abort', '_debugProcess']) refuse(process, key, `send signals (process.${key})`);
  for (const key of ['chdir', 'setuid', 'setgid', 'dlopen', 'binding', '_linkedBinding']) refuse(process, key, `use process.${key}`);
  Object.defineProperty(process, 'getBuiltinModule', {
    value: (id: string) => {
      if (!mayImport(id)) throw denied(`import ${id}`);
      return builtin(id);
    },
  });
}

function plain(value: unknown): Outcome {
  const problems: { path: (string | number)[]; what: string }[] = [];
  let nodes = 0;
  const walk = (part: unknown, path: readonly (string | number)[]): void => {
    nodes += 1;
    const what = nodes > MAX_NODES || path.length > 32 ? 'too large or a circle' : notPlain(part);
    if (what !== undefined) {
      if (problems.length < 50) problems.push({ path: [...path], what });
      return;
    }
    if (Array.isArray(part)) for (const [index, item] of part.entries()) walk(item, [...path, index]);
    else if (typeof part === 'object' && part !== null) for (const [key, item] of Object.entries(part)) walk(item, [...path, key]);
  };
  walk(value, []);
  return problems.length > 0 ? { kind: 'not-plain', problems } : { kind: 'value', value };
}

function notPlain(value: unknown): string | undefined {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'bigint') return 'a bigint';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? undefined : `a ${value.constructor.name}`;
}

function finishThrown(error: unknown): void {
  const isError = error instanceof Error;
  const text = (key: string): string | undefined => {
    const value: unknown = isError ? Reflect.get(error, key) : undefined;
    return typeof value === 'string' ? value.slice(0, 8000) : undefined;
  };
  finish({
    kind: 'threw',
    name: text('name') ?? typeof error,
    message: text('message') ?? String(error).slice(0, 2000),
    code: text('code'),
    refused: text('permission') === undefined ? undefined : `${text('permission')} ${text('resource') ?? ''}`.trim(),
    stack: text('stack') ?? '',
  });
}

function finish(outcome: Outcome): void {
  const bytes = Buffer.from(`${JSON.stringify(outcome)}\n`);
  for (let sent = 0; sent < bytes.length;) sent += writeSync(RESULT, bytes, sent);
  exit(0);
}
