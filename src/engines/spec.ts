/** What a container's spec comes to: its digest and its labels, the same on every engine. */

import { createHash } from 'node:crypto';

import { LABELS } from './labels.ts';
import type { ContainerSpec } from './types.ts';

/** `sha256:…` of everything that makes the container; the order of keys does not matter. */
export function specDigest(spec: ContainerSpec): string {
  return `sha256:${createHash('sha256')
    .update(JSON.stringify(sorted(spec)))
    .digest('hex')}`;
}

/** The spec's own labels and those by which we know it again. */
export function labelsOf(spec: ContainerSpec, instance: string): Record<string, string> {
  return {
    ...spec.labels,
    [LABELS.instance]: instance,
    [LABELS.address]: spec.address,
    [LABELS.spec]: specDigest(spec),
    ...(spec.alone === true ? { [LABELS.alone]: 'true' } : {}),
  };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => sorted(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
