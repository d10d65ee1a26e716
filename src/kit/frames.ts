/** Several streams on one connection: a byte that says which, four that say how long, and the bytes. */

export interface Frame {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

const HEAD = 5;
/** Larger ones come from nobody of ours. */
const LARGEST = 1024 * 1024;
const PIECE = 64 * 1024;

/** One frame, or several where the bytes are many; none of no bytes is one that says so. */
export function* toFrames(kind: number, bytes: Uint8Array): Generator<Buffer> {
  for (let at = 0; at === 0 || at < bytes.length; at += PIECE) {
    const piece = bytes.subarray(at, at + PIECE);
    const head = Buffer.alloc(HEAD);
    head.writeUInt8(kind);
    head.writeUInt32BE(piece.length, 1);
    yield Buffer.concat([head, piece]);
  }
}

/** Throws RangeError for what is no frame; a stream that ends within one simply ends. */
export async function* readFrames(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    while (rest.length >= HEAD) {
      const length = rest.readUInt32BE(1);
      if (length > LARGEST) throw new RangeError(`a frame of ${length} bytes`);
      if (rest.length < HEAD + length) break;
      yield { kind: rest.readUInt8(), bytes: rest.subarray(HEAD, HEAD + length) };
      rest = rest.subarray(HEAD + length);
    }
  }
}

/** Waits while the other end is slow; one that is gone takes everything. */
export async function writeFrames(stream: NodeJS.WritableStream, { kind, bytes }: Frame): Promise<void> {
  for (const frame of toFrames(kind, bytes)) await writeTo(stream, frame);
}

/** The same of bytes as they are. */
export async function writeTo(stream: NodeJS.WritableStream, bytes: Uint8Array): Promise<void> {
  if (!stream.writable || stream.write(bytes)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.once('drain', resolve);
  stream.once('close', resolve);
  await promise;
  stream.removeListener('drain', resolve);
  stream.removeListener('close', resolve);
}
