import { expect, test } from "vitest";
import { chooseBuild, readManifest } from "./manifest";

const simd = { file: "engine-simd.wasm", bytes: 10 };
const scalar = { file: "engine-scalar.wasm", bytes: 9 };

test("the fastest deployed build is chosen", () => {
  const manifest = readManifest({ builds: { simd, scalar } }, "engine.json");
  expect(chooseBuild(manifest, ["fma", "simd", "scalar"])).toEqual({ build: "simd", ...simd });
  expect(chooseBuild(manifest, ["scalar"])).toEqual({ build: "scalar", ...scalar });
});

test("a browser without SIMD is told so where only SIMD is deployed", () => {
  const manifest = readManifest({ builds: { simd } }, "engine.json");
  expect(() => chooseBuild(manifest, ["scalar"])).toThrow(/only as scalar.*offers simd/);
});

test.each([
  ["nothing", null],
  ["no builds", {}],
  ["a path elsewhere", { builds: { simd: { file: "../evil.wasm", bytes: 1 } } }],
  ["another origin", { builds: { simd: { file: "https://evil.example/x.wasm", bytes: 1 } } }],
  ["no size", { builds: { simd: { file: "engine-simd.wasm" } } }],
])("a manifest with %s is refused", (_, json) => {
  expect(() => readManifest(json, "engine.json")).toThrow(/engine\.json lists no build/);
});
