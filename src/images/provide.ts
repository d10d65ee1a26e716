/** Images for containers that no release names (a workflow's jobs): a base of ours or a public one, in the registry, where an engine finds it by digest. */

import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import type { Clock } from '../kit/clock.ts';
import { hasCode, type AntlerError } from '../kit/errors.ts';
import { writeFileAtomic } from '../kit/files.ts';
import { normalImage } from './dockerfile.ts';
import { matches, planStandIns, type Ask } from './stand-ins.ts';
import type { AdoptRequest, Base, BuiltImage, ImageId, ImageName, Provided, WorkOptions } from './types.ts';

export interface ProvideOptions {
  /** Record of what was brought to the registry. */
  readonly file: string;
  readonly clock: Clock;
  readonly ask: Ask;
  readonly bases: (signal: AbortSignal) => Promise<readonly Base[]>;
  readonly ensureBase: (name: string, work: WorkOptions) => Promise<Base>;
  /** In its turn: one at a time on the machine. */
  readonly inTurn: <T>(what: string, work: WorkOptions, run: () => Promise<T>) => Promise<T>;
  readonly pushBase: (request: AdoptRequest, work: WorkOptions) => Promise<BuiltImage>;
  readonly adopt: (request: AdoptRequest, work: WorkOptions) => Promise<BuiltImage>;
  readonly verify: (image: ImageId, signal: AbortSignal) => Promise<unknown>;
}

/** Under a name that no app can have. */
const APP = 'antler.jobs';
/** A public name may mean another image by then. */
const FRESH_MS = 24 * 3_600_000;

const Entry = z.object({ repository: z.string(), digest: z.string(), key: z.string(), at: z.number() });
const RecordFile = z.record(z.string(), Entry);
type Entry = z.infer<typeof Entry>;

export function createProvider(options: ProvideOptions): (name: ImageName, work: WorkOptions) => Promise<Provided> {
  const { clock, ask } = options;

  const read = async (): Promise<Readonly<Record<string, Entry>>> => {
    const text = await readFile(options.file, 'utf8').catch(() => '{}');
    try {
      return RecordFile.safeParse(JSON.parse(text)).data ?? {};
    } catch {
      return {}; // a broken record only costs another push
    }
  };
  /** What was brought there before, if the registry still has it whole. */
  const known = async (slot: string, signal: AbortSignal): Promise<Entry | undefined> => {
    const entry = (await read())[slot];
    if (entry === undefined) return undefined;
    try {
      await options.verify(entry, signal);
      return entry;
    } catch (error) {
      if (hasCode(error, 'images/not-verified')) return undefined;
      throw error;
    }
  };
  /** Only ever in a turn: two never write at once. */
  const note = async (slot: string, { repository, digest }: ImageId, key: string): Promise<void> => {
    const entries = { ...(await read()), [slot]: { repository, digest, key, at: clock.now() } };
    await writeFileAtomic(options.file, `${JSON.stringify(entries, null, 2)}\n`);
  };

  async function base(name: string, work: WorkOptions): Promise<Provided> {
    const made = await options.ensureBase(name, work);
    const slot = `base ${name}`;
    const fits = async (): Promise<Entry | undefined> => {
      const entry = await known(slot, work.signal);
      return entry?.key === made.key ? entry : undefined;
    };
    const found =
      (await fits()) ??
      (await options.inTurn(`the copy of the base ${name}`, work, async () => {
        const meanwhile = await fits();
        if (meanwhile !== undefined) return meanwhile;
        work.onLine?.(`the base ${name} goes to the registry`);
        const tag = (made.key ?? '').slice(0, 12);
        const pushed = await options.pushBase({ app: APP, service: `base-${name}`, tag, image: made.reference ?? '' }, work);
        await note(slot, pushed, made.key ?? '');
        return pushed;
      }));
    return { repository: found.repository, digest: found.digest, base: name };
  }

  async function fromPublic(image: string, work: WorkOptions): Promise<Provided> {
    const normal = normalImage(image);
    const slot = `image ${normal}`;
    const fresh = async (): Promise<Entry | undefined> => {
      const entry = await known(slot, work.signal);
      const lasting = normal.includes('@'); // a digest is the same image for ever
      return entry !== undefined && (lasting || clock.now() - entry.at < FRESH_MS) ? entry : undefined;
    };
    const found =
      (await fresh()) ??
      (await options.inTurn(`the copy of ${normal}`, work, async () => {
        const meanwhile = await fresh();
        if (meanwhile !== undefined) return meanwhile;
        work.onLine?.(`${normal} is copied to the registry`);
        try {
          const adopted = await options.adopt({ app: APP, ...placeOf(normal), image: normal }, work);
          await note(slot, adopted, '');
          return adopted;
        } catch (error) {
          const older = hasCode(error, 'images/pull-failed') ? await known(slot, work.signal) : undefined;
          if (older === undefined) throw error;
          work.onLine?.(
            `${normal}: its registry does not give it; the copy of ${new Date(older.at).toISOString()} is used (${(error as AntlerError).message})`,
          );
          return older;
        }
      }));
    return { repository: found.repository, digest: found.digest, base: undefined };
  }

  return async (name, work) => {
    if (name.kind === 'base') return base(name.base, work);
    const image = normalImage(name.image);
    const candidates = matches([{ written: image, image }], await options.bases(work.signal));
    const [standIn] = await planStandIns(candidates, { ask, signal: work.signal });
    if (standIn === undefined) return fromPublic(image, work);
    work.onLine?.(`${image}: its registry cannot be reached; the base ${standIn.base} stands for it`);
    return base(standIn.base, work);
  };
}

/** Where a public image lies in our registry: `quay.io:443/a/b:1` → `quay.io-443/a/b`, tag `1`. Pure. */
export function placeOf(normal: string): { readonly service: string; readonly tag: string } {
  const [named = '', digest] = normal.split('@');
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  const service = (tagged ? named.slice(0, colon) : named).replaceAll(':', '-').toLowerCase();
  const tag = digest === undefined ? named.slice(colon + 1) : digest.replace(':', '-');
  return { service, tag };
}
