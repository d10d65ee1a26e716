/** The framing of attached streams: eight bytes of head (stream, length), then the bytes. */

export interface Frame {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

export interface FrameParser {
  /** Whole frames in these bytes; a rest waits for the next piece. */
  push(piece: Uint8Array): Frame[];
}

const HEAD = 8;

export function createFrameParser(): FrameParser {
  let rest: Buffer = Buffer.alloc(0);
  return {
    push(piece) {
      rest = Buffer.concat([rest, piece]);
      const frames: Frame[] = [];
      for (;;) {
        if (rest.length < HEAD) return frames;
        const length = rest.readUInt32BE(4);
        if (rest.length < HEAD + length) return frames;
        frames.push({ stream: rest[0] === 2 ? 'stderr' : 'stdout', bytes: rest.subarray(HEAD, HEAD + length) });
        rest = rest.subarray(HEAD + length);
      }
    },
  };
}
