// @vitest-environment node
import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { Bridge } from "./bridge";
import { compileEngine, loadRuntime, startEngine } from "./goruntime";
import { type Fate, type Instance, LocalPort } from "./local-port.fixture";
import { EngineMemory } from "./memory";
import { ReplicaPool } from "./pool";
import type { Advance, ModelConfig, TrainSettings } from "./protocol";
import { LeaderSource } from "./source";
import { Team } from "./team";

// The built engine as leader and replicas, each an instance of its own. They take
// turns in one thread here, and their messages are cloned and transferred as between
// workers: whoever computes what, in whichever order, the weights must have the same bits.

const folder = new URL("../../public/engine/", pathToFileURL(`${import.meta.dirname}/`));
const binary = new URL("engine-simd.wasm", folder);

let leader: Instance;
const replicas: Instance[] = [];

beforeAll(async () => {
  if (!existsSync(binary)) throw new Error("site/public/engine/engine-simd.wasm is missing: run make wasm first");
  await loadRuntime(new URL("wasm_exec.js", folder).href);
  const module = await compileEngine(readFileSync(binary));
  const instance = async () => {
    const bridge = new Bridge();
    return { memory: new EngineMemory(await startEngine(module, bridge), bridge), calls: bridge.calls };
  };
  leader = await instance();
  for (let i = 0; i < 8; i++) replicas.push(await instance());
  leader.calls.setData({ set: "train", ...patterns(150) });
  leader.calls.setData({ set: "test", ...patterns(73) }); // its last range and its last slice are partial
}, 120_000);

/** n images of stripes, no two alike. */
function patterns(n: number): { images: Uint8Array; labels: Uint8Array } {
  const images = new Uint8Array(16 + n * 784);
  const labels = new Uint8Array(8 + n);
  for (const [file, words] of [
    [images, [0x803, n, 28, 28]],
    [labels, [0x801, n]],
  ] as const) {
    for (const [i, word] of words.entries()) new DataView(file.buffer).setUint32(4 * i, word);
  }
  for (let i = 0; i < n; i++) {
    for (let p = 0; p < 784; p++) images[16 + i * 784 + p] = ((p % (3 + (i % 20))) * (37 + i)) % 256;
  }
  return { images, labels };
}

const model: ModelConfig = { latent: 3, hidden: 12, encoder: [8, 8, 12, 8], decoder: 8 };
const settings: TrainSettings = {
  from: "scratch", model, objective: "elbo", beta: 0.7, optimizer: "adam", learningRate: 0.002,
  batch: 32, epochs: 2, images: 150, seed: 5,
}; // biome-ignore format: a table

interface Outcome {
  weights: Uint8Array;
  parts: Advance[];
}

/** What matters of a run: all reports, and the weights. */
function outcome(parts: Advance[]): Outcome {
  return { weights: leader.calls.saveWeights({}).bytes, parts: parts.filter((part) => part.step || part.epoch) };
}

function same(got: Outcome, want: Outcome): void {
  const steps = (parts: Advance[]) => parts.flatMap((part) => part.step ?? []);
  const epochs = (parts: Advance[]) => parts.flatMap((part) => part.epoch ?? []);
  expect(steps(got.parts)).toEqual(steps(want.parts));
  expect(epochs(got.parts)).toEqual(epochs(want.parts));
  expect(Buffer.compare(got.weights, want.weights)).toBe(0);
}

const isLast = ({ phase }: Advance) => phase === "finished" || phase === "diverged";

function alone(changes: Partial<TrainSettings> = {}): Outcome {
  leader.calls.train({ settings: { ...settings, ...changes } });
  const parts: Advance[] = [];
  do parts.push(leader.calls.advance({}));
  while (!isLast(parts.at(-1)!));
  return outcome(parts);
}

function crew(workers: number, shared: boolean, fate: (job: number) => Fate = () => "done") {
  const source = new LeaderSource(leader.memory);
  const losses: string[] = [];
  let started = 0;
  let jobs = 0;
  let tick = () => {};
  const pool = new ReplicaPool({
    source,
    shared,
    now: () => performance.now(),
    start: () => new LocalPort(replicas[started++ % replicas.length]!, () => fate(++jobs)),
    everySecond: (each) => {
      tick = each;
      return () => {};
    },
    onLoss: (_, message) => losses.push(message),
  });
  pool.resize(workers);
  return { pool, source, losses, tick: () => tick() };
}

type Crew = ReturnType<typeof crew>;

