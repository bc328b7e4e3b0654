// @vitest-environment node
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fetchIdx } from "./data";

const folder = "https://lab.example/data/";
const file = "t10k-labels-idx1-ubyte.gz";
const idx = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 5, 7, 2, 1, 0, 4]);
const packed = new Uint8Array(gzipSync(idx));

class FakeCache {
  kept = new Map<string, Response>();
  match = async (url: string) => this.kept.get(url)?.clone();
  put = async (url: string, response: Response) => void this.kept.set(url, response);
  delete = async (url: string) => this.kept.delete(url);
}

let cache: FakeCache;
const answer = vi.fn<() => Promise<Response>>();
beforeEach(() => {
  cache = new FakeCache();
  answer.mockReset();
  vi.stubGlobal("fetch", answer);
  vi.stubGlobal("caches", { open: async () => cache });
});
afterEach(() => vi.unstubAllGlobals());

const sized = (bytes: Uint8Array<ArrayBuffer>) =>
  new Response(bytes, { headers: { "content-length": String(bytes.length) } });

test("a file is fetched with progress, decompressed, kept, and not fetched again", async () => {
  answer.mockImplementation(async () => sized(packed));
  const progress: [number, number][] = [];
  expect(await fetchIdx(folder, file, (received, total) => progress.push([received, total]))).toEqual(idx);
  expect(progress.at(-1)).toEqual([packed.length, packed.length]);
  expect(await fetchIdx(folder, file, () => {})).toEqual(idx);
  expect(answer).toHaveBeenCalledTimes(1);
  expect(answer).toHaveBeenCalledWith(folder + file);
});

test("what is damaged in the cache is fetched anew", async () => {
  cache.kept.set(folder + file, new Response(packed.slice(0, 20)));
  answer.mockImplementation(async () => sized(packed));
  expect(await fetchIdx(folder, file, () => {})).toEqual(idx);
  expect(answer).toHaveBeenCalledTimes(1);
});

test("without a cache it works all the same", async () => {
  vi.stubGlobal("caches", undefined);
  answer.mockImplementation(async () => sized(packed));
  expect(await fetchIdx(folder, file, () => {})).toEqual(idx);
});

test("a host that lets the browser decompress is understood, with an unknown total", async () => {
  answer.mockImplementation(
    async () => new Response(idx, { headers: { "content-encoding": "gzip", "content-length": "9" } }),
  );
  const totals: number[] = [];
  expect(await fetchIdx(folder, file, (_, total) => totals.push(total))).toEqual(idx);
  expect(new Set(totals)).toEqual(new Set([0]));
});

test.each<[string, () => Promise<Response>, RegExp]>([
  [
    "no network",
    () => Promise.reject(new TypeError("Failed to fetch")),
    /could not be fetched \(Failed to fetch\).*try again/,
  ],
  [
    "404",
    async () =>
      new Response("<html>", { status: 404, statusText: "Not Found", headers: { "content-type": "text/html" } }),
    /answered 404 Not Found/,
  ],
  [
    "503 with a reason",
    async () =>
      new Response("no MNIST here: go mod download", {
        status: 503,
        headers: { "content-type": "text/plain; charset=utf-8" },
      }),
    /503 \(no MNIST here: go mod download\)/,
  ],
  ["a web page", async () => new Response("<!doctype html>"), /neither gzip nor IDX/],
  ["nothing", async () => new Response(new Uint8Array()), /neither gzip nor IDX \(0 bytes/],
  ["half a file", async () => new Response(packed.slice(0, 20)), /damaged and cannot be decompressed/],
  [
    "a connection that breaks off",
    async () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            controller.enqueue(packed.slice(0, 10));
            controller.error(new TypeError("network error"));
          },
        }),
      ),
    /broke off/,
  ],
])("%s is a download failure that names the file, and nothing is kept", async (_, respond, message) => {
  answer.mockImplementation(respond);
  const failure = fetchIdx(folder, file, () => {});
  await expect(failure).rejects.toMatchObject({ kind: "download", message: expect.stringMatching(message) });
  await expect(failure).rejects.toThrow(file);
  expect(cache.kept.size).toBe(0);
});
