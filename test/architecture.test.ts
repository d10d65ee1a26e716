/** Who may import whom: floors, doors only, no circles. The table is the documentation. */

import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const SRC = resolve(import.meta.dirname, '../src');

/** A room may import from rooms on lower floors only; the hands do not know each other. */
const FLOORS: readonly (readonly string[])[] = [
  ['kit', 'contract'],
  ['config', 'store'],
  ['host', 'images', 'engines', 'edge', 'repos'],
  ['releases', 'monitor', 'actions', 'instance'],
  ['api', 'web', 'daemon', 'cli'],
];

/** Rooms on one floor that may know each other, by why. */
const NEIGHBOURS: Readonly<Record<string, readonly string[]>> = {
  store: ['config'], // a release carries the resolved config (types only)
  daemon: ['api', 'web'], // the table of contents wires the others
  api: ['web'], // serves the pages
};

/** More doors, by why: nobody pays for a whole room who needs a corner of it. */
const SIDE_DOORS = new Set(['actions/local/local.ts']); // `antler run` starts in half the time

/** Rooms whose every file is open: they have no inside. */
const OPEN = new Set(['kit', 'contract']);

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
  /** Loaded when it is needed. */
  readonly later: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => /\.m?ts$|\.mjs$/.test(file));
const imports = files.flatMap((file) => importsOf(file));

test('architecture: every room stands on a floor', () => {
  const known = new Set(FLOORS.flat());
  assert.deepEqual(
    [...new Set(files.map((file) => roomOf(file)))].filter((room) => !known.has(room)),
    [],
  );
});

test('architecture: imports go down, never up or across', () => {
  const wrong = imports.filter(({ from, to }) => !mayImport(roomOf(from), roomOf(to), from));
  assert.deepEqual(
    wrong.map(({ from, to }) => `${from} → ${to}`),
    [],
  );
});

test('architecture: other rooms come in by the door (or read types)', () => {
  const wrong = imports.filter(({ from, to, typeOnly }) => {
    const room = roomOf(to);
    if (room === roomOf(from) || OPEN.has(room) || SIDE_DOORS.has(to) || from.endsWith('.test.ts')) return false;
    return !(to === `${room}/${room}.ts` || to === `${room}.ts` || (typeOnly && to === `${room}/types.ts`));
  });
  assert.deepEqual(
    wrong.map(({ from, to }) => `${from} → ${to}`),
    [],
  );
});

test('architecture: no import circles', () => {
  const graph = new Map<string, string[]>();
  for (const { from, to } of imports) graph.set(from, [...(graph.get(from) ?? []), to]);
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) assert.fail(`circle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`);
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
});

test('architecture: nobody imports Node’s HTTP but kit/http.ts, which says why', () => {
  const importing = files.filter(
    (file) => !file.endsWith('.test.ts') && /^import (?!type).*'node:https?'/m.test(readFileSync(join(SRC, file), 'utf8')),
  );
  assert.deepEqual(importing, []);
});

test('architecture: the daemon loads nothing later that its --version has not compiled for it', () => {
  // else Node's stripper of types, a WebAssembly that takes some 20 MB, comes into the daemon and stays
  // warmUp() and warmUpReading() load theirs; init is only for the command line
  const known = [
    'config/load.ts → config/parse.ts',
    'config/config.ts → config/init.ts',
    'actions/workflow/read.ts → actions/workflow/build.ts',
    'actions/workflow/read.ts → actions/run/action-file.ts',
    'actions/run/local-action.ts → actions/run/action-file.ts',
  ];
  const loaded = new Set(['daemon.ts']);
  for (const file of loaded) for (const { from, to, typeOnly, later } of imports) if (from === file && !typeOnly && !later) loaded.add(to);
  const later = imports.filter((each) => each.later && loaded.has(each.from)).map(({ from, to }) => `${from} → ${to}`);
  assert.deepEqual(
    later.filter((each) => !known.includes(each)),
    [],
  );
  assert.ok(later.length > 0, 'it saw what the daemon loads');
});

test('architecture: the test saw the house', () => {
  assert.ok(files.length > 700, `saw ${files.length} files`);
  assert.ok(files.some((file) => file.endsWith('.mjs')) && files.some((file) => file.endsWith('.ts')), 'of both kinds');
  assert.ok(imports.length > 2600, `saw ${imports.length} imports`);
});

test('architecture: the test knows every way to import', () => {
  const text = `import './bare.ts';
import { a } from './one.ts';
import {
  b,
} from './lines.mjs';
import type { C } from './type.ts';
export { d } from './again.ts';
export type { E } from './type-again.ts';
const f = await import('./later.ts');
import 'package';
// is not one: './word.ts'
`;
  assert.deepEqual(
    importsIn('room/file.ts', text).map(({ to, typeOnly, later }) => [to, typeOnly, later]),
    [
      ['room/bare.ts', false, false],
      ['room/one.ts', false, false],
      ['room/lines.mjs', false, false],
      ['room/type.ts', true, false],
      ['room/again.ts', false, false],
      ['room/type-again.ts', true, false],
      ['room/later.ts', false, true],
    ],
  );
});

test('package-lock.json: no lock file says where a package was downloaded from', () => {
  const root = resolve(SRC, '..');
  const locks = globSync('{,apps/*/*/}package-lock.json', { cwd: root });
  assert.equal(locks.length, 2);
  for (const lock of locks) assert.doesNotMatch(readFileSync(join(root, lock), 'utf8'), /"resolved"/, lock);
});

function mayImport(from: string, to: string, file: string): boolean {
  if (from === to || file.endsWith('.test.ts')) return true;
  if (NEIGHBOURS[from]?.includes(to) === true) return true;
  const floor = (room: string): number => FLOORS.findIndex((rooms) => rooms.includes(room));
  return floor(to) < floor(from);
}

function roomOf(file: string): string {
  const [first = ''] = file.split('/');
  return first.replace(/\.ts$/, '');
}

function importsOf(file: string): Import[] {
  return importsIn(file, readFileSync(join(SRC, file), 'utf8'));
}

function importsIn(file: string, text: string): Import[] {
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^'"();]*?from\s+'(\.[^']+)'|(?:^|\n)\s*import\s+'(\.[^']+)'|import\('(\.[^']+)'\)/g,
  );
  return [...found].map((match) => ({
    from: file,
    to: relative(SRC, resolve(SRC, dirname(file), match[2] ?? match[3] ?? match[4] ?? '')),
    typeOnly: match[1] !== undefined,
    later: match[4] !== undefined,
  }));
}
