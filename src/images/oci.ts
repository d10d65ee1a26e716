/** An OCI layout around one root file system tar, so that the builder can pull it in one pass. */

import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';

export interface LayoutOptions {
  readonly tar: string;
  /** Debian's words are OCI's: `amd64`, `arm64`. */
  readonly arch: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Writes the layout to `folder`. The same tar gives the same image id. */
export async function writeLayout(folder: string, options: LayoutOptions): Promise<void> {
  const blobs = join(folder, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const unpacked = createHash('sha256');
  const packed = createHash('sha256');
  const part = join(folder, 'layer');
  const steps = [createReadStream(options.tar), tap(unpacked), createZstdCompress(), tap(packed), createWriteStream(part)] as const;
  await pipeline(...steps, { signal: options.signal });
  const layer = packed.digest('hex');
  const { size } = await stat(part);
  await rename(part, join(blobs, layer));

  const put = async (value: unknown): Promise<{ digest: string; size: number }> => {
    const bytes = Buffer.from(JSON.stringify(value));
    const name = createHash('sha256').update(bytes).digest('hex');
    await writeFile(join(blobs, name), bytes);
    return { digest: `sha256:${name}`, size: bytes.length };
  };
  const created = '1970-01-01T00:00:00Z';
  const config = await put({
    created,
    architecture: options.arch,
    os: 'linux',
    config: {
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Cmd: ['/bin/bash'],
      Labels: options.labels,
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${unpacked.digest('hex')}`] },
    history: [{ created, created_by: 'mmdebstrap' }],
  });
  const manifest = await put({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd', digest: `sha256:${layer}`, size }],
  });
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const entry = { mediaType: 'application/vnd.oci.image.manifest.v1+json', ...manifest };
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
}

/** Hashes what flows by. */
function tap(hash: Hash): (source: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array> {
  return async function* (source) {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  };
}
