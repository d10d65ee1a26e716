/** Makes a release: commit, digests, resolved config. The same content gives the release that is there. */

import { createHash } from 'node:crypto';

import type { AppSpec, ServiceSpec } from '../config/types.ts';
import type { Engine } from '../engines/types.ts';
import type { Images } from '../images/types.ts';
import type { ProgressEvent } from '../contract/events.ts';
import { isoTime, type Clock } from '../kit/clock.ts';
import { AntlerError, hasCode, toAntlerError } from '../kit/errors.ts';
import { formatSize } from '../kit/units.ts';
import type { Platform } from '../store/store.ts';
import type { ReleaseRow, ReleaseServiceRow } from '../store/types.ts';
import { releaseId } from './names.ts';

export interface BuildInput {
  readonly spec: AppSpec;
  /** Absolute folder of the config. */
  readonly directory: string;
  readonly source: {
    /** Undefined where the folder is no checkout, or has no commit yet. */
    readonly commit: string | undefined;
    /** What lies there is not that commit. */
    readonly dirty: boolean;
  };
  readonly actor: string;
}

export interface BuildWork {
  readonly store: Platform;
  readonly images: Images;
  readonly engine: Pick<Engine, 'pull'>;
  readonly clock: Clock;
  readonly report: (event: ProgressEvent) => void;
  readonly signal: AbortSignal;
}

/** Throws what the images room throws; nothing is recorded then. */
export async function buildRelease(work: BuildWork, input: BuildInput): Promise<ReleaseRow> {
  const { store } = work;
  await makeBases(work, input.spec);
  const recipes = await readRecipes(work, input);
  const content = hash([JSON.stringify(input.spec), ...recipes.map((each) => `${each.service.name}=${each.recipe}`)]);
  const dirty = input.source.dirty;
  const commit = dirty || input.source.commit === undefined ? `content:${content}` : input.source.commit;
  const fingerprint = hash([commit, content]);
  const there = store.releases.byFingerprint(fingerprint);
  if (there !== undefined && (await isWhole(work, there.services))) {
    say(work, { step: 'build', title: 'Build', state: 'skipped', detail: `${releaseId(there.number)} is this content already` });
    return there;
  }
  const tag = (store.releases.list()[0]?.number ?? 0) + 1;
  const services: ReleaseServiceRow[] = [];
  for (const each of recipes) services.push(await makeImage(work, input, { ...each, tag: releaseId(tag), commit }));
  return store.releases.add({ app: input.spec.app, commit, dirty, fingerprint, spec: input.spec, actor: input.actor, services });
}

/** The first build on a machine makes its bases, which takes longer than all the rest: people see what is waited for. */
async function makeBases(work: BuildWork, spec: AppSpec): Promise<void> {
  const used = new Set([...Object.keys(spec.bases), ...spec.services.flatMap(({ build }) => build?.base ?? [])]);
  for (const base of await work.images.bases(work.signal)) {
    if (!used.has(base.name) || base.key !== undefined) continue;
    const step = `base/${base.name}`;
    await told(work, { step, title: `Make the base image ${base.name}` }, async (output) => {
      const made = await work.images.ensureBase(base.name, output);
      return made.bytes === undefined ? undefined : formatSize(made.bytes);
    });
  }
}

interface Recipe {
  readonly service: ServiceSpec;
  readonly recipe: string;
}

async function readRecipes(work: BuildWork, input: BuildInput): Promise<readonly Recipe[]> {
  const recipes: Recipe[] = [];
  // One after the other: a recipe may have to make its base first, and services share bases.
  for (const service of input.spec.services) {
    const { build } = service;
    const parts =
      build === undefined
        ? ['image', service.image ?? '']
        : ['build', await work.images.recipe({ directory: input.directory, build }, work.signal)];
    recipes.push({ service, recipe: hash(parts) });
  }
  return recipes;
}

interface MakeOptions extends Recipe {
  readonly tag: string;
  readonly commit: string;
}

async function makeImage(work: BuildWork, input: BuildInput, options: MakeOptions): Promise<ReleaseServiceRow> {
  const { service, recipe, tag } = options;
  const step = `build/${service.name}`;
  const title = `Build ${service.name}`;
  const before = work.store.releases.byRecipe(service.name, recipe);
  if (before !== undefined && (await isWhole(work, [before]))) {
    say(work, { step, title, state: 'skipped', detail: `unchanged, ${before.digest.slice(0, 19)}` });
    return { ...before, built: false };
  }
  let made: ReleaseServiceRow | undefined;
  await told(work, { step, title }, async (output) => {
    const id = { app: input.spec.app, service: service.name, tag };
    const labels = { 'org.opencontainers.image.revision': options.commit };
    const image =
      service.build === undefined
        ? await work.images.adopt({ ...id, image: service.image ?? '' }, output)
        : await work.images.build({ ...id, directory: input.directory, build: service.build, labels }, output);
    // The engine has it before anybody deploys it: a rollout starts at once.
    await work.engine.pull(`${image.repository}@${image.digest}`, work.signal);
    made = { service: service.name, repository: image.repository, digest: image.digest, recipe, built: true, stoodFor: image.stoodFor };
    const stood = image.stoodFor.length === 0 ? '' : `; our base stood for ${image.stoodFor.join(', ')}`;
    return `${image.digest.slice(0, 19)}, ${formatSize(image.bytes)}${stood}`;
  });
  if (made === undefined) throw new Error(`${service.name} was not made`);
  return made;
}

type Output = Parameters<Images['build']>[1];

/** Says start, the lines of output, then done with what `take` says of it, or failed. */
async function told(
  work: BuildWork,
  name: { readonly step: string; readonly title: string },
  take: (output: Output) => Promise<string | undefined>,
): Promise<void> {
  const startedAt = work.clock.now();
  const onLine = (line: string): void => work.report({ kind: 'output', time: isoTime(work.clock.now()), step: name.step, line });
  say(work, { ...name, state: 'start' });
  try {
    const detail = await take({ signal: work.signal, onLine });
    say(work, { ...name, state: 'done', ms: work.clock.now() - startedAt, ...(detail === undefined ? {} : { detail }) });
  } catch (error) {
    say(work, { ...name, state: 'failed', ms: work.clock.now() - startedAt, detail: toAntlerError(error).message });
    throw error;
  }
}

/** Does the registry still hold what was recorded? Missing images are built again; a registry that is away is an error. */
async function isWhole(work: BuildWork, services: readonly ReleaseServiceRow[]): Promise<boolean> {
  try {
    await Promise.all(services.map(async (each) => work.images.verify(each, work.signal)));
    return true;
  } catch (error) {
    if (hasCode(error, 'images/not-verified')) return false;
    throw error;
  }
}

function say(
  work: BuildWork,
  event: { step: string; title: string; state: 'start' | 'done' | 'failed' | 'skipped'; ms?: number; detail?: string },
): void {
  work.report({ kind: 'step', time: isoTime(work.clock.now()), ...event });
}

function hash(parts: readonly string[]): string {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(`${part.length}:${part}`);
  return sum.digest('hex');
}

/** One app per instance for now. Throws `releases/other-app`. */
export function checkApp(store: Platform, app: string): void {
  const held = store.releases.app()?.name;
  if (held !== undefined && held !== app) {
    throw new AntlerError('releases/other-app', `Cannot take ${app} in as this instance holds ${held}`);
  }
}
