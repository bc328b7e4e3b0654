// @vitest-environment node
import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { afterEach, beforeAll, expect, test } from "vitest";
import { Bridge } from "./bridge";
import { EngineFailure } from "./failure";
import { compileEngine, loadRuntime, startEngine } from "./goruntime";
import type { Advance, EngineCalls, ModelConfig, TrainSettings } from "./protocol";

// The engine as it is built for the page, in Node, through the page's own bridge.

const folder = new URL("../../public/engine/", pathToFileURL(`${import.meta.dirname}/`));
const binary = new URL("engine-simd.wasm", folder);

let calls: EngineCalls;
const config: ModelConfig = { latent: 2, hidden: 32, encoder: [32, 64, 64, 64], decoder: 32 };

beforeAll(async () => {
  if (!existsSync(binary)) throw new Error("site/public/engine/engine-simd.wasm is missing: run make wasm first");
  await loadRuntime(new URL("wasm_exec.js", folder).href);
  const bridge = new Bridge();
  await startEngine(await compileEngine(readFileSync(binary)), bridge);
  calls = bridge.calls;
});

// A test that fails in the middle of a run must not make the next ones fail.
afterEach(() => {
  try {
    calls.stop({});
  } catch {
    // There was none, as it should be.
  }
});

/** n images, each a bright square whose place is its label: something that two dimensions can learn. */
function squares(n: number): { images: Uint8Array; labels: Uint8Array } {
  const images = new Uint8Array(16 + n * 784);
  const labels = new Uint8Array(8 + n);
  for (const [file, words] of [
    [images, [0x803, n, 28, 28]],
    [labels, [0x801, n]],
  ] as const) {
    const header = new DataView(file.buffer);
    for (const [i, word] of words.entries()) header.setUint32(4 * i, word);
  }
  for (let i = 0; i < n; i++) {
    const label = (i * 7) % 9;
    labels[8 + i] = label;
    const top = 2 + 8 * Math.floor(label / 3);
    const left = 2 + 8 * (label % 3);
    for (let y = top; y < top + 8; y++)
      images.fill(255, 16 + i * 784 + y * 28 + left, 16 + i * 784 + y * 28 + left + 8);
  }
  return { images, labels };
}

const settings: TrainSettings = {
  from: "scratch",
  model: config,
  objective: "seed",
  beta: 1,
  optimizer: "rmsprop",
  learningRate: 0.001,
  batch: 16,
  epochs: 2,
  images: 120,
  seed: 3,
};

function loadSquares(): void {
  expect(calls.setData({ set: "train", ...squares(200) })).toEqual({ count: 200 });
  expect(calls.setData({ set: "test", ...squares(40) })).toEqual({ count: 40 });
}

/** Advances to the end of the run; `between` is called after each slice. */
function finish(between: () => void = () => {}): Advance[] {
  const slices: Advance[] = [];
  for (;;) {
    const slice = calls.advance({});
    slices.push(slice);
    if (slice.phase === "finished" || slice.phase === "diverged") return slices;
    between();
  }
}

