/** Problem matchers: patterns that a step hands in, by which a tool's own output becomes errors, warnings and notices with their places. */

import process from 'node:process';
import { createContext, Script } from 'node:vm';

export interface Found {
  readonly kind: 'error' | 'warning' | 'notice';
  /** `file`, `line`, `col`, `code`, `message`, as far as the pattern names them. */
  readonly where: Readonly<Record<string, string>>;
}

export interface Matchers {
  /** There is one at least. */
  readonly active: boolean;
  /** The text of a matcher's file; its owners in it take the place of earlier ones. Throws an Error that says what is wrong. */
  add(text: string): void;
  remove(owner: string): void;
  /** What this line of output says. The last one that was added is asked first. */
  match(line: string): Found | undefined;
  /** Owners whose patterns took too long, or were asked too often: they are gone. Told once. */
  tooSlow(): readonly string[];
}

/** A job's patterns run in the daemon: none of them may hold it. */
const PATIENCE_MS = 250;
const TURNS = 3;
/** Each look costs some 0.1 ms: so many lines of a job are looked at. */
const MOST_LINES = 100_000;
/** Longer ones are no tool's messages. */
const LONGEST = 4096;
const FIELDS = ['file', 'fromPath', 'line', 'column', 'severity', 'code', 'message'] as const;
type Fields = Partial<Record<(typeof FIELDS)[number], string>>;

interface Pattern {
  readonly compiled: RegExp;
  /** Which group of the expression has the field. */
  readonly groups: Readonly<Partial<Record<(typeof FIELDS)[number], number>>>;
  readonly loop: boolean;
}

interface Matcher {
  readonly owner: string;
  readonly severity: string | undefined;
  readonly patterns: readonly Pattern[];
  /** What each pattern but the last has found, while it goes on. */
  state: (Fields | undefined)[];
}

export function createMatchers(): Matchers {
  let all: Matcher[] = [];
  const slow: string[] = [];
  let looked = 0;
  const soon = createSoon();

  return {
    get active() {
      return all.length > 0;
    },
    add(text) {
      for (const one of listOf(fieldsOf(JSON.parse(text), 'file'), 'problemMatcher')) {
        const matcher = readMatcher(fieldsOf(one, 'problemMatcher'));
        all = [matcher, ...all.filter(({ owner }) => owner !== matcher.owner)];
      }
    },
    remove(owner) {
      all = all.filter((each) => each.owner !== owner);
    },
    match(line) {
      if (all.length === 0 || line.length > LONGEST) return undefined;
      if (looked++ === MOST_LINES) {
        slow.push(...all.map(({ owner }) => owner));
        all = [];
      }
      for (const matcher of all) {
        const fields = soon(() => step(matcher, line));
        if (fields === 'late') {
          slow.push(matcher.owner);
          all = all.filter((each) => each !== matcher);
          continue;
        }
        const found = fields === undefined ? undefined : toFound(fields, matcher.severity);
        if (found === undefined) continue;
        for (const other of all) if (other !== matcher) other.state = [];
        return found;
      }
      return undefined;
    },
    tooSlow: () => slow.splice(0),
  };
}

type Json = Readonly<Record<string, unknown>>;

function readMatcher(json: Json): Matcher {
  const { owner, severity } = json;
  if (typeof owner !== 'string' || owner === '') throw new Error('A matcher has no owner');
  const patterns = listOf(json, 'pattern').map((one) => readPattern(fieldsOf(one, `pattern of '${owner}'`)));
  if (patterns.at(-1)?.groups.message === undefined) throw new Error(`The last pattern of the matcher '${owner}' names no message`);
  const loops = patterns.findIndex(({ loop }) => loop);
  if (loops >= 0 && (loops < patterns.length - 1 || patterns.length === 1))
    throw new Error(`Only the last of several patterns may loop: '${owner}'`);
  return { owner, severity: typeof severity === 'string' ? severity : undefined, patterns, state: [] };
}

function readPattern(json: Json): Pattern {
  const { regexp } = json;
  if (typeof regexp !== 'string' || regexp === '') throw new Error('A pattern has no regexp');
  const groups = FIELDS.flatMap((field) => {
    const group = json[field];
    if (group === undefined || group === null) return [];
    if (typeof group !== 'number' || !Number.isInteger(group) || group < 0)
      throw new Error(`\`${field}\` of a pattern is no number of a group`);
    return [[field, group] as const];
  });
  return { compiled: new RegExp(regexp), groups: Object.fromEntries(groups), loop: json['loop'] === true };
}

function fieldsOf(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new Error(`The ${what} is no mapping`);
}

function listOf(json: Json, key: string): readonly unknown[] {
  const value = json[key];
  if (Array.isArray(value) && value.length > 0) return value;
  throw new Error(`\`${key}\` is no list with something in it`);
}

/** One line, as the official runner takes it: from the last pattern to the first, each after what the one before has found. */
function step(matcher: Matcher, line: string): Fields | undefined {
  const { patterns, state } = matcher;
  for (let index = patterns.length - 1; index >= 0; index--) {
    const before = index === 0 ? {} : state[index - 1];
    const pattern = patterns[index];
    if (before === undefined || pattern === undefined) continue;
    const groups = pattern.compiled.exec(line);
    const isLast = index === patterns.length - 1;
    if (groups === null) {
      if (isLast && index > 0) state[index - 1] = undefined;
      else state[index] = undefined;
      continue;
    }
    const fields: Fields = { ...before };
    for (const field of FIELDS) {
      const group = pattern.groups[field];
      const value = group === undefined ? undefined : groups[group];
      if (value !== undefined && value !== '') fields[field] = value;
    }
    if (!isLast) {
      state[index] = fields;
      continue;
    }
    matcher.state = [];
    if (pattern.loop) matcher.state[index - 1] = before;
    return fields;
  }
  return undefined;
}

function toFound({ file, line, column, code, message, severity }: Fields, otherwise: string | undefined): Found | undefined {
  const kind = (severity ?? otherwise ?? 'error').toLowerCase();
  if (message === undefined || (kind !== 'error' && kind !== 'warning' && kind !== 'notice')) return undefined;
  const where = Object.entries({ file, line, col: column, code, message }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { kind, where: Object.fromEntries(where) };
}

/** Ends what takes too long, also within a regular expression: nothing else of Node's can. */
function createSoon(): <T>(work: () => T) => T | 'late' {
  const script = new Script('work()');
  const place: { work?: () => unknown } = {};
  let context: ReturnType<typeof createContext> | undefined;
  return <T>(work: () => T) => {
    context ??= createContext(place);
    for (let turn = 1; ; turn += 1) {
      const before = process.threadCpuUsage().user;
      place.work = work;
      try {
        return script.runInContext(context, { timeout: PATIENCE_MS }) as T;
      } catch (error) {
        // An error of the other context is no instance of ours.
        if (!(typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')) throw error;
        // The time ran out, but not for us: a busy machine had others run.
        const worked = (process.threadCpuUsage().user - before) / 1000;
        if (turn === TURNS || worked > PATIENCE_MS / 2) return 'late';
      }
    }
  };
}
