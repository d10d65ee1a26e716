/** Speaks to the registry: does it answer, and does it hold an image whole? */

import { createHash } from 'node:crypto';

import { z } from 'zod';

import { AntlerError } from '../kit/errors.ts';
import { ask, type Answer, type AskOptions } from '../kit/http.ts';
import type { ImageId } from './types.ts';

const MANIFEST_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const ANSWER_MS = 10_000;

const Blob = z.object({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/), size: z.number().int().nonnegative() });
const Manifest = z.object({ config: Blob, layers: z.array(Blob) });

export interface BlobId {
  readonly digest: string;
  readonly size: number;
}

/** Config and layers of an image manifest, each once. Undefined where it is none. */
export function blobsOf(manifest: string): readonly BlobId[] | undefined {
  let json: unknown;
  try {
    json = JSON.parse(manifest);
  } catch {
    return undefined;
  }
  const parsed = Manifest.safeParse(json);
  if (!parsed.success) return undefined;
  const blobs = [parsed.data.config, ...parsed.data.layers];
  return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
}

/** `127.0.0.1:30500/app/service` in its two halves. */
export function splitRepository(repository: string): { readonly host: string; readonly name: string } {
  const slash = repository.indexOf('/');
  return { host: repository.slice(0, slash), name: repository.slice(slash + 1) };
}

export async function registryAlive(host: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { status } = await ask(`http://${host}/v2/`, { signal: AbortSignal.any([signal, AbortSignal.timeout(2000)]) });
    return status === 200;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** Proves that manifest, config and each layer are there, byte counts included. Returns their sum. */
export async function verifyImage(image: ImageId, signal: AbortSignal): Promise<number> {
  const { host, name } = splitRepository(image.repository);
  const wrong = (why: string): AntlerError =>
    new AntlerError('images/not-verified', `Cannot verify ${image.repository}@${image.digest} as ${why}`);

  const answer = await askFor(`http://${host}/v2/${name}/manifests/${image.digest}`, {
    signal,
    headers: { accept: MANIFEST_TYPES.join(', ') },
  });
  if (answer.status !== 200) throw wrong(`the registry answers ${answer.status} for its manifest`);
  const { body } = answer;
  const actual = `sha256:${createHash('sha256').update(body).digest('hex')}`;
  if (actual !== image.digest) throw wrong(`its manifest is ${actual}`);
  const blobs = blobsOf(body);
  if (blobs === undefined) throw wrong('its manifest is not that of one image');

  let bytes = 0;
  for (const blob of blobs) {
    const head = await askFor(`http://${host}/v2/${name}/blobs/${blob.digest}`, { signal, method: 'HEAD' });
    if (head.status !== 200) throw wrong(`the registry answers ${head.status} for its blob ${blob.digest}`);
    const length = Number(head.headers['content-length']);
    if (length !== blob.size) throw wrong(`its blob ${blob.digest} has ${length} bytes, not ${blob.size}`);
    bytes += blob.size;
  }
  return bytes;
}

async function askFor(url: string, options: AskOptions): Promise<Answer> {
  try {
    return await ask(url, { ...options, signal: AbortSignal.any([options.signal, AbortSignal.timeout(ANSWER_MS)]) });
  } catch (error) {
    options.signal.throwIfAborted();
    throw new AntlerError('images/registry-unreachable', `Cannot ask the registry at ${new URL(url).host} as it does not answer`, {
      cause: error,
    });
  }
}
