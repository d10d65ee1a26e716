/** Bases on disk: resolved once, recorded, made where they are missing. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import type { BaseSpec } from '../config/types.ts';
import type { Clock } from '../kit/clock.ts';
import { AntlerError, errnoOf } from '../kit/errors.ts';
import { writeFileAtomic } from '../kit/files.ts';
import type { BaseMaker, Stem } from './base-maker.ts';
import { allBases, baseKey, baseReference, recipeKey, STEM_FORMAT, type Ground } from './recipe.ts';
import type { Base, WorkOptions } from './types.ts';

export interface BasesOptions {
  /** Folder of the records. */
  readonly folder: string;
  readonly configured: () => Readonly<Record<string, BaseSpec>>;
  readonly ground: (signal: AbortSignal) => Promise<Ground>;
  readonly maker: BaseMaker;
  readonly clock: Clock;
}

export interface Bases {
  /** The base as recorded, if it is there and still what the config wants: costs no container and no turn. */
  find(name: string, signal: AbortSignal): Promise<Base | undefined>;
  ensure(name: string, work: WorkOptions): Promise<Base>;
  refresh(names: readonly string[] | undefined, work: WorkOptions): Promise<readonly Base[]>;
  list(signal: AbortSignal): Promise<readonly Base[]>;
}

const Packages = z.record(z.string(), z.string());
const StemRecord = z.object({
  format: z.literal(STEM_FORMAT),
  key: z.string(),
  suite: z.string(),
  arch: z.string(),
  packages: Packages,
  resolvedAt: z.number(),
});
const BaseRecord = z.object({
  recipe: z.string(),
  stem: z.string(),
  key: z.string(),
  packages: Packages,
  resolvedAt: z.number(),
  bytes: z.number(),
});
type BaseRecord = z.infer<typeof BaseRecord>;

export function createBases(options: BasesOptions): Bases {
  const specOf = (name: string): BaseSpec => {
    const known = allBases(options.configured());
    const spec = Object.hasOwn(known, name) ? known[name] : undefined;
    if (spec !== undefined) return spec;
    throw new AntlerError(
      'images/base-unknown',
      `Cannot use the base ${JSON.stringify(name)} as only these are known: ${Object.keys(known).join(', ')}`,
    );
  };
  const fileOf = (name: string): string => join(options.folder, `${encodeURIComponent(name)}.json`);
  const stemFile = join(options.folder, 'stem', 'stem.json');

  /** The stem as last resolved; `fresh` resolves its versions again. */
  const ensureStem = async (ground: Ground, fresh: boolean, work: WorkOptions): Promise<Stem> => {
    const recorded = await read(stemFile, StemRecord);
    const fits = recorded !== undefined && recorded.suite === ground.suite && recorded.arch === ground.arch;
    if (fits && !fresh && (await options.maker.hasStem(recorded.key, work.signal))) return recorded;
    const stem = await options.maker.makeStem(ground, work);
    const record = { format: STEM_FORMAT, ...stem, suite: ground.suite, arch: ground.arch, resolvedAt: options.clock.now() };
    await writeFileAtomic(stemFile, `${JSON.stringify(record, null, 2)}\n`);
    return stem;
  };

  const make = async (name: string, stem: Stem, work: WorkOptions): Promise<Base> => {
    const spec = specOf(name);
    const ground = await options.ground(work.signal);
    const recipe = recipeKey(spec, ground);
    const added = await options.maker.resolve(spec, stem, work);
    const key = baseKey(recipe, stem.key, added);
    const reference = baseReference(name, key);
    const bytes = await options.maker.makeBase({ spec, stem, reference, added }, work);
    const packages = { ...stem.packages, ...added };
    const record: BaseRecord = { recipe, stem: stem.key, key, packages, resolvedAt: options.clock.now(), bytes };
    await writeFileAtomic(fileOf(name), `${JSON.stringify(record, null, 2)}\n`);
    return toBase(name, spec, record);
  };

  /** The config's, and of the built-in ones those that were ever made: nobody waits for compilers that no workflow of theirs uses. */
  const inUse = async (): Promise<readonly string[]> => {
    const configured = options.configured();
    const all = Object.keys(allBases(configured));
    const made = await Promise.all(
      all.map(async (name) => Object.hasOwn(configured, name) || (await read(fileOf(name), BaseRecord)) !== undefined),
    );
    return all.filter((_, index) => made[index]);
  };

  const find = async (name: string, signal: AbortSignal): Promise<Base | undefined> => {
    const spec = specOf(name);
    const record = await read(fileOf(name), BaseRecord);
    if (record === undefined || record.recipe !== recipeKey(spec, await options.ground(signal))) return undefined;
    return (await options.maker.has(baseReference(name, record.key), signal)) ? toBase(name, spec, record) : undefined;
  };

  return {
    find,
    async ensure(name, work) {
      const found = await find(name, work.signal);
      if (found !== undefined) return found;
      return make(name, await ensureStem(await options.ground(work.signal), false, work), work);
    },

    async refresh(names, work) {
      const ground = await options.ground(work.signal);
      for (const name of names ?? []) specOf(name);
      const stem = await ensureStem(ground, true, work);
      const made: Base[] = [];
      for (const name of names ?? (await inUse())) made.push(await make(name, stem, work));
      return made;
    },

    async list() {
      const found: Base[] = [];
      for (const [name, spec] of Object.entries(allBases(options.configured()))) {
        found.push(toBase(name, spec, await read(fileOf(name), BaseRecord)));
      }
      return found;
    },
  };
}

function toBase(name: string, spec: BaseSpec, record: BaseRecord | undefined): Base {
  return {
    name,
    spec,
    key: record?.key,
    reference: record === undefined ? undefined : baseReference(name, record.key),
    resolvedAt: record?.resolvedAt,
    packages: record?.packages ?? {},
    bytes: record?.bytes,
  };
}

/** Undefined where there is no record, or one of another make: it is then made anew. */
async function read<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    const parsed = schema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
