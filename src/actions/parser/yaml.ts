/** The official YAML reader with its holes mended: text of several lines keeps its meaning, empty values are null, aliases cannot explode. */

import { YamlObjectReader } from '@actions/workflow-parser/workflows/yaml-object-reader';
import { type Document, isCollection, isScalar, type LineCounter, type Node, Scalar, visit, type YAMLError } from 'yaml';

import type { Position } from '../model.ts';

/** GitHub's own limits are near these; a file beyond them is an attack or an accident. */
const MAX_BYTES = 1024 * 1024;
const MAX_EVENTS = 100_000;
const MAX_ALIASES = 500;

const TOO_DEEP = 'The file is nested too deeply';

export interface Slip {
  readonly message: string;
  readonly at: Position;
}

/** A block scalar's lines and how far they stand in, so that positions inside it can be told. */
export interface Block {
  readonly first: number;
  readonly last: number;
  readonly indent: number;
  /** False: lines were folded, only the scalar's begin is known. */
  readonly literal: boolean;
}

export type Opened = { readonly kind: 'reader'; readonly reader: Reader } | { readonly kind: 'slip'; readonly slip: Slip };

export function openYaml(text: string): Opened {
  const slip = (message: string, at: Position = { line: 1, column: 1 }): Opened => ({ kind: 'slip', slip: { message, at } });
  if (text.length > MAX_BYTES) return slip(`The file is larger than ${MAX_BYTES / 1024} KiB`);
  if (text.trim() === '') return slip('The file is empty');
  let reader: Reader;
  try {
    reader = new Reader(text);
  } catch (error) {
    if (error instanceof RangeError) return slip(TOO_DEEP);
    throw error;
  }
  return reader.slip === undefined ? { kind: 'reader', reader } : { kind: 'slip', slip: reader.slip };
}

class Reader extends YamlObjectReader {
  readonly blocks: Block[] = [];
  readonly slip: Slip | undefined;
  #events = 0;

  constructor(text: string) {
    super(1, text);
    const { doc, lineCounter } = this as unknown as { readonly doc: Document.Parsed; readonly lineCounter: LineCounter };
    const source: Source = { text, positionOf: (offset) => positionIn(lineCounter, offset) };
    this.slip = firstSlip(doc, source) ?? mend(doc, source, this.blocks);
  }

  /** Expressions are cut out of the value, not out of the source, whose indentation and folding would get into scripts. */
  override allowLiteral(): ReturnType<YamlObjectReader['allowLiteral']> {
    this.#count();
    const token = super.allowLiteral();
    if (token !== undefined && 'source' in token && token.range !== undefined && token.range.start.line !== token.range.end.line)
      token.source = undefined;
    return token;
  }

  override allowSequenceStart(): ReturnType<YamlObjectReader['allowSequenceStart']> {
    this.#count();
    return super.allowSequenceStart();
  }

  #count(): void {
    this.#events += 1;
    if (this.#events > MAX_EVENTS) throw new Error('The file unfolds to more values than anybody writes');
  }
}

interface Source {
  readonly text: string;
  readonly positionOf: (offset: number) => Position;
}

function positionIn(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return line === 0 ? { line: 1, column: 1 } : { line, column: col };
}

/** One slip makes yaml tell dozens of errors: the first is the one to mend. */
function firstSlip(doc: Document.Parsed, source: Source): Slip | undefined {
  const tag = doc.warnings.find(({ code }) => code === 'TAG_RESOLVE_FAILED');
  const error: YAMLError | undefined = doc.errors[0] ?? tag;
  if (error === undefined) return undefined;
  const at = source.positionOf(error.pos[0]);
  if (error === tag)
    return { message: 'A value that begins with `!` is a tag to YAML: put it into quotes, or an expression into `${{ }}`', at };
  if (error.message.includes('call stack')) return { message: TOO_DEEP, at: { line: 1, column: 1 } };
  const [message = error.message] = error.message.replace(/ at line \d+, column \d+:?\s*$/m, '').split('\n');
  return { message: `This is not YAML: ${message.replace(/ at line \d+, column \d+:?$/, '')}`, at };
}

/** Makes the document what the official reader expects, and says what it could not bear. */
function mend(doc: Document.Parsed, source: Source, blocks: Block[]): Slip | undefined {
  let slip: Slip | undefined;
  let aliases = 0;
  const refuse = (node: unknown, message: string): symbol => {
    slip = { message, at: source.positionOf((node as Node | null)?.range?.[0] ?? 0) };
    return visit.BREAK;
  };
  visit(doc, {
    Pair: (_, pair) => {
      const { key } = pair;
      if (!isScalar(key) || (typeof key.value !== 'string' && typeof key.value !== 'number' && typeof key.value !== 'boolean'))
        return refuse(key ?? pair.value, 'A key must be plain text');
      key.value = String(key.value);
      // `{push, pull_request}`: yaml gives no value at all, and the reader would take the next key for it.
      if (pair.value === null) pair.value = Object.assign(new Scalar(null), { range: key.range });
      return undefined;
    },
    Alias: (_, node) => {
      aliases += 1;
      if (aliases > MAX_ALIASES) return refuse(node, `The file has more than ${MAX_ALIASES} aliases`);
      const target = node.resolve(doc);
      if (target === undefined)
        return refuse(node, `The alias \`*${node.source}\` has no anchor: a value that begins with \`*\` needs quotes`);
      return holds(target, target, doc) ? refuse(node, `The alias \`*${node.source}\` contains itself`) : undefined;
    },
    Scalar: (_, node) => {
      const { value, srcToken } = node as Scalar.Parsed;
      if (value !== null && !['string', 'number', 'boolean'].includes(typeof value))
        return refuse(node, 'A value must be text, a number, true, false or null');
      if (srcToken?.type === 'block-scalar' && node.range) blocks.push(blockOf(source, node.range[0], node.range[1]));
      return undefined;
    },
  });
  return slip;
}

/** True where what the anchor stands for has an alias to it somewhere inside. */
function holds(inside: Node | undefined, target: Node | undefined, doc: Document.Parsed): boolean {
  if (!isCollection(inside)) return false;
  let found = false;
  visit(inside, {
    Alias: (_, node) => {
      if (node.resolve(doc) === target) found = true;
      return found ? visit.BREAK : undefined;
    },
  });
  return found;
}

function blockOf({ text, positionOf }: Source, from: number, to: number): Block {
  const source = text.slice(from, to);
  const [, indent = ''] = /\n+( *)\S/.exec(source) ?? [];
  return { first: positionOf(from).line, last: positionOf(to).line, indent: indent.length, literal: source.startsWith('|') };
}
