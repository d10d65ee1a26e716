/** The one error class. People decide by `code`, never by message text. */

import { CODES, type Code } from './codes.ts';

export interface Problem {
  /** Key path, file position or part that the problem is about, e.g. `services.backend.port`. */
  readonly at: string;
  readonly message: string;
  readonly hint?: string;
  /** The line of the file that `at` names. */
  readonly source?: string;
}

export interface AntlerErrorOptions {
  /** The next thing to type; the code's own hint where it is absent. */
  readonly hint?: string;
  /** Where: key path, `file:line:column`, environment/service. */
  readonly at?: string;
  /** All problems at once, where a person will fix a file. */
  readonly problems?: readonly Problem[];
  /** The last lines of what failed, oldest first. */
  readonly lines?: readonly string[];
  readonly cause?: unknown;
}

/** `{"error": …}` on standard error with `--json`, and the body of every failed API call. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly at?: string;
  readonly problems?: readonly Problem[];
  readonly lines?: readonly string[];
}

/** Message form: "Cannot *do* as *why*: current value is …", without a final period. */
export class AntlerError extends Error {
  readonly code: Code;
  readonly hint: string;
  readonly at: string | undefined;
  readonly problems: readonly Problem[];
  readonly lines: readonly string[];

  constructor(code: Code, message: string, options: AntlerErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AntlerError';
    this.code = code;
    this.hint = options.hint ?? CODES[code].hint;
    this.at = options.at;
    this.problems = options.problems ?? [];
    this.lines = options.lines ?? [];
  }

  /** Exit code of a command that ends with this error. */
  get exit(): number {
    return CODES[this.code].exit;
  }

  toBody(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      hint: this.hint,
      ...(this.at === undefined ? {} : { at: this.at }),
      ...(this.problems.length === 0 ? {} : { problems: this.problems }),
      ...(this.lines.length === 0 ? {} : { lines: this.lines }),
    };
  }

  /** The error that crossed a socket, as it was. An unknown code (another version) becomes `internal/bug` with the message kept. */
  static fromBody(body: ErrorBody): AntlerError {
    const known = Object.hasOwn(CODES, body.code);
    return new AntlerError(known ? (body.code as Code) : 'internal/bug', body.message, body);
  }
}

export function hasCode(error: unknown, code: Code): boolean {
  return error instanceof AntlerError && error.code === code;
}

/** Whatever was thrown as an AntlerError: aborts and unknown failures get their own codes. */
export function toAntlerError(error: unknown): AntlerError {
  if (error instanceof AntlerError) return error;
  if (isAbort(error)) return new AntlerError('kit/aborted', 'Interrupted', { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new AntlerError('internal/bug', message, { cause: error });
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || hasCode(error, 'kit/aborted'));
}

/** `ENOENT` and friends; undefined for errors without one. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