function failureOf(call: () => unknown): EngineFailure {
  try {
    call();
  } catch (error) {
    if (error instanceof EngineFailure) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

test("before anything is loaded, requests say what is missing", () => {
  expect(failureOf(() => calls.decode({ z: new Float32Array(2) }))).toMatchObject({
    kind: "state",
    message: /no model/,
  });
  expect(failureOf(() => calls.advance({})).kind).toBe("state");
  expect(failureOf(() => calls.train({ settings })).message).toMatch(/load the data first/);
  expect(failureOf(() => calls.encodeSet({ set: "test", start: 0, count: 1 })).message).toMatch(/load the data first/);
});

test("the SIMD build runs SIMD loops", () => {
  expect(calls.info({})).toMatchObject({ kernel: "wasm simd128 (4 lanes)", lanes: 4 });
});

test("an untrained model has the book's size, and another latent size is taken", () => {
  const { model } = calls.newModel({ config: { ...config, latent: 5 }, seed: 1 });
  expect(model.config.latent).toBe(5);
  expect(calls.decode({ z: new Float32Array(10) }).pixels).toHaveLength(2 * 784);
  expect(calls.newModel({ config, seed: 1 }).model).toMatchObject({ source: "initial", parameters: 550_629, config });
});

test("samples do not depend on how they are sliced, and decode to what decode says", () => {
  const whole = calls.sample({ start: 0, count: 9, seed: 7, temperature: 0.8 });
  const part = calls.sample({ start: 4, count: 3, seed: 7, temperature: 0.8 });
  expect(part.z).toEqual(whole.z.slice(8, 14));
  expect(part.pixels).toEqual(whole.pixels.slice(4 * 784, 7 * 784));
  expect(calls.decode({ z: whole.z }).pixels).toEqual(whole.pixels);
  expect(calls.decode({ z: whole.z.subarray(8, 14) }).pixels).toEqual(part.pixels); // a view with an offset
  expect(calls.sample({ start: 0, count: 1, seed: 8, temperature: 0.8 }).z).not.toEqual(whole.z.slice(0, 2));
  expect(calls.sample({ start: 0, count: 1, seed: 7, temperature: 0 }).z.map(Math.abs)).toEqual(new Float32Array(2));
});

test("sets come back as they went in, and encode the same by index and by pixels", () => {
  loadSquares();
  const { images, labels } = squares(40);
  const got = calls.images({ set: "test", indices: [39, 0] });
  expect(got.pixels.slice(784)).toEqual(images.slice(16, 16 + 784));
  expect(got.labels).toEqual(new Uint8Array([labels[8 + 39]!, labels[8]!]));
  const bySet = calls.encodeSet({ set: "test", start: 5, count: 6 });
  const byPixels = calls.encode({ pixels: images.subarray(16 + 5 * 784, 16 + 11 * 784) });
  expect(bySet.mean).toEqual(byPixels.mean);
  expect(bySet.logVar).toEqual(byPixels.logVar);
  expect(bySet.labels).toEqual(labels.slice(13, 19));
  expect(bySet.mean).toHaveLength(12);
});

test("training learns, and reports every step and epoch", { timeout: 120_000 }, () => {
  loadSquares();
  expect(calls.train({ settings })).toMatchObject({ steps: 8, epochs: 2, images: 120, validation: 40 });
  const slices = finish();
  const steps = slices.flatMap((slice) => slice.step ?? []);
  expect(steps.map((step) => step.step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(slices.reduce((sum, slice) => sum + slice.images, 0)).toBe(2 * (120 + 40));
  const epochs = slices.flatMap((slice) => slice.epoch ?? []);
  expect(epochs.map((epoch) => epoch.epoch)).toEqual([0, 1]);
  expect(epochs[1]!.validation.loss).toBeLessThan(0.75 * steps[0]!.batch.loss);
  // Loss in the book's unit: nats a pixel, and the KL at its weight.
  const { loss, reconstruction, kl } = epochs[1]!.validation;
  expect(loss).toBeCloseTo(reconstruction / 784 + (5e-4 * 2 * kl) / 2, 6);
  expect(slices.at(-1)).toMatchObject({ phase: "finished", model: { metadata: { epochs: "2" } } });
});

test("requests between the slices of a run change none of its bits", { timeout: 120_000 }, () => {
  const short = { ...settings, images: 48, epochs: 1 };
  calls.train({ settings: short });
  finish();
  const alone = calls.saveWeights({}).bytes;
  calls.train({ settings: short });
  finish(() => {
    calls.decode({ z: new Float32Array([0.3, -1]) });
    calls.encodeSet({ set: "test", start: 0, count: 2 });
  });
  expect(Buffer.compare(calls.saveWeights({}).bytes, alone)).toBe(0);
});

test("weights go out and come back", { timeout: 60_000 }, () => {
  const { bytes, name } = calls.saveWeights({});
  expect(name).toBe("vae-2d-seed-epoch1.safetensors");
  const z = new Float32Array([0.5, 0.5, -1, 2]);
  const before = calls.decode({ z }).pixels;
  calls.newModel({ config, seed: 99 });
  expect(calls.decode({ z }).pixels).not.toEqual(before);
  const { model } = calls.loadWeights({ bytes, name, source: "file" });
  expect(model).toMatchObject({ source: "file", name, config, parameters: 550_629 });
  expect(model.metadata.objective).toBe("seed");
  expect(calls.decode({ z }).pixels).toEqual(before);
  expect(Buffer.compare(calls.saveWeights({}).bytes, bytes)).toBe(0);
});

test("a run goes on from loaded weights, and a stopped one leaves its model", { timeout: 60_000 }, () => {
  const start = calls.train({ settings: { ...settings, from: "loaded" } });
  expect(start.model.source).toBe("trained");
  expect(failureOf(() => calls.train({ settings }))).toMatchObject({
    kind: "state",
    message: expect.stringContaining("stop it first"),
  });
  expect(failureOf(() => calls.newModel({ config, seed: 1 })).kind).toBe("state");
  expect(failureOf(() => calls.setData({ set: "test", ...squares(10) })).kind).toBe("state");
  let first: Advance;
  do first = calls.advance({});
  while (!first.step);
  expect(first.step.batch.reconstruction).toBeLessThan(530); // an untrained one begins at 784·ln 2 = 543
  expect(calls.stop({}).model.source).toBe("trained");
  expect(failureOf(() => calls.stop({})).kind).toBe("state");
  expect(calls.decode({ z: new Float32Array(2) }).pixels).toHaveLength(784);
});

test("a run that diverges ends, and the model keeps finite weights", { timeout: 120_000 }, () => {
  const wild = { ...settings, learningRate: 10, optimizer: "adam", objective: "elbo", epochs: 50 } as const;
  calls.train({ settings: wild });
  const slices = finish();
  expect(slices.at(-1)).toMatchObject({ phase: "diverged", model: { source: "trained" } });
  expect(failureOf(() => calls.advance({})).kind).toBe("state");
  const { bytes, name } = calls.saveWeights({});
  expect(calls.loadWeights({ bytes, name, source: "file" }).model.parameters).toBe(550_629); // it refuses what is not finite
});

test.each<[string, () => unknown, RegExp]>([
  ["NaN in z", () => calls.decode({ z: new Float32Array([0, Number.NaN]) }), /z\[1\] is NaN/],
  ["half a point", () => calls.decode({ z: new Float32Array(3) }), /z has 3 values, want 2 for each/],
  ["no point", () => calls.decode({ z: new Float32Array() }), /z has 0 values/],
  ["z of another type", () => calls.decode({ z: [0, 0] as never }), /z is not a Float32Array/],
  ["no z", () => calls.decode({} as never), /z is not a Float32Array/],
  ["half an image", () => calls.encode({ pixels: new Uint8Array(100) }), /pixels has 100 bytes/],
  [
    "a set that does not exist",
    () => calls.images({ set: "validation" as never, indices: [0] }),
    /want "train" or "test"/,
  ],
  ["an index beyond the set", () => calls.images({ set: "test", indices: [40] }), /image index is 40, want .* to 39/],
  ["half a sample", () => calls.sample({ start: 0, count: 1.5, seed: 1, temperature: 1 }), /number of samples is 1\.5/],
  ["a seed that is no integer", () => calls.sample({ start: 0, count: 1, seed: -1, temperature: 1 }), /seed is -1/],
  [
    "a temperature that is none",
    () => calls.sample({ start: 0, count: 1, seed: 1, temperature: Number.NaN }),
    /temperature is NaN/,
  ],
  ["a text as number", () => calls.sample({ start: 0, count: "9" as never, seed: 1, temperature: 1 }), /Count/],
  ["a request that is none", () => calls.decode(5 as never), /does not understand/],
  ["a batch of none", () => calls.train({ settings: { ...settings, batch: 0 } }), /batch is 0/],
  ["a batch too large", () => calls.train({ settings: { ...settings, batch: 1025 } }), /batch is 1025/],
  [
    "an optimizer that does not exist",
    () => calls.train({ settings: { ...settings, optimizer: "sgd" as never } }),
    /optimizer is "sgd"/,
  ],
  [
    "an objective that does not exist",
    () => calls.train({ settings: { ...settings, objective: "mse" as never } }),
    /objective is "mse"/,
  ],
  ["a learning rate of none", () => calls.train({ settings: { ...settings, learningRate: 0 } }), /learning rate is 0/],
  [
    "more images than there are",
    () => calls.train({ settings: { ...settings, images: 201 } }),
    /images is 201, want .* to 200/,
  ],
  [
    "a model without latent space",
    () => calls.newModel({ config: { ...config, latent: 0 }, seed: 1 }),
    /latent size is 0/,
  ],
  [
    "three encoder sizes",
    () => calls.newModel({ config: { ...config, encoder: [1, 2, 3] as never }, seed: 1 }),
    /array/,
  ],
  [
    "weights that are none",
    () => calls.loadWeights({ bytes: new Uint8Array(100), name: "cat.png", source: "file" }),
    /cat\.png/,
  ],
  [
    "cut weights",
    () => calls.loadWeights({ bytes: calls.saveWeights({}).bytes.slice(0, 9999), name: "w", source: "file" }),
    /w: /,
  ],
])("%s is refused as input, and the engine goes on", (_, call, message) => {
  const failure = failureOf(call);
  expect(failure).toMatchObject({ kind: "input", message: expect.stringMatching(message) });
  expect(calls.decode({ z: new Float32Array(2) }).pixels).toHaveLength(784);
});

test("digits that are broken are refused by file name, and the old ones stay", () => {
  const { images, labels } = squares(40);
  const cut = failureOf(() => calls.setData({ set: "test", images: images.slice(0, 1000), labels }));
  expect(cut).toMatchObject({ kind: "input", message: expect.stringMatching(/t10k-images-idx3-ubyte.*truncated/) });
  const swapped = failureOf(() => calls.setData({ set: "test", images: labels, labels: images }));
  expect(swapped.message).toMatch(/swapped/);
  const fewer = failureOf(() => calls.setData({ set: "test", images, labels: squares(39).labels }));
  expect(fewer.message).toMatch(/40 images but .* 39 labels/);
  expect(calls.images({ set: "test", indices: [39] }).labels).toHaveLength(1);
});
