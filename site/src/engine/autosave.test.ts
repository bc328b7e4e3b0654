// @vitest-environment node
import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { Autosave, type Saver } from "./autosave";
import { Bridge } from "./bridge";
import type { CheckpointStore } from "./checkpoint-store";
import { compileEngine, loadRuntime, startEngine } from "./goruntime";
import type { Advance, EngineCalls, EngineEvent, RunEvent, TrainSettings } from "./protocol";

// Runs that are interrupted anywhere, with the engine as it is built for the page.

const folder = new URL("../../public/engine/", pathToFileURL(`${import.meta.dirname}/`));
const binary = new URL("engine-simd.wasm", folder);

const settings: TrainSettings = {
  from: "scratch",
  model: { latent: 2, hidden: 8, encoder: [4, 8, 8, 8], decoder: 4 },
  objective: "elbo",
  beta: 0.5,
  optimizer: "adam",
  learningRate: 0.002,
  batch: 16,
  epochs: 2,
  images: 40, // three steps an epoch, the last one partial
  seed: 5,
};

/** n images of stripes, as a pair of IDX files. */
function stripes(n: number): { images: Uint8Array; labels: Uint8Array } {
  const images = new Uint8Array(16 + n * 784);
  const labels = new Uint8Array(8 + n);
  for (const [file, words] of [
    [images, [0x803, n, 28, 28]],
    [labels, [0x801, n]],
  ] as const) {
    for (const [i, word] of words.entries()) new DataView(file.buffer).setUint32(4 * i, word);
  }
  for (let i = 0; i < n * 784; i++) images[16 + i] = (i % 28) % (3 + (Math.floor(i / 784) % 5)) === 0 ? 230 : 10;
  return { images, labels };
}

let module: WebAssembly.Module;
beforeAll(async () => {
  if (!existsSync(binary)) throw new Error("site/public/engine/engine-simd.wasm is missing: run make wasm first");
  await loadRuntime(new URL("wasm_exec.js", folder).href);
  module = await compileEngine(readFileSync(binary));
});

/** A fresh engine with data, as after a reload. */
async function freshEngine(): Promise<EngineCalls> {
  const bridge = new Bridge();
  await startEngine(module, bridge);
  bridge.calls.setData({ set: "train", ...stripes(60) });
  bridge.calls.setData({ set: "test", ...stripes(20) });
  return bridge.calls;
}

/** Keeps a record in memory. */
class MemoryStore implements CheckpointStore {
  kept: Uint8Array | undefined;
  open = 0;
  failure: Error | undefined;
  async save(record: Uint8Array): Promise<void> {
    if (this.failure) throw this.failure;
    this.kept = record.slice();
  }
  load = async () => this.kept;
  async clear(): Promise<void> {
    this.kept = undefined;
  }
  close(): void {
    this.open--;
  }
}

/** The autosave of a tab: its clock stands still. */
function tab(store: MemoryStore) {
  const events: EngineEvent[] = [];
  const clock = { time: 0 };
  const autosave = new Autosave({
    openStore: async () => {
      store.open++;
      return store;
    },
    emit: (event) => events.push(event),
    now: () => clock.time,
  });
  return { autosave, events, clock };
}

const isLast = ({ phase }: Advance) => phase === "finished" || phase === "diverged";

/** Advances at most so many slices; returns them. */
function advance(calls: EngineCalls, most: number, hear: (event: RunEvent) => void = () => {}): Advance[] {
  const slices: Advance[] = [];
  while (slices.length < most) {
    const slice = calls.advance({});
    slices.push(slice);
    if (slice.epoch) hear({ type: "epoch", ...slice.epoch, seconds: 1 });
    if (isLast(slice)) break;
  }
  return slices;
}

const figures = (slices: Advance[]) =>
  slices.flatMap(({ step, epoch }) => [step, epoch].filter((x) => x !== undefined));

test("a run that is interrupted after any slice goes on to the same bits", { timeout: 120_000 }, async () => {
  const whole = await freshEngine();
  whole.train({ settings });
  const slices = advance(whole, 10_000);
  const expected = whole.saveWeights({});
  expect(slices.at(-1)!.phase).toBe("finished");

  const other = await freshEngine();
  let validating = 0;
  for (let cut = 0; cut < slices.length; cut++) {
    // The first life.
    const store = new MemoryStore();
    const run = other.train({ settings });
    const first = tab(store);
    const saver = first.autosave.begin({ calls: other, settings, run, history: [] });
    const before = advance(other, cut, (event) => saver.hear(event));
    await saver.between(true);
    other.stop({});
    await saver.finish(false);
    expect(first.events).toMatchObject([{ type: "saved" }]);
    if (before.at(-1)?.phase === "validate" && !before.at(-1)!.epoch) validating++;

    // The second: another page, another model in the engine.
    other.newModel({ config: { ...settings.model, latent: 3 }, seed: 99 });
    const found = await tab(store).autosave.load();
    const again = other.recover({ bytes: found!.checkpoint, images: found!.record.settings.images });
    expect(found!.record).toMatchObject({ settings, epoch: again.epoch, step: again.step, steps: 3 });
    expect(again.run).toMatchObject({ steps: 3, epochs: 2, images: 40, validation: 20 });
    const after = advance(other, 10_000);
    // Nothing is lost, nothing happens twice.
    expect(figures([...before, ...after])).toEqual(figures(slices));
    expect(found!.record.history).toEqual(
      before.flatMap(({ epoch }) => (epoch ? [{ type: "epoch", ...epoch, seconds: 1 }] : [])),
    );
    const { bytes, name } = other.saveWeights({});
    expect(name).toBe(expected.name);
    expect(Buffer.compare(bytes, expected.bytes)).toBe(0); // the metadata too
  }
  expect(validating).toBeGreaterThan(2); // also in the middle of a validation
});

