import { bodySize, bytesOf, get, type OnProgress, reason, watched } from "./download";
import { EngineFailure } from "./failure";
import type { ImageSet } from "./protocol";

// MNIST as it is published: four gzipped IDX files. What arrived whole is kept in
// the browser's cache, so that a reload downloads nothing.

/** The files behind each set: images, labels. */
export const mnistFiles = {
  train: ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"],
  test: ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"],
} as const;

const cacheName = "vaelab-mnist-1";

/** Fetches one file from the folder, decompresses it, and keeps it. */
export async function fetchIdx(folder: string, file: string, onProgress: OnProgress): Promise<Uint8Array> {
  const url = new URL(file, folder).href;
  const cache = await openCache();
  const kept = await cache?.match(url).catch(() => undefined);
  if (kept) {
    try {
      const packed = await bytesOf(watched(kept, file, bodySize(kept), onProgress));
      return await unpack(packed, file);
    } catch {
      await cache?.delete(url).catch(() => false); // damaged: fetch it anew
    }
  }
  const response = await get(url, file);
  const packed = await bytesOf(watched(response, file, bodySize(response), onProgress));
  const idx = await unpack(packed, file);
  await keep(cache, url, packed);
  return idx;
}

/** Forgets a file that decompressed but turned out not to be what it should. */
export async function forgetIdx(folder: string, file: string): Promise<void> {
  const cache = await openCache();
  await cache?.delete(new URL(file, folder).href).catch(() => false);
}

/** There is no cache in an insecure context, and private windows may refuse one: then each visit downloads. */
async function openCache(): Promise<Cache | undefined> {
  if (typeof caches === "undefined") return undefined;
  return caches.open(cacheName).catch(() => undefined);
}

async function keep(cache: Cache | undefined, url: string, packed: Uint8Array<ArrayBuffer>): Promise<void> {
  const headers = { "content-type": "application/gzip", "content-length": String(packed.byteLength) };
  // A full disk is no reason to fail: the digits are here.
  await cache?.put(url, new Response(packed, { headers })).catch(() => {});
}

/** The plain IDX bytes; some hosts send .gz files so that the browser has decompressed them already. */
export async function unpack(packed: Uint8Array<ArrayBuffer>, file: string): Promise<Uint8Array> {
  const [first, second, type] = packed;
  if (first === 0x00 && second === 0x00 && type === 0x08) return packed;
  if (first !== 0x1f || second !== 0x8b) {
    throw new EngineFailure(
      "download",
      `${file} is neither gzip nor IDX (${packed.byteLength} bytes came): is the data where the site expects it?`,
    );
  }
  try {
    return await bytesOf(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip")));
  } catch (error) {
    throw new EngineFailure("download", `${file} is damaged and cannot be decompressed (${reason(error)}): try again.`);
  }
}

/** An IDX file of n items, each a byte (`size` is empty) or an array of bytes: what the engine takes. */
export function idxOf(bytes: Uint8Array, size: number[]): Uint8Array {
  const header = 8 + 4 * size.length;
  const file = new Uint8Array(header + bytes.length);
  file.set(bytes, header);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0x0801 + size.length);
  view.setUint32(4, bytes.length / size.reduce((product, n) => product * n, 1));
  size.forEach((n, i) => {
    view.setUint32(8 + 4 * i, n);
  });
  return file;
}

/** Refuses a set whose labels do not match its images. */
export function checkSet({ images, labels }: ImageSet, what: string): void {
  if (labels.length > 0 && images.length === labels.length * 784) return;
  throw new EngineFailure("input", `The ${what} has ${images.length} bytes for ${labels.length} images of 28×28.`);
}
