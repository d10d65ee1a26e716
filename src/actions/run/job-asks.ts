/** What a job's keys ask of its host, evaluated: environment, concurrency, container, labels, time. Pure. */

import type { JobSpec, Scope, Template } from '../model.ts';
import type { ConcurrencyRequest } from '../types.ts';
import { evaluate } from './evaluate.ts';
import { isTrue, textOf, textsOf } from './words.ts';

export const DEFAULT_MINUTES = 360;

export interface JobAsks {
  readonly environment: string | undefined;
  readonly concurrency: Omit<ConcurrencyRequest, 'job'> | undefined;
  readonly labels: readonly string[];
  readonly container: ContainerAsk | undefined;
  readonly minutes: number;
}

export interface ContainerAsk {
  readonly image: string;
  /** What was known at once; `envTemplate` lies over it. */
  readonly env: Readonly<Record<string, string>>;
  /** May name secrets, the job's own `env` and its runner: evaluated when the place is made. */
  readonly envTemplate: Template | undefined;
}

/** Throws where an expression cannot be evaluated. */
export function askFor(spec: JobSpec, scope: Scope): JobAsks {
  const minutes = Number(evaluate(spec.timeoutMinutes, scope) ?? DEFAULT_MINUTES);
  return {
    environment: nameOf(evaluate(spec.environment, scope), 'name'),
    concurrency: concurrencyOf(evaluate(spec.concurrency, scope)),
    labels: labelsOf(evaluate(spec.runsOn, scope)),
    container: containerOf(spec.container, scope),
    minutes: Number.isFinite(minutes) && minutes > 0 ? minutes : DEFAULT_MINUTES,
  };
}

export function concurrencyOf(value: unknown): JobAsks['concurrency'] {
  const group = nameOf(value, 'group');
  return group === undefined ? undefined : { group, cancelInProgress: isTrue(fields(value)['cancel-in-progress']) };
}

function containerOf(template: Template | undefined, scope: Scope): ContainerAsk | undefined {
  const { now, later } = withoutEnv(template);
  const value = evaluate(now, scope);
  const image = nameOf(value, 'image');
  return image === undefined ? undefined : { image, env: textsOf(fields(value)['env']), envTemplate: later };
}

function withoutEnv(template: Template | undefined): { readonly now: Template | undefined; readonly later: Template | undefined } {
  if (template?.kind !== 'mapping') return { now: template, later: undefined };
  const env = template.entries.find((entry) => entry.kind === 'entry' && entry.key.kind === 'literal' && entry.key.value === 'env');
  return { now: { ...template, entries: template.entries.filter((entry) => entry !== env) }, later: env?.value };
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
