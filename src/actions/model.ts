/** Workflows as they were read, before anything is evaluated: plain data. */

import type { Problem } from '../kit/errors.ts';

/** 1-based, in the workflow's file. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A value of a workflow file before its expressions are evaluated. */
export type Template =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null; readonly at: Position }
  /** `text` is what stands between `${{` and `}}`; a string with several becomes `format('…', …)`, as GitHub makes it. */
  | { readonly kind: 'expression'; readonly text: string; readonly at: Position }
  | { readonly kind: 'sequence'; readonly items: readonly Template[]; readonly at: Position }
  | { readonly kind: 'mapping'; readonly entries: readonly TemplateEntry[]; readonly at: Position };

/** The key `${{ insert }}` is `insert`: its value's entries take its place. */
export type TemplateEntry =
  | { readonly kind: 'entry'; readonly key: Template; readonly value: Template }
  | { readonly kind: 'insert'; readonly value: Template };

/** What reading gives: the workflow, or every problem at once (`at` is `FILE:LINE:COLUMN`). */
export type ReadResult =
  | { readonly kind: 'workflow'; readonly workflow: Workflow; readonly warnings: readonly Problem[] }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

export interface Workflow {
  /** `.github/workflows/delivery.yml`. */
  readonly path: string;
  /** Its `name`, else the path. */
  readonly name: string;
  readonly runName?: Template;
  readonly on: Triggers;
  readonly env?: Template;
  readonly defaults: RunDefaults;
  readonly concurrency?: Template;
  readonly jobs: readonly JobSpec[];
}

export interface Triggers {
  readonly push?: Filters;
  readonly pull_request?: Filters & { readonly types: readonly string[] };
  readonly workflow_dispatch?: { readonly inputs: readonly InputSpec[] };
}

/** GitHub's globs, in order; `!` takes back. */
export interface Filters {
  readonly branches?: readonly string[];
  readonly branchesIgnore?: readonly string[];
  readonly tags?: readonly string[];
  readonly tagsIgnore?: readonly string[];
  readonly paths?: readonly string[];
  readonly pathsIgnore?: readonly string[];
}

export interface InputSpec {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'number' | 'choice' | 'environment';
  readonly description?: string;
  readonly required: boolean;
  readonly default?: string | number | boolean;
  readonly options?: readonly string[];
}

export interface RunDefaults {
  readonly shell?: Template;
  readonly workingDirectory?: Template;
}

export interface JobSpec {
  readonly id: string;
  readonly at: Position;
  readonly name?: Template;
  readonly needs: readonly string[];
  /** The text of `if`, without `${{ }}`. */
  readonly if?: Template;
  readonly runsOn: Template;
  readonly environment?: Template;
  readonly concurrency?: Template;
  readonly outputs?: Template;
  readonly env?: Template;
  readonly defaults: RunDefaults;
  readonly timeoutMinutes?: Template;
  readonly continueOnError?: Template;
  readonly strategy?: {
    readonly matrix?: Template;
    readonly failFast?: Template;
    readonly maxParallel?: Template;
  };
  readonly container?: Template;
  readonly steps: readonly StepSpec[];
}

/** Exactly one of `run` and `uses`. */
export interface StepSpec {
  readonly at: Position;
  readonly id?: string;
  readonly name?: Template;
  readonly if?: Template;
  readonly env?: Template;
  readonly continueOnError?: Template;
  readonly timeoutMinutes?: Template;
  readonly run?: Template;
  readonly shell?: Template;
  readonly workingDirectory?: Template;
  readonly uses?: string;
  readonly with?: Template;
}

/** What expressions see, by context name; every context is there, if only as an empty object. */
export type Contexts = Readonly<Record<ContextName, unknown>>;
export type ContextName =
  | 'github'
  | 'env'
  | 'job'
  | 'jobs'
  | 'steps'
  | 'matrix'
  | 'needs'
  | 'secrets'
  | 'vars'
  | 'inputs'
  | 'runner'
  | 'strategy';

export interface Scope {
  readonly contexts: Partial<Contexts>;
  /** What success(), failure(), always() and cancelled() answer here; absent where GitHub does not allow them. */
  readonly status?: { readonly success: boolean; readonly failure: boolean; readonly cancelled: boolean };
  /** hashFiles(): globs relative to the workspace → hex, or the empty string. */
  readonly hashFiles?: (patterns: readonly string[]) => string;
}

/** One cell of a matrix, in GitHub's order. */
export type MatrixCell = Readonly<Record<string, unknown>>;
