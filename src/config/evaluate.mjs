// @ts-check
/**
 * Runs inside the sandbox: imports the config, writes what it exports as one JSON line to file descriptor 3. The locks are the sandbox's;
 * what is refused here is refused for the sake of a clear message. JavaScript, as loading Node's type stripper takes longer than all the rest.
 */

import { readFileSync, writeSync } from 'node:fs';
import { isBuiltin, registerHooks } from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

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

/** What `import … from 'antler'` gives: `defineConfig` of define.ts without its types. */
const ANTLER = 'antler:define';

/** True once the config did not parse as JavaScript. */
let typed = false;

const [, , configUrl = ''] = process.argv;
const exit = process.exit.bind(process);
const builtin = process.getBuiltinModule.bind(process);
process.argv = process.argv.slice(0, 1);

blockOnPrint();
process.on('uncaughtException', finishThrown);
process.on('unhandledRejection', finishThrown);
refuseByName();
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier === 'antler') return { url: ANTLER, format: 'module', shortCircuit: true };
    try {
      if (isBuiltin(specifier) && !mayImport(specifier)) throw denied(`import ${specifier}`);
      const found = nextResolve(specifier, context);
      return isOurs(found.url) && typed ? { ...found, url: `${found.url}?typed` } : found;
    } catch (error) {
      if (error instanceof Error)
        error.stack = `${error.message}\n    at ${whereImported(specifier, context.parentURL?.replace('?typed', ''))}`;
      throw error;
    }
  },
  load(url, context, nextLoad) {
    if (url === ANTLER) return { source: 'export const defineConfig = (config) => config;', format: 'module', shortCircuit: true };
    // A package.json beside the config may say "commonjs", or nothing: the config is a module all the same.
    return nextLoad(url, isOurs(url) ? { ...context, format: typed ? 'module-typescript' : 'module' } : context);
  },
});
writeSync(RESULT, '\n'); // tells that the sandbox stands: whatever fails from here on is the config's

try {
  finish(await exported());
} catch (error) {
  finishThrown(error);
}

/**
 * Most configs are JavaScript as they stand; those with types of their own do not parse as such, so nothing of them has run yet.
 * @returns {Promise<import('./sandbox.ts').Outcome>}
 */
async function exported() {
  let module;
  try {
    module = await import(configUrl);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    typed = true;
    module = await import(configUrl);
  }
  return Object.hasOwn(module, 'default') ? plain(module.default) : { kind: 'no-default' };
}

/** @param {string} url */
function isOurs(url) {
  return /\.m?ts(?:\?typed)?$/.test(url) && !url.includes('/node_modules/');
}

/** @param {string} specifier */
function mayImport(specifier) {
  return ALLOWED.includes(specifier.replace(/^node:/, ''));
}

/**
 * Node's own stack of a failed import shows the loader, not the line that a person has to mend.
 * @param {string} specifier
 * @param {string | undefined} parent
 */
function whereImported(specifier, parent) {
  if (parent === undefined || !parent.startsWith('file:')) return configUrl;
  const lines = readFileSync(fileURLToPath(parent), 'utf8').split('\n');
  const index = lines.findIndex((line) => line.includes(specifier));
  return index === -1 ? parent : `${parent}:${index + 1}`;
}

/** @param {string} what */
function denied(what) {
  return Object.assign(new Error(what), { code: 'ERR_ACCESS_DENIED' });
}

/** Otherwise a hundred megabytes would wait in our memory, and nobody would see that they were printed. */
function blockOnPrint() {
  for (const stream of [process.stdout, process.stderr]) {
    const handle = Reflect.get(stream, '_handle');
    if (typeof handle === 'object' && handle !== null && 'setBlocking' in handle && typeof handle.setBlocking === 'function')
      handle.setBlocking(true);
  }
}

function refuseByName() {
  /** @type {(holder: object, key: string, what: string) => void} */
  const refuse = (holder, key, what) => {
    const value = () => {
      throw denied(what);
    };
    Object.defineProperty(holder, key, { value, writable: false, configurable: false });
  };
  for (const key of ['fetch', 'WebSocket', 'EventSource']) refuse(globalThis, key, `open a socket (${key})`);
  for (const key of ['kill', '_kill', 'abort', '_debugProcess']) refuse(process, key, `send signals (process.${key})`);
  for (const key of ['chdir', 'setuid', 'setgid', 'dlopen', 'binding', '_linkedBinding']) refuse(process, key, `use process.${key}`);
  Object.defineProperty(process, 'getBuiltinModule', {
    value: (/** @type {string} */ id) => {
      if (!mayImport(id)) throw denied(`import ${id}`);
      return builtin(id);
    },
  });
}

/**
 * @param {unknown} value
 * @returns {import('./sandbox.ts').Outcome}
 */
function plain(value) {
  /** @type {{ path: (string | number)[], what: string }[]} */
  const problems = [];
  let nodes = 0;
  /** @type {(part: unknown, path: readonly (string | number)[]) => void} */
  const walk = (part, path) => {
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

/** @param {unknown} value */
function notPlain(value) {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'bigint') return 'a bigint';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? undefined : `a ${value.constructor.name}`;
}

/** @param {unknown} error */
function finishThrown(error) {
  const isError = error instanceof Error;
  const text = (/** @type {string} */ key) => {
    const value = isError ? Reflect.get(error, key) : undefined;
    return typeof value === 'string' ? value.slice(0, 8000) : undefined;
  };
  finish({
    kind: 'threw',
    name: text('name') ?? typeof error,
    message: (text('message') ?? String(error)).replaceAll('?typed', '').slice(0, 2000),
    code: text('code'),
    refused: text('permission') === undefined ? undefined : `${text('permission')} ${text('resource') ?? ''}`.trim(),
    stack: (text('stack') ?? '').replaceAll('?typed', ''),
  });
}

/** @param {import('./sandbox.ts').Outcome} outcome */
function finish(outcome) {
  const bytes = Buffer.from(`${JSON.stringify(outcome)}\n`);
  for (let sent = 0; sent < bytes.length;) sent += writeSync(RESULT, bytes, sent);
  exit(0);
}
