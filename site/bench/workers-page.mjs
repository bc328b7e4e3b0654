/** In the page: a client of the leader worker, window.bench. */
export function install(leaderFile) {
  const worker = new Worker(`/assets/${leaderFile}`, { type: "module" });
  const pending = new Map();
  const listeners = new Set();
  let nextId = 1;
  worker.onerror = (event) => {
    throw new Error(`the leader failed: ${event.message}`);
  };
  worker.onmessage = ({ data }) => {
    if (data.event) {
      for (const listener of listeners) listener(data.event);
      return;
    }
    const { resolve, reject } = pending.get(data.id);
    pending.delete(data.id);
    if (data.ok) resolve(data.payload);
    else reject(new Error(data.error.message));
  };
  const request = (type, payload = {}) =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      pending.set(id, { resolve, reject });
      worker.postMessage({ id, type, payload });
    });
  const when = (test) =>
    new Promise((resolve) => {
      const listener = (event) => {
        if (!test(event)) return;
        listeners.delete(listener);
        resolve(event);
      };
      listeners.add(listener);
    });
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const timed = async (type, payload) => {
    const began = performance.now();
    await request(type, payload);
    return performance.now() - began;
  };
  const settings = {
    from: "scratch",
    model: { latent: 2, hidden: 32, encoder: [32, 64, 64, 64], decoder: 32 },
    objective: "seed",
    beta: 1,
    optimizer: "rmsprop",
    learningRate: 0.001,
    batch: 16,
    epochs: 100_000,
    images: 4096,
    seed: 1,
  };
  const losses = [];
  listeners.add((event) => event.type === "workers" && losses.push(event.message));

  window.bench = {
    losses,
    async open(workers) {
      const { engine } = await request("open", { baseUrl: location.origin, workers });
      await request("loadData", { baseUrl: `${location.origin}/data/` });
      await request("sample", { n: 1, seed: 1, temperature: 1 }); // the replicas start now
      await sleep(1500);
      return engine;
    },
    /** Images per second over so many seconds of training, and what a decode and a pause take meanwhile (median and worst, ms). */
    async train(workers, batch, duration) {
      await request("setWorkers", { workers });
      await sleep(1000);
      await request("train", { settings: { ...settings, batch } });
      const first = await when((event) => event.type === "step" && event.step > 2);
      const began = performance.now();
      const decodes = [];
      const seen = [];
      const done = ({ epoch, step }) => epoch * settings.images + step * batch;
      const listener = (event) => {
        if (event.type === "step") seen.push({ images: done(event) - done(first), at: performance.now() - began });
      };
      listeners.add(listener);
      while (performance.now() - began < duration * 1000) {
        decodes.push(await timed("decode", { z: new Float32Array([0.1, decodes.length % 3]) }));
        await sleep(200);
      }
      const pause = await timed("pause");
      listeners.delete(listener);
      await request("stop");
      // The fastest half second is what the machine does while others leave it alone.
      let fastest = 0;
      for (const from of seen) {
        const to = seen.find(({ at }) => at >= from.at + 500);
        if (to) fastest = Math.max(fastest, (1000 * (to.images - from.images)) / (to.at - from.at));
      }
      const last = seen.at(-1);
      decodes.sort((a, b) => a - b);
      return {
        perSecond: (1000 * last.images) / last.at,
        fastest,
        decode: decodes[decodes.length >> 1],
        decodeWorst: decodes.at(-1),
        pause,
      };
    },
    /** One z, the 20×20 manifold, and the test set, with so many replicas that are idle: ms. */
    async idle(workers, encode) {
      await request("setWorkers", { workers });
      await sleep(1000);
      const grid = Float32Array.from({ length: 800 }, (_, i) => ((i * 7) % 13) / 5 - 1.2);
      await request("decode", { z: grid });
      const one = [];
      for (let i = 0; i < 20; i++) one.push(await timed("decode", { z: new Float32Array([i / 10, 0]) }));
      const all = [];
      for (let i = 0; i < 5; i++) all.push(await timed("decode", { z: grid }));
      const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
      return {
        one: median(one),
        manifold: median(all),
        encode: encode ? await timed("encodeSet", { set: "test", start: 0, count: 10_000 }) : undefined,
      };
    },
    /** A checksum of the weights and the losses after a short epoch. */
    async bits(workers, batch) {
      await request("setWorkers", { workers });
      await sleep(1500);
      const epoch = when((event) => event.type === "epoch");
      const end = when((event) => event.type === "end");
      await request("train", { settings: { ...settings, batch, images: 1000, epochs: 1 } });
      const { train, validation } = await epoch;
      await end;
      const { bytes } = await request("saveWeights");
      let hash = 0xcbf29ce484222325n;
      const words = new Uint32Array(bytes.slice(bytes.byteLength % 4));
      for (const word of words) hash = ((hash ^ BigInt(word)) * 0x100000001b3n) & 0xffffffffffffffffn;
      return `${hash.toString(16)} ${train.loss} ${validation.loss}`;
    },
  };
  return crossOriginIsolated;
}
