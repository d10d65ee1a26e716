/** git's own stream on the operators' socket: `Upgrade: antler-git`, then frames. */

export const GIT_UPGRADE = 'antler-git';
/** `/v1/repos/APP/receive` takes a push, `/v1/repos/APP/upload` gives a fetch. */
export const GIT_PATH = /^\/v1\/repos\/([^/]+)\/(receive|upload)$/;

/** Kinds of frames. From the client: `input`, an empty one ends it. From the daemon: the others, `result` last. */
export const GIT_FRAMES = { input: 0, output: 1, errors: 2, result: 3 } as const;

/** The `result` frame, as JSON. */
export interface GitResult {
  /** Workflow runs that the push has started. */
  readonly runs: readonly number[];
  /** For the pusher. */
  readonly messages: readonly string[];
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
}