async function together(
  { pool, source, tick }: Crew,
  changes: Partial<TrainSettings> = {},
  between: (team: Team, parts: Advance[]) => void = () => {},
): Promise<Outcome> {
  const all = { ...settings, ...changes };
  const { calls, memory } = leader;
  const run = calls.train({ settings: all });
  source.hold(run.model.config);
  const { seed, objective, beta, batch } = all;
  const team = new Team({
    pool,
    memory,
    source,
    calls,
    run,
    batch,
    setup: { config: all.model, seed, objective, beta },
  });
  const parts: Advance[] = [];
  const clock = setInterval(tick, 1); // a second each
  try {
    while (parts.length === 0 || !isLast(parts.at(-1)!)) {
      if (!team.ready) await new Promise((resolve) => setTimeout(resolve));
      else {
        const part = await team.advance();
        if (part) parts.push(part);
        between(team, parts);
      }
    }
  } finally {
    clearInterval(clock);
    pool.resize(0);
  }
  return outcome(parts);
}

test.each([1, 2, 3, 4, 8])(
  "%i replicas leave the bits that the leader alone leaves, by both transports",
  { timeout: 120_000 },
  async (workers) => {
    const want = alone();
    expect(want.parts.filter((part) => part.step)).toHaveLength(10);
    for (const shared of [true, false]) same(await together(crew(workers, shared)), want);
  },
);

test("the same with the book's objective and a batch of four shards", { timeout: 120_000 }, async () => {
  const changes = { objective: "seed", optimizer: "rmsprop", batch: 16, epochs: 1 } as const;
  const want = alone(changes);
  same(await together(crew(2, true), changes), want);
  same(await together(crew(3, false), changes), want);
});

test.each<[string, (job: number) => Fate]>([
  ["dies before it answers", (job) => (job % 7 === 3 ? "dies" : "done")],
  ["dies with its gradient written", (job) => (job % 7 === 3 ? "dies after" : "done")],
  ["hangs", (job) => (job === 3 || job === 12 ? "hangs" : "done")],
])("a replica that %s is replaced, and no bit changes", { timeout: 120_000 }, async (_, fate) => {
  const want = alone();
  for (const shared of [true, false]) {
    const team = crew(2, shared, fate);
    same(await together(team), want);
    expect(team.losses.length).toBeGreaterThan(1);
  }
});

test("replicas that come and go, and steps that are cancelled, change no bit", { timeout: 120_000 }, async () => {
  const want = alone();
  const team = crew(4, true);
  let advances = 0;
  const got = await together(team, {}, (one) => {
    advances++;
    if (advances === 2) team.pool.resize(1);
    if (advances === 4) team.pool.resize(3);
    if (advances % 3 === 0) setTimeout(() => one.cancel());
  });
  same(got, want);
});

test("the leader takes over a step, and a validation, that replicas have begun", { timeout: 120_000 }, async () => {
  const want = alone();
  // Every job fails from the third step on: each of the two places is given up after three tries.
  for (const last of [5, 12]) {
    const { pool, source } = crew(2, false, (job) => (job > last ? "dies" : "done"));
    const { calls, memory } = leader;
    const run = calls.train({ settings });
    source.hold(run.model.config);
    const { seed, objective, beta, batch } = settings;
    const team = new Team({ pool, memory, source, calls, run, batch, setup: { config: model, seed, objective, beta } });
    const parts: Advance[] = [];
    while (pool.size > 0) {
      if (!team.ready) await new Promise((resolve) => setTimeout(resolve));
      else {
        const part = await team.advance();
        if (part) parts.push(part);
      }
    }
    expect(parts.length).toBeGreaterThan(1);
    team.leave();
    do parts.push(calls.advance({}));
    while (!isLast(parts.at(-1)!));
    same(outcome(parts), want);
  }
});

test("a run that diverges with replicas ends, and the model keeps finite weights", { timeout: 120_000 }, async () => {
  const wild = { learningRate: 10, epochs: 50 };
  const got = await together(crew(2, true), wild);
  same(got, alone(wild));
  expect(leader.calls.loadWeights({ bytes: got.weights, name: "w", source: "file" }).model.config).toEqual(model);
});

test("a step in the steady state allocates nothing in Go, in the leader and in a replica", {
  timeout: 60_000,
}, async () => {
  const count = () => [leader, replicas[0]!].map(({ calls }) => calls.memory({}).allocations);
  const own = count(); // what counting costs by itself
  const again = count();
  let began: number[] = [];
  let ended: number[] = [];
  const steps = 20;
  await together(crew(1, true), { batch: 4, images: 148, epochs: 1 }, (_, parts) => {
    if (parts.length === 5) began = count();
    if (parts.length === 5 + steps) ended = count();
  });
  for (const i of [0, 1]) {
    const perStep = (ended[i]! - began[i]! - (again[i]! - own[i]!)) / steps;
    expect(perStep).toBeLessThan(0.5);
  }
});

test("memory does not grow from step to step", { timeout: 60_000 }, async () => {
  const sizes: number[] = [];
  await together(crew(2, false), { batch: 16, epochs: 4 }, (_, parts) => {
    if (parts.at(-1)?.epoch)
      sizes.push(...[leader, ...replicas].map(({ memory }) => memory.exports.mem.buffer.byteLength));
  });
  expect(sizes.slice(-9)).toEqual(sizes.slice(0, 9));
});