test("a checkpoint is refused on other data, in the middle of a run, and when it is damaged", async () => {
  const calls = await freshEngine();
  calls.train({ settings });
  advance(calls, 7);
  const { bytes } = calls.checkpoint({});
  const recover =
    (b: Uint8Array, images = 40) =>
    () =>
      calls.recover({ bytes: b, images });
  expect(recover(bytes)).toThrow("stop it first");
  calls.stop({});
  expect(() => calls.checkpoint({})).toThrow("no training is running");
  expect(recover(bytes, 41)).toThrow("the run was on 40 images");
  expect(recover(bytes.slice(0, 5000))).toThrow(/checkpoint/);
  expect(recover(calls.saveWeights({}).bytes)).toThrow("without a training state");
  const { images, labels } = stripes(60);
  images[16 + 5 * 784]! ^= 255;
  calls.setData({ set: "train", images, labels });
  expect(recover(bytes)).toThrow("other images");
  calls.setData({ set: "train", ...stripes(60) });
  calls.recover({ bytes, images: 40 });
  expect(advance(calls, 10_000).at(-1)!.phase).toBe("finished");
});

/** A run of which only the checkpoint matters. */
function begin(autosave: Autosave, calls: Pick<EngineCalls, "checkpoint"> = { checkpoint: tiny }): Saver {
  return autosave.begin({ calls, settings, run: { steps: 3 } as never, history: [] });
}
const tiny = () => ({ bytes: new Uint8Array([1, 2, 3]), epoch: 1, step: 2 });
const epochEvent = { type: "epoch", epoch: 0, train: {}, validation: {}, seconds: 1 } as never;

test("saves every 15 s, at an epoch's end, when it pauses, and when it is asked to", async () => {
  const store = new MemoryStore();
  const { autosave, events, clock } = tab(store);
  const saver = begin(autosave);
  const saves = () => events.filter(({ type }) => type === "saved").length;
  clock.time = 14_999;
  expect(saver.between(false)).toBeUndefined();
  clock.time = 15_000;
  await saver.between(false);
  expect(saves()).toBe(1);
  expect(saver.between(false)).toBeUndefined();
  saver.hear(epochEvent);
  await saver.between(false);
  expect(saves()).toBe(2);
  saver.soon();
  await saver.between(false);
  await saver.between(true);
  expect(saves()).toBe(4);
  expect(await autosave.find()).toBeUndefined(); // a run that is going was not interrupted
  await saver.finish(true);
  expect([store.kept, store.open]).toEqual([undefined, 0]);
});

test("a run that a fault ended stays, is found, and can be discarded", async () => {
  const store = new MemoryStore();
  const { autosave } = tab(store);
  const saver = begin(autosave);
  await saver.between(true);
  await saver.finish(false);
  expect(await autosave.find()).toMatchObject({ settings, epoch: 1, step: 2, steps: 3 });
  expect(await tab(store).autosave.find()).toMatchObject({ epoch: 1 });
  await autosave.discard();
  expect(await autosave.find()).toBeUndefined();
  expect(store.open).toBe(0);
});

test("a record of another version of the page is forgotten", async () => {
  const store = new MemoryStore();
  store.kept = new Uint8Array(100);
  expect(await tab(store).autosave.find()).toBeUndefined();
  expect(store.kept).toBeUndefined();
});

test.each<[string, Error, RegExp]>([
  ["full storage", new DOMException("", "QuotaExceededError"), /storage is full.*would not survive a reload/],
  ["a private window", new DOMException("denied", "SecurityError"), /keeps nothing for the page.*denied/],
])("%s is told once, and saving is tried again", async (_, failure, message) => {
  const store = new MemoryStore();
  store.failure = failure;
  const { autosave, events, clock } = tab(store);
  const saver = begin(autosave);
  for (let i = 1; i <= 3; i++) {
    clock.time = i * 20_000;
    await saver.between(false);
  }
  expect(events).toEqual([{ type: "unsaved", message: expect.stringMatching(message) }]);
  store.failure = undefined;
  clock.time = 80_000;
  await saver.between(false);
  expect(events.at(-1)).toMatchObject({ type: "saved", epoch: 1, step: 2 });
});

test("a browser without storage is told of once, and the run ends as ever", async () => {
  const events: EngineEvent[] = [];
  const openStore = () => Promise.reject(new Error("no storage here"));
  const autosave = new Autosave({ openStore, emit: (event) => events.push(event), now: () => 0 });
  expect(await autosave.find()).toBeUndefined();
  const saver = begin(autosave);
  await saver.between(true);
  await saver.between(true);
  expect(events).toEqual([{ type: "unsaved", message: expect.stringMatching(/no storage here.*would not survive/) }]);
  await saver.finish(true);
  await autosave.discard();
});
