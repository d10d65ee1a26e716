/** One workflow file's text → the workflow, or every problem at once. Loads the official parser: come here through `read.ts`. */

import type { Problem } from '../../kit/errors.ts';
import type { ReadResult, Workflow } from '../model.ts';
import { entryOf, type Finding, type MappingNode } from '../parser/node.ts';
import { parse } from '../parser/parse.ts';
import { checkSupport } from './check.ts';
import { readEvents } from './events.ts';
import { defaultsOf, readJobs } from './jobs.ts';
import { checkNeeds } from './needs.ts';
import { field, textOf } from './template.ts';

const MAX_SHOWN = 160;

export function buildWorkflow(path: string, text: string): ReadResult {
  const { root, findings } = parse('workflow', text);
  const told = [...findings];
  const workflow = root?.kind === 'mapping' ? workflowOf(path, root, told) : undefined;
  if (workflow === undefined && told.length === 0) told.push({ message: 'The file holds no workflow', at: { line: 1, column: 1 } });
  const file = { path, lines: text.split('\n') };
  const problems = toProblems(
    file,
    told.filter(({ warning }) => warning !== true),
  );
  if (workflow === undefined || problems.length > 0) return { kind: 'problems', problems };
  return { kind: 'workflow', workflow, warnings: toProblems(file, told) };
}

function workflowOf(path: string, root: MappingNode, findings: Finding[]): Workflow | undefined {
  findings.push(...checkSupport(root));
  const on = entryOf(root, 'on')?.value;
  const jobsNode = entryOf(root, 'jobs')?.value;
  if (on === undefined || jobsNode?.kind !== 'mapping') return undefined;
  const events = readEvents(on);
  const { jobs, findings: inJobs } = readJobs(jobsNode);
  findings.push(...events.findings, ...inJobs, ...checkNeeds(jobsNode));
  if (Object.keys(events.on).length === 0 && findings.length === 0)
    findings.push({ message: 'No event is named, so the workflow would never run', at: on.at });
  const name = textOf(entryOf(root, 'name')?.value);
  return {
    path,
    name: name === undefined || name === '' ? path : name,
    on: events.on,
    defaults: defaultsOf(root),
    jobs,
    ...field(root, 'run-name', 'runName'),
    ...field(root, 'env', 'env'),
    ...field(root, 'concurrency', 'concurrency'),
  };
}

interface Source {
  readonly path: string;
  readonly lines: readonly string[];
}

/** In the file's order, each once. */
function toProblems({ path, lines }: Source, findings: readonly Finding[]): readonly Problem[] {
  const sorted = findings.toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
  const seen = new Set<string>();
  return sorted.flatMap(({ message, at, hint }) => {
    const source = shown(lines[at.line - 1] ?? '');
    const problem = {
      at: `${path}:${at.line}:${at.column}`,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(source === '' ? {} : { source }),
    };
    const key = `${problem.at} ${message}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [problem];
  });
}

/** So that a terminal survives it. */
function shown(line: string): string {
  return line
    .replaceAll(/\p{Cc}/gu, ' ')
    .slice(0, MAX_SHOWN)
    .trimEnd();
}
