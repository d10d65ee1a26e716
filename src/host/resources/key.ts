/** What makes two resources the same thing. */

import type { Resource } from '../types.ts';

export function keyOf(resource: Resource): string {
  return `${resource.kind} ${nameOf(resource)}`;
}

export function nameOf(resource: Resource): string {
  switch (resource.kind) {
    case 'package':
    case 'service':
    case 'group':
      return resource.name;
    case 'directory':
    case 'file':
      return resource.path;
    case 'id-range':
      return `${resource.user}:${resource.start}:${resource.count}`;
    case 'address':
      return resource.address;
    case 'firewall':
      return resource.table;
    default:
      throw resource satisfies never;
  }
}
