/** What a command is: data that help, parsing and the reference page are folds over, and a handler that is loaded only when it runs. */

import type { Output } from './output.ts';

export const GROUPS = ['Start', 'Config', 'Machine', 'Deliver', 'Workflows', 'Look', 'Images', 'Git', 'Antler'] as const;

export interface Command {
  /** As it is typed: `status`, `config check`. */
  readonly name: string;
  /** One line, imperative, without a final period. */
  readonly summary: string;
  readonly group: (typeof GROUPS)[number];
  /** `local` works without a daemon; `api` speaks to it. */
  readonly kind: 'local' | 'api';
  readonly args?: readonly Arg[];
  /** Why no further word may follow, where that word may be a secret: it is said instead of the word. */
  readonly noMore?: string;
  /** By long name; `--help`, `--json` and `--home` come with every command. */
  readonly options?: Readonly<Record<string, Option>>;
  /** Command lines with what they do. */
  readonly examples?: readonly { readonly line: string; readonly does: string }[];
  /** What `--json` prints, in one sentence that names the shape. */
  readonly json: string;
  /** Exit codes that mean something of their own here, beside 0, 1, 64, 78 and 130. */
  readonly exits?: Readonly<Record<number, string>>;
  readonly load: () => Promise<CommandModule>;
}

export interface Arg {
  /** In capitals, as help shows it: `ENV`. */
  readonly name: string;
  readonly summary: string;
  readonly optional?: boolean;
  /** Takes all words that are left, also those after `--`. Only the last one. */
  readonly rest?: boolean;
}

export type Option =
  | { readonly type: 'flag'; readonly summary: string; readonly short?: string }
  | {
      readonly type: 'text';
      readonly summary: string;
      readonly short?: string;
      readonly value: string;
      /** May be given several times: `Options.all`. */
      readonly many?: boolean;
    };

/** A file in `commands/` exports `run`. */
export interface CommandModule {
  readonly run: Run;
}

/** The returned number is the exit code; nothing means 0. */
export type Run = (context: Context) => Promise<number | void>;

export interface Context {
  readonly args: Args;
  readonly options: Options;
  /** `--json`: standard output carries JSON only. */
  readonly json: boolean;
  /** The instance's home, absolute; `/var/lib/antler` by default. */
  readonly home: string;
  /** True where `--home` or ANTLER_HOME named the home. */
  readonly homeGiven: boolean;
  /** Added to every host port. */
  readonly portOffset: number;
  /** Another command for the same instance, as it works when pasted into this shell: `./antler status --home /srv/a`. */
  readonly typed: (line: string) => string;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  readonly out: Output;
  /** Where the person stands, absolute. */
  readonly cwd: string;
}

export interface Args {
  /** A required argument: the parser has seen to it that it is there. */
  get(name: string): string;
  maybe(name: string): string | undefined;
  /** The words of the `rest` argument. */
  readonly rest: readonly string[];
}

export interface Options {
  flag(name: string): boolean;
  /** The last one, where it was given several times. */
  text(name: string): string | undefined;
  /** Of an option with `many`: each, in the order in which they were typed. */
  all(name: string): readonly string[];
}
