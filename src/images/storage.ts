/** What the builder's storage holds, read from its own index: no container has to start for it. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { errnoOf } from '../kit/errors.ts';

export interface StoredImage {
  readonly id: string;
  readonly names: readonly string[];
  /** Sum of the unpacked layers. */
  readonly bytes: number;
}

const Images = z.array(z.object({ id: z.string(), names: z.array(z.string()).optional(), layer: z.string().optional() }));
const Layers = z.array(z.object({ id: z.string(), parent: z.string().optional(), 'diff-size': z.number().optional() }));

/** Throws nothing where the storage is not there yet: it is empty then. */
export async function storedImages(storage: string): Promise<readonly StoredImage[]> {
  const images = Images.parse(await readJson(join(storage, 'root/overlay-images/images.json')));
  const layers = new Map(Layers.parse(await readJson(join(storage, 'root/overlay-layers/layers.json'))).map((layer) => [layer.id, layer]));
  return images.map((image) => {
    let bytes = 0;
    for (let layer = layers.get(image.layer ?? ''); layer !== undefined; layer = layers.get(layer.parent ?? '')) {
      bytes += layer['diff-size'] ?? 0;
    }
    return { id: image.id, names: image.names ?? [], bytes };
  });
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
