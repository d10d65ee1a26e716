/** Refuses `needs` that nobody can fulfil: unknown jobs, and circles, each told once with the whole way round. */

import { nearest } from '../../kit/nearest.ts';
import { entryOf, type Finding, type MappingNode, type Node } from '../parser/node.ts';
import { textOf } from './template.ts';

interface Need {
  readonly job: string;
  readonly node: Node;
}

export function checkNeeds(jobs: MappingNode): Finding[] {
  const needs = new Map<string, readonly Need[]>();
  for (const entry of jobs.entries) {
    if (entry.kind === 'entry' && entry.value.kind === 'mapping') needs.set(entry.key, needsOf(entry.value));
  }
  const findings: Finding[] = [];
  for (const [id, list] of needs) {
    for (const { job, node } of list) if (!needs.has(job)) findings.push(unknown({ id, job, node, known: [...needs.keys()] }));
  }
  return [...findings, ...circles(needs)];
}

function needsOf(job: MappingNode): readonly Need[] {
  const value = entryOf(job, 'needs')?.value;
  const items = value === undefined ? [] : value.kind === 'sequence' ? value.items : [value];
  return items.flatMap((node) => {
    const name = textOf(node);
    return name === undefined ? [] : [{ job: name, node }];
  });
}

interface Unknown extends Need {
  readonly id: string;
  readonly known: readonly string[];
}

function unknown({ id, job, node, known }: Unknown): Finding {
  const meant = nearest(job, known);
  return {
    message: `The job \`${id}\` needs \`${job}\`, which is no job here`,
    at: node.at,
    hint: `${meant === undefined ? '' : `Did you mean \`${meant}\`? `}Jobs here: ${known.join(', ')}`,
  };
}

function circles(needs: ReadonlyMap<string, readonly Need[]>): Finding[] {
  const findings: Finding[] = [];
  const done = new Set<string>();
  const walk = (id: string, path: readonly string[]): void => {
    for (const { job, node } of needs.get(id) ?? []) {
      const begin = path.indexOf(job);
      if (begin >= 0) {
        const way = [...path.slice(begin), job].join(' → ');
        findings.push({ message: `The job \`${id}\` needs \`${job}\`, which waits for it: ${way} is a cycle`, at: node.at });
      } else if (!done.has(job)) walk(job, [...path, job]);
    }
    done.add(id);
  };
  for (const id of needs.keys()) if (!done.has(id)) walk(id, [id]);
  return findings;
}
