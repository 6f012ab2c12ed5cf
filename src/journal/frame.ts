import { crc32 } from 'node:zlib';

// A record of the journal: a mark, the length of the payload, its CRC-32, and the payload. Numbers are little-endian. The
// mark lets a reader find the next whole record after a damaged one.

const MARK = 0x57504953; // "SIPW"
export const HEADER_BYTES = 12;
/** The longest payload. A webhook has at most 256 KB, and its headers at most 16 KB. */
const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;

/** The bytes of a record. */
export function frame(payload: Uint8Array): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32LE(MARK, 0);
  header.writeUInt32LE(payload.byteLength, 4);
  header.writeUInt32LE(crc32(payload), 8);
  return Buffer.concat([header, payload]);
}

type Framed =
  | { readonly kind: 'record'; readonly payload: Buffer; readonly end: number }
  /** The bytes end before the record does. `bytes` is the length that the record needs, as far as is known. */
  | { readonly kind: 'short'; readonly bytes: number }
  | { readonly kind: 'damaged' };

/** Reads the record that begins at an offset. */
export function readFrame(bytes: Buffer, offset: number): Framed {
  const left = bytes.length - offset;
  if (left < HEADER_BYTES) return { kind: 'short', bytes: HEADER_BYTES };
  const length = bytes.readUInt32LE(offset + 4);
  if (bytes.readUInt32LE(offset) !== MARK || length > MAX_PAYLOAD_BYTES) return { kind: 'damaged' };
  const end = offset + HEADER_BYTES + length;
  if (end > bytes.length) return { kind: 'short', bytes: HEADER_BYTES + length };
  const payload = bytes.subarray(offset + HEADER_BYTES, end);
  return crc32(payload) === bytes.readUInt32LE(offset + 8) ? { kind: 'record', payload, end } : { kind: 'damaged' };
}

const MARK_BYTES = Buffer.from([0x53, 0x49, 0x50, 0x57]);

/** The offset of the first whole record at or after an offset; `undefined` if there is none. */
export function nextRecord(bytes: Buffer, offset: number): number | undefined {
  for (let at = bytes.indexOf(MARK_BYTES, offset); at >= 0; at = bytes.indexOf(MARK_BYTES, at + 1)) {
    if (readFrame(bytes, at).kind === 'record') return at;
  }
  return undefined;
}
