// @vitest-environment node
import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { Bridge } from "./bridge";
import { compileEngine, loadRuntime, startEngine } from "./goruntime";
import type { EngineCalls, ModelConfig } from "./protocol";

// What the built engine tells about its own layers, in Node, through the page's own bridge.

const folder = new URL("../../public/engine/", pathToFileURL(`${import.meta.dirname}/`));
const binary = new URL("engine-simd.wasm", folder);
const config: ModelConfig = { latent: 2, hidden: 32, encoder: [32, 64, 64, 64], decoder: 32 };
let calls: EngineCalls;

beforeAll(async () => {
  if (!existsSync(binary)) throw new Error("site/public/engine/engine-simd.wasm is missing: run make wasm first");
  await loadRuntime(new URL("wasm_exec.js", folder).href);
  const bridge = new Bridge();
  await startEngine(await compileEngine(readFileSync(binary)), bridge);
  calls = bridge.calls;
});

test("one image's activations: every layer's shape, peaks at 255, and z as the objective samples it", () => {
  calls.newModel({ config, seed: 3 });
  const pixels = Uint8Array.from({ length: 784 }, (_, i) => (i % 28 > 8 && i % 28 < 18 ? (i * 7) % 256 : 0));
  const request = { pixels, eps: Float32Array.of(1, -2), objective: "elbo" as const };
  const a = calls.activations(request);
  const maps = [...a.conv, a.decoderIn, a.deconv];
  expect(maps.map(({ side, channels }) => [side, channels])).toEqual([
    [28, 32],
    [14, 64],
    [14, 64],
    [14, 64],
    [14, 64],
    [28, 32],
  ]);
  for (const { values, side, channels, peak } of maps) {
    expect(values).toHaveLength(side * side * channels);
    expect(values).toContain(255);
    expect(peak).toBeGreaterThan(0);
  }
  expect(a.hidden).toHaveLength(32);
  const { mean, logVar } = calls.encode({ pixels });
  expect(a.mean).toEqual(mean);
  for (const [i, epsilon] of request.eps.entries()) {
    expect(a.z[i]).toBeCloseTo(mean[i]! + Math.exp(logVar[i]! / 2) * epsilon, 5);
    const seed = calls.activations({ ...request, objective: "seed" }).z[i];
    expect(seed).toBeCloseTo(mean[i]! + Math.exp(logVar[i]!) * epsilon, 5);
  }
  const decoded = calls.decode({ z: a.z }).pixels;
  expect([...a.probability].map((p) => Math.round(p * 255))).toEqual([...decoded]);
  expect(a.kl).toBeGreaterThan(0);
});

test("a request for activations that fits no image or no latent space is refused", () => {
  calls.newModel({ config, seed: 3 });
  const request = { pixels: new Uint8Array(784), eps: new Float32Array(2), objective: "seed" as const };
  expect(() => calls.activations({ ...request, eps: new Float32Array(3) })).toThrow(/eps has 3 values, want .* 2/);
  expect(() => calls.activations({ ...request, pixels: new Uint8Array(5) })).toThrow(/pixels has 5 bytes, want 784/);
  expect(() => calls.activations({ ...request, objective: "mse" as never })).toThrow(/objective is "mse"/);
  expect(calls.activations(request).conv[0].values).toHaveLength(28 * 28 * 32);
});
