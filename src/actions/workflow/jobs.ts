/** `jobs:` → job specs, with what the schema does not know: ids, needs, empty jobs. */

import type { JobSpec, RunDefaults, StepSpec, Template } from '../model.ts';
import { entryOf, type Finding, type MappingNode, type Node } from '../parser/node.ts';
import { field, member, templateOf, textOf, textsOf } from './template.ts';

export interface ReadJobs {
  readonly jobs: readonly JobSpec[];
  readonly findings: readonly Finding[];
}

export function readJobs(node: MappingNode): ReadJobs {
  const findings: Finding[] = [];
  const jobs = node.entries.flatMap((entry) => {
    if (entry.kind !== 'entry' || entry.value.kind !== 'mapping') return [];
    const wrong = idProblem(entry.key);
    if (wrong !== undefined) findings.push({ message: `The job id \`${entry.key}\` ${wrong}`, at: entry.keyAt });
    if (entry.value.definition === 'workflow-job') return []; // refused as a whole
    return [jobOf(entry.key, entry, findings)];
  });
  if (node.entries.length === 0) findings.push({ message: 'The workflow has no job', at: node.at });
  return { jobs, findings };
}

function jobOf(id: string, { keyAt, value }: { readonly keyAt: JobSpec['at']; readonly value: Node }, findings: Finding[]): JobSpec {
  const node = value as MappingNode;
  const strategy = entryOf(node, 'strategy')?.value;
  const steps = entryOf(node, 'steps')?.value;
  if (node.definition === 'job-factory' && (steps?.kind !== 'sequence' || steps.items.length === 0))
    findings.push({ message: `The job \`${id}\` has no steps`, at: steps?.at ?? keyAt });
  return {
    id,
    at: keyAt,
    needs: textsOf(entryOf(node, 'needs')?.value) ?? [],
    runsOn: runsOnOf(entryOf(node, 'runs-on')?.value ?? { kind: 'literal', value: null, at: keyAt }),
    defaults: defaultsOf(node),
    steps: steps?.kind === 'sequence' ? readSteps(steps.items, findings) : [],
    ...field(node, 'name', 'name'),
    ...conditionOf(node),
    ...field(node, 'environment', 'environment'),
    ...field(node, 'concurrency', 'concurrency'),
    ...field(node, 'outputs', 'outputs'),
    ...field(node, 'env', 'env'),
    ...field(node, 'timeout-minutes', 'timeoutMinutes'),
    ...field(node, 'continue-on-error', 'continueOnError'),
    ...field(node, 'container', 'container'),
    ...(strategy === undefined
      ? {}
      : {
          strategy: {
            ...member(strategy, 'matrix', 'matrix'),
            ...member(strategy, 'fail-fast', 'failFast'),
            ...member(strategy, 'max-parallel', 'maxParallel'),
          },
        }),
  };
}

/** Also for composite actions, whose steps are the same. */
export function readSteps(items: readonly Node[], findings: Finding[]): readonly StepSpec[] {
  const ids = new Set<string>();
  return items.flatMap((node) => {
    if (node.kind !== 'mapping') return [];
    const id = entryOf(node, 'id');
    const name = textOf(id?.value);
    if (id !== undefined && name !== undefined) {
      const wrong = ids.has(name.toLowerCase()) ? 'is there twice' : idProblem(name);
      if (wrong !== undefined) findings.push({ message: `The step id \`${name}\` ${wrong}`, at: id.value.at });
      ids.add(name.toLowerCase());
    }
    const uses = textOf(entryOf(node, 'uses')?.value);
    const step: StepSpec = {
      at: node.at,
      ...(name === undefined ? {} : { id: name }),
      ...field(node, 'name', 'name'),
      ...conditionOf(node),
      ...field(node, 'env', 'env'),
      ...field(node, 'continue-on-error', 'continueOnError'),
      ...field(node, 'timeout-minutes', 'timeoutMinutes'),
      ...field(node, 'run', 'run'),
      ...field(node, 'shell', 'shell'),
      ...field(node, 'working-directory', 'workingDirectory'),
      ...(uses === undefined ? {} : { uses }),
      ...field(node, 'with', 'with'),
    };
    return [step];
  });
}

/** `defaults.run` of a workflow or job. */
export function defaultsOf(node: MappingNode): RunDefaults {
  const defaults = entryOf(node, 'defaults')?.value;
  const run = defaults?.kind === 'mapping' ? entryOf(defaults, 'run')?.value : undefined;
  return { ...member(run, 'shell', 'shell'), ...member(run, 'working-directory', 'workingDirectory') };
}

/** An empty `if` is none. */
function conditionOf(node: MappingNode): { readonly if?: Template } {
  const value = entryOf(node, 'if')?.value;
  return value === undefined || (value.kind === 'literal' && (value.value === '' || value.value === null)) ? {} : { if: templateOf(value) };
}

/** `{labels: x}` is `x`. */
function runsOnOf(node: Node): Template {
  const labels = node.kind === 'mapping' ? entryOf(node, 'labels')?.value : undefined;
  return templateOf(labels ?? node);
}

/** GitHub's rule for ids of jobs and steps. */
function idProblem(id: string): string | undefined {
  if (!/^[A-Za-z_][\w-]*$/.test(id)) return 'may have letters, digits, `_` and `-` only, and begins with a letter or `_`';
  if (id.startsWith('__')) return 'begins with `__`, which is reserved';
  return id.length < 100 ? undefined : 'must be shorter than 100 characters';
}
