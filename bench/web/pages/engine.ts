import { Engine, type WorkerPort } from "../../../site/src/engine/client";
import type { EngineEvent, TrainSettings } from "../../../site/src/engine/protocol";
import type { EngineSubject } from "./api";
import { grid, latent } from "./model";
import { repeated, type Timed } from "./timing";

// Drives the engine of the built page as the page does. The workers are the built
// ones: only the client, which passes messages, is compiled into this file.

const recipe: TrainSettings = {
  from: "scratch",
  model: { latent, hidden: 32, encoder: [32, 64, 64, 64], decoder: 32 },
  objective: "seed",
  beta: 1,
  optimizer: "rmsprop",
  learningRate: 1e-3,
  batch: 16,
  epochs: 1000, // it is stopped long before
  images: 60_000,
  seed: 1,
};

/** Milliseconds of training before the clock starts. */
const warmUp = 500;

let engine: Engine;
const baseUrl = new URL("/", location.href).href;

window.subject = {
  async open(leader, workers) {
    engine = new Engine(() => new Worker(leader, { type: "module" }) as WorkerPort);
    const weightsUrl = `${baseUrl}weights/mnist-2d.safetensors`;
    const { engine: info } = await engine.request("open", { baseUrl, weightsUrl, workers });
    await engine.request("loadData", { baseUrl: `${baseUrl}data/` });
    await engine.request("sample", { n: 1, seed: 1, temperature: 1 }); // after it the replicas start
    const { kernel, build, version } = info;
    return { kernel, build, version, isolated: crossOriginIsolated };
  },
  async reference(n) {
    const { pixels } = await engine.request("images", { set: "test", indices: Array.from({ length: n }, (_, i) => i) });
    const { mean } = await engine.request("encode", { pixels });
    const z = grid(20).slice(0, n * latent);
    const { pixels: decoded } = await engine.request("decode", { z });
    return { digits: [...pixels], means: [...mean], z: [...z], decoded: [...decoded] };
  },
  train,
  decode: (ms) => repeated(ms, 1, () => engine.request("decode", { z: new Float32Array([0.5, -0.5]) })),
  manifold: (ms) => repeated(ms, 1, () => engine.request("decode", { z: grid(20) })),
  encode: (images) => repeated(0, images, () => engine.request("encodeSet", { set: "test", start: 0, count: images })),
} satisfies EngineSubject;

async function train(batch: number, ms: number): Promise<Timed> {
  const ended = new Promise<string>((resolve) => {
    const quit = engine.on((event) => {
      if (event.type !== "end") return;
      quit();
      resolve(event.message);
    });
  });
  const lost: string[] = [];
  const quit = engine.on((event) => {
    if (event.type === "workers") lost.push(event.message);
  });
  await engine.request("train", { settings: { ...recipe, batch } });
  const began = performance.now();
  const timed = await new Promise<Timed | string>((resolve) => {
    let first: { steps: number; at: number } | undefined;
    const hear = (event: EngineEvent) => {
      if (event.type !== "step") return;
      const at = performance.now();
      const steps = event.epoch * event.steps + event.step;
      if (!first) {
        if (at - began >= warmUp) first = { steps, at };
      } else if (at - first.at >= ms) {
        stopHearing();
        resolve({ count: (steps - first.steps) * batch, ms: at - first.at });
      }
    };
    const stopHearing = engine.on(hear);
    void ended.then((message) => resolve(message)); // by itself: something went wrong
  });
  await engine.request("stop", {});
  await ended;
  quit();
  if (typeof timed === "string") throw new Error(timed);
  if (lost.length > 0) throw new Error(lost.join(" "));
  return timed;
}
