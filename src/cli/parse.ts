/** From the words that were typed to a command and its values; or `cli/usage` with the nearest name. Pure. */

import { parseArgs } from 'node:util';

import { AntlerError } from '../kit/errors.ts';
import { nearest } from '../kit/nearest.ts';
import type { Args, Command, Option, Options } from './command.ts';

export const GLOBAL_OPTIONS = {
  help: { type: 'flag', short: 'h', summary: 'Show this help' },
  json: { type: 'flag', summary: 'Print JSON: one object, or one object a line for what streams' },
  home: { type: 'text', value: 'DIR', summary: 'The instance’s home (ANTLER_HOME; /var/lib/antler by default)' },
} as const satisfies Record<string, Option>;

/** What was typed means this. */
export type Parsed =
  | { readonly kind: 'run'; readonly command: Command; readonly args: Args; readonly options: Options }
  | { readonly kind: 'help'; readonly command: Command }
  | { readonly kind: 'help-group'; readonly group: string }
  | { readonly kind: 'help-all' }
  | { readonly kind: 'version' };

export function parse(argv: readonly string[], commands: readonly Command[]): Parsed {
  const { words, help, version } = leading(argv);
  if (version && words.length === 0) return { kind: 'version' };
  if (words[0]?.text === 'help') return helpFor(words.slice(1), commands);
  const found = longest(words, commands);
  if (found === undefined) {
    if (words.length === 0 && !help) {
      const dashed = argv.find((word) => word.startsWith('-') && !isGlobal(word));
      if (dashed !== undefined) throw unknownOption(dashed, GLOBAL_OPTIONS, 'antler');
    }
    return helpFor(words, commands, help);
  }
  const named = new Set(words.slice(0, found.name.split(' ').length).map(({ index }) => index));
  return values(
    found,
    argv.filter((_, index) => !named.has(index)),
  );
}

interface Word {
  readonly text: string;
  readonly index: number;
  /** Nothing but global options stands between it and the word before: it may be a part of the command's name, and is no option's value. */
  readonly joined: boolean;
}

/** The words before the first `--`, without global options and their values: where a command's name is looked for. */
function leading(argv: readonly string[]): { words: Word[]; help: boolean; version: boolean } {
  const words: Word[] = [];
  let help = false;
  let version = false;
  let joined = true;
  for (let index = 0; index < argv.length; index++) {
    const text = argv[index] ?? '';
    if (text === '--') break;
    if (text === '--home') index++;
    else if (text === '--help' || text === '-h') help = true;
    else if (text === '--version' || text === '-V') version = true;
    else if (!text.startsWith('-')) {
      words.push({ text, index, joined });
      joined = true;
    } else if (!isGlobal(text)) joined = false;
  }
  return { words, help, version };
}

function isGlobal(word: string): boolean {
  return ['-h', ...Object.keys(GLOBAL_OPTIONS).map((name) => `--${name}`)].includes(word.split('=')[0] ?? '');
}

function longest(words: readonly Word[], commands: readonly Command[]): Command | undefined {
  const apart = words.findIndex(({ joined }, index) => index > 0 && !joined);
  const typed = (apart < 0 ? words : words.slice(0, apart)).map(({ text }) => text).join(' ');
  const fits = commands.filter(({ name }) => typed === name || typed.startsWith(`${name} `));
  return fits.sort((a, b) => b.name.length - a.name.length)[0];
}

function helpFor(words: readonly Word[], commands: readonly Command[], asked = true): Parsed {
  const [first] = words;
  if (first === undefined) return { kind: 'help-all' };
  const command = longest(words, commands);
  if (command !== undefined) return { kind: 'help', command };
  const verbs = commands.filter(({ name }) => name.startsWith(`${first.text} `)).map(({ name }) => name);
  if (verbs.length > 0 && (words.length === 1 || asked)) return { kind: 'help-group', group: first.text };
  const typed = words
    .slice(0, verbs.length > 0 ? 2 : 1)
    .map(({ text }) => text)
    .join(' ');
  const names = [...commands.map(({ name }) => name), ...commands.map(({ name }) => name.split(' ')[0] ?? '')];
  const near = nearest(typed, names) ?? nearest(first.text, names);
  throw new AntlerError('cli/usage', `Cannot run \`antler ${clip(typed)}\` as there is no such command`, {
    hint: near === undefined ? 'Type `antler --help`' : `Did you mean \`antler ${near}\`?`,
  });
}

