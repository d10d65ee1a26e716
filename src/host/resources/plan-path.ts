/** What a directory or a file lacks. */

import { diffLines } from '../diff.ts';
import type { Change, DirectoryResource, Facts, FileResource, PathFact } from '../types.ts';

const A = { file: 'a file', directory: 'a directory', link: 'a link', other: 'something else' } as const;

export function planDirectory(resource: DirectoryResource, facts: Facts): Change | undefined {
  const fact = facts.paths[resource.path] ?? { kind: 'absent' };
  if (fact.kind === 'absent') return { resource, action: 'create', text: `make ${resource.path}`, detail: [owned(resource)] };
  if (fact.kind !== 'directory') {
    return { resource, action: 'update', text: `put a directory at ${resource.path}`, detail: [`there is ${A[fact.kind]} now`] };
  }
  const detail = ownership(resource, fact);
  return detail.length === 0 ? undefined : { resource, action: 'update', text: `set owner and mode of ${resource.path}`, detail };
}

export function planFile(resource: FileResource, facts: Facts): Change | undefined {
  const fact = facts.paths[resource.path] ?? { kind: 'absent' };
  if (fact.kind === 'absent') {
    return { resource, action: 'create', text: `write ${resource.path}`, detail: [...contentDetail(resource, ''), owned(resource)] };
  }
  if (fact.kind !== 'file') {
    return { resource, action: 'update', text: `write ${resource.path}`, detail: [`there is ${A[fact.kind]} now`] };
  }
  const content = fact.content === resource.content ? [] : contentDetail(resource, fact.content);
  const detail = [...content, ...ownership(resource, fact)];
  if (detail.length === 0) return undefined;
  const text = content.length === 0 ? `set owner and mode of ${resource.path}` : `write ${resource.path}`;
  return { resource, action: 'update', text, detail };
}

/** A file that only its owner may read may hold a secret: a plan is read by more people. */
function contentDetail(resource: FileResource, before: string): readonly string[] {
  if ((resource.mode & 0o044) === 0) return ['content differs (not shown: only its owner may read it)'];
  const lines = diffLines(before, resource.content);
  return lines.length === 0 ? ['content differs at its end'] : lines;
}

function ownership(wanted: FileResource | DirectoryResource, fact: Extract<PathFact, { kind: 'file' | 'directory' }>): readonly string[] {
  const detail: string[] = [];
  if (wanted.mode !== fact.mode) detail.push(`mode ${octal(fact.mode)} → ${octal(wanted.mode)}`);
  if (wanted.owner !== fact.owner) detail.push(`owner ${fact.owner} → ${wanted.owner}`);
  if (wanted.group !== fact.group) detail.push(`group ${fact.group} → ${wanted.group}`);
  return detail;
}

function owned(wanted: FileResource | DirectoryResource): string {
  return `${wanted.owner}:${wanted.group} ${octal(wanted.mode)}`;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
