/** Stems that all instances of a machine share: each is a folder of its own with an OCI layout and dpkg's status, whole or not there. */

import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { errnoOf } from '../kit/errors.ts';
import { parseStatus } from './apt.ts';
import { writeLayout } from './oci.ts';
import { stemKey, type Packages, type StemGround } from './recipe.ts';
import { blobsOf, type BlobId } from './registry.ts';

export interface KeptStem {
  readonly key: string;
  readonly packages: Packages;
  /** dpkg's status file, as it is in the root file system. */
  readonly status: string;
  /** Folder of the OCI layout. */
  readonly layout: string;
}

export interface Stems {
  /** Undefined where no such stem is kept, or it is broken: then it is taken away. */
  find(ground: StemGround, key: string, signal: AbortSignal): Promise<KeptStem | undefined>;
  /** Keeps a root file system. Other stems of its ground go: they are older, and whoever used one has it in its own storage. */
  keep(ground: StemGround, root: { readonly tar: string; readonly status: string }, signal: AbortSignal): Promise<KeptStem>;
}

const BESIDE = 'new-';
/** What was begun so long ago was killed. */
const STALE_MS = 60 * 60_000;

export function createStems(folder: string): Stems {
  const placeOf = (ground: StemGround, key: string): string => join(folder, `${prefixOf(ground)}${key}`);

  const tidy = async (ground: StemGround, newest: string): Promise<void> => {
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const older = name.startsWith(prefixOf(ground)) && path !== newest;
      const dead = name.startsWith(BESIDE) && Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? 0) > STALE_MS;
      if (older || dead) await rm(path, { recursive: true, force: true });
    }
  };

  return {
    async find(ground, key, signal) {
      const place = placeOf(ground, key);
      try {
        const status = await readFile(join(place, 'status'), 'utf8');
        const packages = parseStatus(status);
        const layout = join(place, 'layout');
        if (stemKey(ground, packages) === key && (await isWhole(layout, signal))) return { key, packages, status, layout };
      } catch {
        signal.throwIfAborted(); // anything else says that it cannot be read
      }
      await rm(place, { recursive: true, force: true });
      return undefined;
    },

    async keep(ground, { tar, status }, signal) {
      const packages = parseStatus(status);
      const key = stemKey(ground, packages);
      const place = placeOf(ground, key);
      const beside = join(folder, `${BESIDE}${randomBytes(6).toString('hex')}`);
      await mkdir(beside, { recursive: true });
      try {
        const labels = { 'antler.stem': key };
        await writeLayout(join(beside, 'layout'), { tar, arch: ground.arch, labels, signal });
        await writeFile(join(beside, 'status'), status);
        await rename(beside, place).catch((error: unknown) => {
          if (errnoOf(error) !== 'ENOTEMPTY' && errnoOf(error) !== 'EEXIST') throw error; // another instance was faster
        });
      } finally {
        await rm(beside, { recursive: true, force: true });
      }
      await tidy(ground, place);
      return { key, packages, status, layout: join(place, 'layout') };
    },
  };
}

function prefixOf({ suite, arch }: StemGround): string {
  return `${suite}-${arch}-`;
}

/** Is every blob, from the index down, what its name says? A power cut may have left less. */
async function isWhole(layout: string, signal: AbortSignal): Promise<boolean> {
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as { readonly manifests?: readonly BlobId[] };
  const manifest = index.manifests?.[0];
  if (manifest === undefined || !(await isBlob(layout, manifest, signal))) return false;
  const blobs = blobsOf(await readFile(blobPath(layout, manifest), 'utf8'));
  if (blobs === undefined) return false;
  for (const blob of blobs) if (!(await isBlob(layout, blob, signal))) return false;
  return true;
}

async function isBlob(layout: string, blob: BlobId, signal: AbortSignal): Promise<boolean> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(blobPath(layout, blob)), hash, { signal });
  return `sha256:${hash.digest('hex')}` === blob.digest;
}

function blobPath(layout: string, { digest }: BlobId): string {
  return join(layout, 'blobs', ...digest.split(':'));
}