function values(command: Command, argv: readonly string[]): Parsed {
  const known: Readonly<Record<string, Option>> = { ...command.options, ...GLOBAL_OPTIONS };
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries(known).map(([name, option]) => [
        name,
        { type: option.type === 'flag' ? 'boolean' : 'string', ...(option.short === undefined ? {} : { short: option.short }) } as const,
      ]),
    ),
    strict: false,
    tokens: true,
  });
  const flags = new Set<string>();
  const texts = new Map<string, string[]>();
  const words: string[] = [];
  const end = tokens.find((token) => token.kind === 'option-terminator')?.index ?? Number.POSITIVE_INFINITY;
  let before = 0;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      words.push(token.value);
      if (token.index < end) before++;
    }
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (option === undefined) throw unknownOption(token.rawName, known, `antler ${command.name}`);
    if (option.type === 'flag') {
      if (token.value !== undefined) throw wrong(command, `take \`${token.rawName}=…\` as it is a switch without a value`);
      flags.add(token.name);
    } else {
      // `--to --json` is a forgotten value, not a value that looks like an option; `--to=--json` still can be one.
      const forgotten = token.value === undefined || (!token.inlineValue && token.value.startsWith('-') && token.value !== '-');
      if (forgotten) throw wrong(command, `take \`${token.rawName}\` as its value ${option.value} is missing`);
      texts.set(token.name, [...(texts.get(token.name) ?? []), token.value ?? '']);
    }
  }
  if (flags.has('help')) return { kind: 'help', command };
  const args = named(command, words, Math.min(before, words.length));
  const options: Options = {
    flag: (name) => flags.has(name),
    text: (name) => texts.get(name)?.at(-1),
    all: (name) => texts.get(name) ?? [],
  };
  return { kind: 'run', command, args, options };
}

/** Gives each word its argument's name. `before`: how many words stood before `--`. */
function named(command: Command, words: readonly string[], before: number): Args {
  const wanted = command.args ?? [];
  const got = new Map<string, string>();
  let rest: readonly string[] = [];
  let at = 0;
  for (const arg of wanted) {
    if (arg.rest === true) {
      rest = words.slice(at);
      at = words.length;
      if (rest.length === 0 && arg.optional !== true) throw missing(command, arg.name);
    } else if (at < words.length && (at < before || !wanted.some((one) => one.rest === true))) {
      got.set(arg.name, words[at++] ?? '');
    } else if (arg.optional !== true) {
      throw missing(command, arg.name);
    }
  }
  const [extra] = words.slice(at);
  if (extra !== undefined && command.noMore !== undefined) throw wrong(command, command.noMore);
  if (extra !== undefined) throw wrong(command, `take \`${clip(extra)}\` as it takes no more arguments`);
  return {
    rest,
    maybe: (name) => got.get(name),
    get: (name) => {
      const value = got.get(name);
      if (value === undefined) throw new AntlerError('internal/bug', `Cannot read the argument ${name} as \`${command.name}\` has none`);
      return value;
    },
  };
}

function missing(command: Command, name: string): AntlerError {
  return wrong(command, `go on as ${name} is missing`);
}

function wrong(command: Command, message: string): AntlerError {
  return new AntlerError('cli/usage', `Cannot ${message}`, { hint: `Type \`antler ${command.name} --help\`` });
}

function unknownOption(typed: string, known: Readonly<Record<string, Option>>, who: string): AntlerError {
  const near = nearest(
    typed.split('=')[0] ?? '',
    Object.keys(known).map((name) => `--${name}`),
  );
  return new AntlerError('cli/usage', `Cannot take \`${clip(typed)}\` as \`${who}\` has no such option`, {
    hint: near === undefined ? `Type \`${who} --help\`` : `Did you mean \`${near}\`?`,
  });
}

/** What was typed may be anything: shown in one line, without control characters, not endless. */
function clip(text: string): string {
  const plain = text.replaceAll(/\p{Cc}/gu, '·');
  return plain.length > 60 ? `${plain.slice(0, 60)}…` : plain;
}
