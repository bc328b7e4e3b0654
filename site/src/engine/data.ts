import { bodySize, bytesOf, get, type OnProgress, reason, watched } from "./download";
import { EngineFailure } from "./failure";

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
