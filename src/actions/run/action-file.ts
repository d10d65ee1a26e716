/** An action's own file, `action.yml`, judged by GitHub's schema: what it takes, gives and runs. Loads the official parser. */

import { AntlerError } from '../../kit/errors.ts';
import type { Template } from '../model.ts';
import { entryOf, type Finding, type MappingNode, type Node } from '../parser/node.ts';
import { parse } from '../parser/parse.ts';
import { readSteps } from '../workflow/jobs.ts';
import { templateOf, textOf } from '../workflow/template.ts';
import type { Action } from './action.ts';

/** Real actions leave these out, and GitHub runs them. */
const NOT_NEEDED = /^The key `(?:name|description)` is missing$/;

/** Throws `actions/step-failed` with every problem, each with line and column. */
export function readAction(path: string, text: string): Action {
  const { root, findings } = parse('action', text);
  const told: Finding[] = findings.filter(({ message }) => !NOT_NEEDED.test(message));
  const action = root?.kind === 'mapping' ? actionOf(root, told) : undefined;
  if (action !== undefined && told.length === 0) return action;
  const problems = told.map(({ message, at, hint }) => ({
    at: `${path}:${at.line}:${at.column}`,
    message,
    ...(hint === undefined ? {} : { hint }),
  }));
  const [first] = problems;
  throw new AntlerError(
    'actions/step-failed',
    `Cannot run the action as its file is not right: ${first?.message ?? 'it holds no action'}`,
    {
      at: first?.at ?? path,
      problems,
    },
  );
}

function actionOf(root: MappingNode, findings: Finding[]): Action | undefined {
  const runs = entryOf(root, 'runs')?.value;
  if (runs?.kind !== 'mapping') {
    findings.push({ message: 'The key `runs` is missing', at: root.at });
    return undefined;
  }
  const run = runsOf(runs, findings);
  if (run === undefined) return undefined;
  const inputs = named(root, 'inputs').map(({ name, node }) => ({ name, ...part(node, 'default') }));
  const outputs = named(root, 'outputs').flatMap(({ name, node }) => {
    const { value } = part(node, 'value');
    return value === undefined ? [] : [{ name, value }];
  });
  return { inputs, outputs, runs: run };
}

function runsOf(runs: MappingNode, findings: Finding[]): Action['runs'] | undefined {
  const using = textOf(entryOf(runs, 'using')?.value) ?? '';
  const at = entryOf(runs, 'using')?.value.at ?? runs.at;
  if (using === 'composite') {
    const steps = entryOf(runs, 'steps')?.value;
    const read = steps?.kind === 'sequence' ? readSteps(steps.items, findings) : [];
    for (const step of read)
      if (step.run !== undefined && step.shell === undefined)
        findings.push({ message: 'The key `shell` is missing: a composite action names it for each `run`', at: step.at });
    return { kind: 'composite', steps: read };
  }
  if (/^node\d+$/.test(using)) {
    const text = (key: string): string | undefined => textOf(entryOf(runs, key)?.value);
    const main = text('main');
    if (main === undefined) findings.push({ message: 'The key `main` is missing', at });
    const [pre, post, postIf] = [text('pre'), text('post'), conditionText(entryOf(runs, 'post-if')?.value)];
    return {
      kind: 'javascript',
      main: main ?? '',
      ...(pre === undefined ? {} : { pre }),
      ...(post === undefined ? {} : { post }),
      ...(postIf === undefined ? {} : { postIf }),
    };
  }
  findings.push({
    message: `An action with \`using: ${using}\` is not supported yet`,
    at,
    hint: 'Run are `composite` and `node24` (any Node)',
  });
  return undefined;
}

function conditionText(node: Node | undefined): string | undefined {
  return node?.kind === 'expression' ? node.text : textOf(node);
}

function named(root: MappingNode, key: string): readonly { readonly name: string; readonly node: Node }[] {
  const value = entryOf(root, key)?.value;
  if (value?.kind !== 'mapping') return [];
  return value.entries.flatMap((entry) => (entry.kind === 'entry' ? [{ name: entry.key, node: entry.value }] : []));
}

function part<Name extends string>(node: Node, name: Name): { readonly [Key in Name]?: Template } {
  const entry = node.kind === 'mapping' ? entryOf(node, name) : undefined;
  return entry === undefined ? {} : ({ [name]: templateOf(entry.value) } as { readonly [Key in Name]?: Template });
}
