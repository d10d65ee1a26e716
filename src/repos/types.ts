/** The repos room's words: git in, one bare repository of the daemon's own for each app. */

/** One ref that a push moved. */
export interface RefUpdate {
  /** `refs/heads/main`, `refs/tags/v1`, `refs/pull/3/head`. */
  readonly ref: string;
  /** Undefined: the ref is new. */
  readonly before: string | undefined;
  /** Undefined: the ref is gone. */
  readonly after: string | undefined;
  /** The old commit is not among the new one's ancestors. */
  readonly forced: boolean;
}

/** Where a pull request (pushed to `refs/for/BASE/TOPIC`) wants to go. */
export interface PullRequest {
  readonly number: number;
  readonly base: string;
  readonly topic: string;
  readonly sha: string;
  /** False: it was there before, and has new commits. */
  readonly opened: boolean;
}

export interface Pushed {
  readonly updates: readonly RefUpdate[];
  readonly pullRequests: readonly PullRequest[];
}

export interface CommitInfo {
  readonly sha: string;
  readonly tree: string;
  readonly message: string;
  readonly author: Person;
  readonly committer: Person;
  /** ISO 8601. */
  readonly timestamp: string;
}

export interface Person {
  readonly name: string;
  readonly email: string;
}

export interface ReceiveOptions {
  /** git's own stream, both ways. */
  readonly input: AsyncIterable<Uint8Array>;
  readonly output: (chunk: Uint8Array) => Promise<void>;
  /** What git says to people. */
  readonly errors: (chunk: Uint8Array) => Promise<void>;
  /** `version=2` where the client speaks it. */
  readonly protocol: string | undefined;
  /** Who pushes: the topic of a pull request that names none. */
  readonly actor?: string;
  /** Called once refs were moved; until it is done the push stays noted, and `recover` tells of it again. */
  readonly record?: Recorder;
  /** Ends git: the daemon stops. A pusher who leaves only ends `input`. */
  readonly signal: AbortSignal;
}

export type Recorder = (pushed: Pushed, actor: string) => Promise<void>;

/** One app's repository. Throws `repos/damaged` where git cannot read it. */
export interface Repository {
  /** Absolute folder of the bare repository. */
  readonly path: string;
  /** Makes it where it is absent, its settings as we want them; remakes one that was found damaged. */
  ensure(signal: AbortSignal): Promise<void>;
  /** One push: receive-pack runs here; what it moved is known even where the pusher is gone. Throws `repos/receive-failed`. */
  receive(options: ReceiveOptions): Promise<Pushed>;
  /** After a start: pushes that git finished and nobody recorded, as the last daemon was killed. */
  recover(record: Recorder, signal: AbortSignal): Promise<void>;
  /** upload-pack, for clones and fetches. */
  upload(options: ReceiveOptions): Promise<void>;
  /** Branch, tag, full ref or commit → commit. Throws `repos/unknown-ref`. */
  resolve(name: string, signal: AbortSignal): Promise<string>;
  /** The branch that HEAD names: `main`. */
  defaultBranch(signal: AbortSignal): Promise<string>;
  /** Commits that `after` has and `before` has not, oldest first, the newest 20 at most; `before` undefined: those that the default branch has not. */
  commits(before: string | undefined, after: string, signal: AbortSignal): Promise<readonly CommitInfo[]>;
  /** Files that differ: `before..after`, or since their merge base. Undefined where there is nothing to compare with. */
  changed(
    range: { readonly before: string | undefined; readonly after: string; readonly mergeBase: boolean },
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined>;
  /** Files below a folder at a commit, with their text. */
  read(sha: string, folder: string, signal: AbortSignal): Promise<readonly { readonly path: string; readonly text: string }[]>;
  /** A checkout of its own at `directory` (absolute, without links, empty or absent), owned by us: hand it over before somebody else works in it. */
  checkout(
    request: {
      readonly directory: string;
      readonly sha: string;
      readonly ref: string | undefined;
      readonly depth: number;
      readonly tags: boolean;
    },
    signal: AbortSignal,
  ): Promise<void>;
}
