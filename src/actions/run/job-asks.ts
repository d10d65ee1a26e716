/** What a job's keys ask of its host, evaluated: environment, concurrency, container, labels, time. Pure. */

import type { JobSpec, Scope } from '../model.ts';
import type { ConcurrencyRequest, ContainerRequest } from '../types.ts';
import { evaluate } from './evaluate.ts';
import { isTrue, textOf, textsOf } from './words.ts';

export const DEFAULT_MINUTES = 360;

export interface JobAsks {
  readonly environment: string | undefined;
  readonly concurrency: Omit<ConcurrencyRequest, 'job'> | undefined;
  readonly labels: readonly string[];
  readonly container: ContainerRequest | undefined;
  readonly minutes: number;
}

/** Throws where an expression cannot be evaluated. */
export function askFor(spec: JobSpec, scope: Scope): JobAsks {
  const minutes = Number(evaluate(spec.timeoutMinutes, scope) ?? DEFAULT_MINUTES);
  return {
    environment: nameOf(evaluate(spec.environment, scope), 'name'),
    concurrency: concurrencyOf(evaluate(spec.concurrency, scope)),
    labels: labelsOf(evaluate(spec.runsOn, scope)),
    container: containerOf(evaluate(spec.container, scope)),
    minutes: Number.isFinite(minutes) && minutes > 0 ? minutes : DEFAULT_MINUTES,
  };
}

export function concurrencyOf(value: unknown): JobAsks['concurrency'] {
  const group = nameOf(value, 'group');
  return group === undefined ? undefined : { group, cancelInProgress: isTrue(fields(value)['cancel-in-progress']) };
}

function containerOf(value: unknown): ContainerRequest | undefined {
  const image = nameOf(value, 'image');
  return image === undefined ? undefined : { image, env: textsOf(fields(value)['env']) };
}

/** `ubuntu-latest`, a list, or `{labels: …}`. */
function labelsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => labelsOf(one));
  if (typeof value === 'object' && value !== null) return labelsOf(fields(value)['labels']);
  const text = textOf(value).trim();
  return text === '' ? [] : [text];
}

/** A plain text, or one key of a mapping. */
function nameOf(value: unknown, key: string): string | undefined {
  const text = textOf(typeof value === 'object' && value !== null ? fields(value)[key] : value);
  return text === '' ? undefined : text;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
