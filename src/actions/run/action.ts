/** An action as it was read, and one call of it: plain data. */

import type { StepSpec, Template } from '../model.ts';

export interface Action {
  readonly inputs: readonly { readonly name: string; readonly default?: Template }[];
  readonly outputs: readonly { readonly name: string; readonly value: Template }[];
  readonly runs:
    | { readonly kind: 'composite'; readonly steps: readonly StepSpec[] }
    | { readonly kind: 'javascript'; readonly main: string; readonly pre?: string; readonly post?: string; readonly postIf?: string };
}

export interface ActionCall {
  readonly action: Action;
  /** As steps see it. */
  readonly folder: string;
  /** With the action's own defaults, by the names of its file. */
  readonly inputs: Readonly<Record<string, string>>;
}
