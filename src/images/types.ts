/** The images room's words: bases, builds, and what the registry holds. */

import type { BaseSpec, BuildSpec } from '../config/types.ts';

export interface Images {
  /** Makes sure that the base exists as last resolved; makes it where it does not. */
  ensureBase(name: string, options: WorkOptions): Promise<Base>;
  /** Resolves package versions again and makes what changed. All bases by default. */
  refresh(options: WorkOptions & { readonly names?: readonly string[] }): Promise<readonly Base[]>;
  /** Built-in and configured bases, made or not. */
  bases(signal: AbortSignal): Promise<readonly Base[]>;
  /** Builds one service, pushes it, verifies it in the registry. Throws `images/build-failed` with the last 20 lines, `images/push-failed`, `images/not-verified`. One build at a time: a second waits. */
  build(request: BuildRequest, options: WorkOptions): Promise<BuiltImage>;
  /**
   * Hash of everything that the image is made of: context (by .dockerignore), Dockerfile, build arguments, and the key of each base of ours that the build may
   * use. Makes those bases where they were never made, so that the same content gives the same recipe before and after a build.
   */
  recipe(request: Pick<BuildRequest, 'directory' | 'build'>, signal: AbortSignal): Promise<string>;
  /** Copies a public image into the registry, by digest. */
  adopt(request: AdoptRequest, options: WorkOptions): Promise<BuiltImage>;
  /**
   * Brings an image for a container that no release names to the registry: a base of ours (made where it is missing), or a public one (a base that stands for it
   * where its registry cannot be reached). Costs a few requests where it is there already; a public name is looked up again after a day.
   */
  provide(name: ImageName, options: WorkOptions): Promise<Provided>;
  /** Writes into `folder` what lets package managers in a container reach their mirrors as the machine does; to be mounted read-only at `path`. */
  reach(
    folder: string,
    options: {
      /** The image is Debian of the machine's release: its sources fit. */
      readonly debian: boolean;
      readonly signal: AbortSignal;
    },
  ): Promise<{ readonly path: string; readonly env: Readonly<Record<string, string>> }>;
  /** HEADs manifest and each layer. Throws `images/not-verified`, `images/registry-unreachable`. */
  verify(image: ImageId, signal: AbortSignal): Promise<void>;
  /** Does the registry answer? */
  registryAlive(signal: AbortSignal): Promise<boolean>;
  [Symbol.asyncDispose](): Promise<void>;
}

export type ImageName = { readonly kind: 'base'; readonly base: string } | { readonly kind: 'public'; readonly image: string };

export interface Provided extends ImageId {
  /** The base of ours that it is, or that stands for it. */
  readonly base: string | undefined;
}

export interface WorkOptions {
  readonly signal: AbortSignal;
  /** Output lines as they come. */
  readonly onLine?: (line: string) => void;
}

export interface Base {
  readonly name: string;
  readonly spec: BaseSpec;
  /** sha256 of recipe + resolved package versions; undefined where it was never made. */
  readonly key: string | undefined;
  /** Local image name that a build gets as BASE. */
  readonly reference: string | undefined;
  /** Milliseconds since 1970 when the versions were resolved. */
  readonly resolvedAt: number | undefined;
  readonly packages: Readonly<Record<string, string>>;
  readonly bytes: number | undefined;
}

export interface BuildRequest {
  readonly app: string;
  readonly service: string;
  /** Tag in the registry, named after the release: only a root for garbage collection. */
  readonly tag: string;
  /** Absolute folder of the config; the context is relative to it. */
  readonly directory: string;
  readonly build: BuildSpec;
  readonly labels: Readonly<Record<string, string>>;
}

export interface AdoptRequest {
  readonly app: string;
  readonly service: string;
  readonly tag: string;
  readonly image: string;
}

export interface ImageId {
  /** `127.0.0.1:30500/moose-facts/backend`. */
  readonly repository: string;
  /** `sha256:…`. */
  readonly digest: string;
}

export interface BuiltImage extends ImageId {
  readonly bytes: number;
  /** Public names that a base of ours stood for in this build, said in its output and recorded in the release. */
  readonly stoodFor: readonly string[];
  readonly ms: number;
}
