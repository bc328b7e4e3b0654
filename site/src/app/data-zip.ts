import { mostImages } from "./data-idx";
import { inflate, megabytes, Refusal } from "./data-unpack";

/** One picture may unpack to so much, and all of them together. */
const mostPerFile = 32 * 2 ** 20;
const mostInAll = 512 * 2 ** 20;

export interface ZipEntry {
  name: string;
  method: number; // 0 stored, 8 deflated
  packed: Uint8Array<ArrayBuffer>; // a view of the archive
  size: number; // unpacked, as the archive says
}

export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);

/**
 * What a zip's central directory lists, folders left out. The sizes it tells are
 * checked against the archive's own length; nothing is unpacked yet.
 */
export function listZip(bytes: Uint8Array<ArrayBuffer>, archive: string): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const damaged = (where: string) =>
    new Refusal(`${archive} is damaged ${where}, or was not downloaded to its end: pack it again.`);
  const end = endRecord(view);
  if (end === undefined) throw damaged("at its end");
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  if (count === 0xffff || start === 0xffffffff) {
    throw new Refusal(`${archive} is a zip64 archive, which is not read here: pack fewer than 65,535 pictures.`);
  }
  const entries: ZipEntry[] = [];
  let total = 0;
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50)
      throw damaged(`in its list of files (number ${i + 1})`);
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    const packedSize = view.getUint32(at + 20, true);
    const size = view.getUint32(at + 24, true);
    const nameLength = view.getUint16(at + 28, true);
    const next = at + 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    const local = view.getUint32(at + 42, true);
    if (next > end) throw damaged(`in its list of files (number ${i + 1})`);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    at = next;
    if (name.endsWith("/") || isHidden(name)) continue;
    const path = `${archive}: ${name}`;
    if (flags & 1) throw new Refusal(`${path} is encrypted: pack it without a password.`);
    if (method !== 0 && method !== 8) {
      throw new Refusal(`${path} is compressed by method ${method}: pack it with ordinary (deflate) compression.`);
    }
    total += size;
    if (size > mostPerFile)
      throw new Refusal(`${path} unpacks to ${megabytes(size)}: at most ${megabytes(mostPerFile)}.`);
    if (total > mostInAll) {
      throw new Refusal(`${archive} unpacks to more than ${megabytes(mostInAll)}: make the pictures smaller first.`);
    }
    if (local + 30 > start || view.getUint32(local, true) !== 0x04034b50) throw damaged(`at ${name}`);
    const from = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (from + packedSize > start) throw damaged(`at ${name}`);
    entries.push({ name, method, packed: bytes.subarray(from, from + packedSize), size });
    if (entries.length > mostImages) {
      throw new Refusal(`${archive} holds more than ${mostImages.toLocaleString("en")} files: take a part of it.`);
    }
  }
  return entries;
}

/** The bytes of an entry; one that unpacks to another size than the archive says is refused. */
export async function unzip(entry: ZipEntry, archive: string): Promise<Uint8Array<ArrayBuffer>> {
  const path = `${archive}: ${entry.name}`;
  const bytes = entry.method === 0 ? entry.packed : await inflate(entry.packed, "deflate-raw", entry.size, path);
  if (bytes.byteLength !== entry.size) {
    throw new Refusal(`${path} has ${bytes.byteLength} bytes, its archive promises ${entry.size}: pack it again.`);
  }
  return bytes;
}

/** What operating systems leave in archives and folders beside the pictures. */
export const isHidden = (path: string): boolean => /(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)/i.test(path);

/** Where the end of the central directory stands: before a comment of at most 65,535 bytes. */
function endRecord(view: DataView): number | undefined {
  const first = Math.max(0, view.byteLength - 22 - 0xffff);
  for (let at = view.byteLength - 22; at >= first; at--) {
    if (view.getUint32(at, true) === 0x06054b50 && at + 22 + view.getUint16(at + 20, true) === view.byteLength)
      return at;
  }
  return undefined;
}
