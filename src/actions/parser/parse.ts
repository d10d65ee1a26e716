/** One file through the official schema: our own tree of nodes, or every problem with line and column. Loaded only by who reads workflows. */

import { ExpressionError } from '@actions/expressions/errors';
import { FeatureFlags } from '@actions/expressions/features';
import { TemplateContext, TemplateValidationErrors } from '@actions/workflow-parser/templates/template-context';
import { readTemplate } from '@actions/workflow-parser/templates/template-reader';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/index';
import type { TokenRange } from '@actions/workflow-parser/templates/tokens/token-range';
import { NoOperationTraceWriter } from '@actions/workflow-parser/templates/trace-writer';

import type { Position } from '../model.ts';
import { convert } from './convert.ts';
import { type Complaint, explain } from './explain.ts';
import type { Finding, Node } from './node.ts';
import { ROOTS, type SchemaName, schemaOf } from './schema.ts';
import { type Block, openYaml } from './yaml.ts';

export interface Parsed {
  /** Absent where the text is not even YAML. With findings it may have gaps. */
  readonly root?: Node;
  readonly findings: readonly Finding[];
}

export function parse(schema: SchemaName, text: string): Parsed {
  const opened = openYaml(text);
  if (opened.kind === 'slip') return { findings: [opened.slip] };
  const complaints: Complaint[] = [];
  const context = new Context(schema, (complaint) => void complaints.push(complaint));
  const root = readTemplate(context, ROOTS[schema], opened.reader, 1);
  const lines = text.split('\n');
  const inBlocks = complaints.map((complaint) => ({
    ...complaint,
    at: inExpression(complaint.error, inBlock(complaint.at, opened.reader.blocks), lines),
  }));
  if (root === undefined) return { findings: explain(inBlocks.slice(-1), undefined) }; // it gave up: the last one says why
  const { node, findings } = convert(root);
  return { root: node, findings: [...explain(inBlocks, root), ...findings] };
}

class Context extends TemplateContext {
  readonly #tell: (complaint: Complaint) => void;

  constructor(schema: SchemaName, tell: (complaint: Complaint) => void) {
    super(new TemplateValidationErrors(), schemaOf(schema), new NoOperationTraceWriter());
    this.state['featureFlags'] = new FeatureFlags({ all: true }); // background steps are GitHub's syntax: we are the ones who do not run them yet
    this.#tell = tell;
  }

  override error(about: TemplateToken | number | undefined, error: unknown, range?: TokenRange): void {
    const token = typeof about === 'number' ? undefined : about;
    const { line = 1, column = 1 } = (range ?? token?.range)?.start ?? {};
    this.#tell({ token, error: error instanceof Error ? error : new Error(String(error)), at: { line, column } });
  }
}

/** The official positions inside a block scalar do not know how far it stands in. */
function inBlock(at: Position, blocks: readonly Block[]): Position {
  const block = blocks.find(({ first, last }) => at.line > first && at.line <= last);
  if (block === undefined) return at;
  return block.literal ? { line: at.line, column: at.column + block.indent } : { line: block.first + 1, column: block.indent + 1 };
}

/** The official reader tells where `${{` stands; the error knows how far behind it. */
function inExpression(error: Error, at: Position, lines: readonly string[]): Position {
  const [opening] = /^\$\{\{\s*/.exec((lines[at.line - 1] ?? '').slice(at.column - 1)) ?? [];
  if (opening === undefined || !(error instanceof ExpressionError) || error.pos.line > 0) return at;
  return { line: at.line, column: at.column + opening.length + error.pos.column };
}
