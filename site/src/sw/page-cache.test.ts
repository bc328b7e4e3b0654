// @vitest-environment node
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesOf } from "./build";
import { PageCache } from "./page-cache";

const scope = "https://host/lab/";

class FakeCaches {
  readonly all = new Map<string, Map<string, Response>>();
  keys = async () => [...this.all.keys()];
  delete = async (name: string) => this.all.delete(name);
  open = async (name: string) => {
    const entries = this.all.get(name) ?? new Map<string, Response>();
    this.all.set(name, entries);
    return {
      match: async (url: string | URL) => entries.get(String(url))?.clone(),
      put: async (url: string, response: Response) => void entries.set(url, response),
    };
  };
  match = async (url: string) => {
    for (const entries of this.all.values()) if (entries.has(url)) return entries.get(url)!.clone();
    return undefined;
  };
}

const manifest = JSON.stringify({
  builds: { fma: { file: "engine-fma.wasm", bytes: 1 }, simd: { file: "engine-simd.wasm", bytes: 1 } },
});

function stage(build: string, caches = new FakeCaches()) {
  const asked: Request[] = [];
  const broken = new Set<string>();
  const cache = new PageCache({
    scope,
    build,
    files: ["", "assets/a-12345678.js", "engine/engine.json", "engine/engine-fma.wasm", "engine/engine-simd.wasm"].map(
      (path) => ({ path, ...(path && { integrity: "" }) }),
    ),
    runnable: ["simd", "scalar"],
    caches: caches as unknown as CacheStorage,
    fetch: async (request) => {
      asked.push(request);
      const path = request.url.slice(scope.length);
      if (broken.has(path)) return new Response("no", { status: 503 });
      const headers = { "content-encoding": "gzip", "content-type": "text/plain", etag: "x" };
      return new Response(path === "engine/engine.json" ? manifest : `${build}:${path}`, { headers });
    },
  });
  const answer = async (path: string) => (await cache.respond(new Request(scope + path))).text();
  return { cache, caches, asked, broken, answer };
}

test("keeps what this browser needs, asked for anew, and answers with it in isolation", async () => {
  const { cache, asked, answer } = stage("one");
  await cache.install();
  expect(asked.map(({ url }) => url.slice(scope.length)).sort()).toEqual([
    "",
    "assets/a-12345678.js",
    "engine/engine-simd.wasm",
    "engine/engine.json",
  ]);
  expect(asked.every(({ cache }) => cache === "no-cache")).toBe(true);
  asked.length = 0;
  for (const page of ["", "?from=mail", "index.html", "#z=1"]) expect(await answer(page)).toBe("one:");
  expect(asked).toEqual([]);
  const { headers } = await cache.respond(new Request(`${scope}engine/engine-simd.wasm`));
  expect(Object.fromEntries(headers)).toEqual({
    "content-type": "text/plain",
    etag: "x",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
  });
  // What is not kept comes from the network, in isolation too.
  const data = await cache.respond(new Request(`${scope}data/t10k.gz`));
  expect(await data.text()).toBe("one:data/t10k.gz");
  expect(data.headers.get("cross-origin-resource-policy")).toBe("same-origin");
});

test("answers only what is read below its folder", () => {
  const { cache } = stage("one");
  expect(cache.covers(new Request(`${scope}x`))).toBe(true);
  expect(cache.covers(new Request("https://host/other/x"))).toBe(false);
  expect(cache.covers(new Request("https://elsewhere/lab/x"))).toBe(false);
  expect(cache.covers(new Request(`${scope}x`, { method: "POST" }))).toBe(false);
  expect(cache.covers(new Request(`${scope}x`, { headers: { range: "bytes=0-9" } }))).toBe(false);
});

test("is not installed by half", async () => {
  for (const path of ["", "assets/a-12345678.js", "engine/engine-simd.wasm"]) {
    const { cache, broken } = stage("one");
    broken.add(path);
    await expect(cache.install()).rejects.toThrow(/could not be fetched: the server answered 503/);
  }
});

test("two builds never mix, but for hashed names, and only the last one stays beside the new one", async () => {
  const caches = new FakeCaches();
  await (await caches.open("vaelab-mnist-1")).put("x", new Response("digits"));
  await (await caches.open("vaelab-page /other/ zero")).put("x", new Response("another copy of the page"));
  for (const build of ["one", "two"]) await stage(build, caches).cache.install();
  const three = stage("three", caches);
  await three.cache.install();
  await three.cache.activate();
  expect(await caches.keys()).toEqual([
    "vaelab-mnist-1",
    "vaelab-page /other/ zero",
    "vaelab-page /lab/ two",
    "vaelab-page /lab/ three",
  ]);
  expect(await three.answer("engine/engine.json")).toBe(manifest);
  expect(await three.answer("")).toBe("three:");
  const old = await caches.open("vaelab-page /lab/ two");
  await old.put(`${scope}assets/old-12345678.js`, new Response("old"));
  await old.put(`${scope}engine/old.wasm`, new Response("old"));
  expect(await three.answer("assets/old-12345678.js")).toBe("old");
  expect(await three.answer("engine/old.wasm")).toBe("three:engine/old.wasm"); // from the network
});

test("the list of a build changes its name with every byte, and holds neither data nor logs", () => {
  const folder = mkdtempSync(join(tmpdir(), "vaelab-files-"));
  try {
    for (const sub of ["assets", "data", "weights"]) mkdirSync(join(folder, sub));
    for (const path of ["index.html", "sw.js", "assets/a.js", "data/x.gz", "weights/w.safetensors", "weights/w.csv"]) {
      writeFileSync(join(folder, path), path);
    }
    const first = filesOf(folder);
    expect(first.files.map(({ path }) => path)).toEqual(["assets/a.js", "", "weights/w.safetensors"]);
    expect(first.files[0]!.integrity).toMatch(/^sha256-.{43}=$/);
    writeFileSync(join(folder, "sw.js"), "other");
    expect(filesOf(folder).build).toBe(first.build);
    writeFileSync(join(folder, "index.html"), "index.htmL");
    expect(filesOf(folder).build).not.toBe(first.build);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
