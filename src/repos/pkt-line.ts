/** git's packets: four hex digits of length, then the bytes; `0000` ends a list. Pure. */

export type Packet = { readonly kind: 'data'; readonly text: string } | { readonly kind: 'flush' };

export const FLUSH = '0000';

export function packet(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text;
}

/** The packets that are whole, and the bytes that are left. A length that is none throws. */
export function parsePackets(bytes: Buffer): { readonly packets: readonly Packet[]; readonly rest: Buffer } {
  const packets: Packet[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const digits = bytes.toString('latin1', at, at + 4);
    const length = /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : 1;
    if (length === 0) {
      packets.push({ kind: 'flush' });
      at += 4;
    } else if (length < 4) {
      throw new RangeError(`no packet begins with ${JSON.stringify(digits)}`);
    } else if (at + length > bytes.length) {
      break;
    } else {
      packets.push({ kind: 'data', text: bytes.toString('utf8', at + 4, at + length).replace(/\n$/, '') });
      at += length;
    }
  }
  return { packets, rest: bytes.subarray(at) };
}
