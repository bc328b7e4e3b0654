import type { CheckpointStore } from "./checkpoint-store";
import { checkSet, fetchIdx, forgetIdx, idxOf, mnistFiles } from "./data";
import { EngineFailure } from "./failure";
import type { ReplicaPort } from "./lane";
import type { Answers, EngineCalls, EngineEvent, ModelInfo, Requests } from "./protocol";
import type { JobAnswer, ReplicaJob } from "./replica-protocol";
import { Runs } from "./runs";
import { inShares, inSlices, joinBytes, joinFloats, type Lender, type Pace } from "./slices";
import { Staff, workersWanted } from "./staff";
import { fetchEngine, fetchWeights } from "./start";

/** Images that are decoded or encoded before the clock is looked at again. */
const decodeSlice = 32;
const encodeSlice = 8;
/** The same, of what a replica is asked for at a time. */
const lentSlice = { least: 8, most: 64 };
const pixelsPerImage = 784;
/** Pictures in one request; more would be a mistake. */
const maxImages = 10_000;

/** The book's listing. */
const defaultConfig = { latent: 2, hidden: 32, encoder: [32, 64, 64, 64], decoder: 32 } satisfies ModelInfo["config"];

type Handlers = { [K in keyof Requests]: (payload: Requests[K]) => Answers[K] | Promise<Answers[K]> };

export interface HandlerOptions extends Pace {
  emit: (event: EngineEvent) => void;
  /** The engine is gone for good. */
  onLost: (failure: EngineFailure) => void;
  /** Starts a worker that runs replica.ts. */
  startReplica: () => ReplicaPort;
  /** Opens what runs are saved in. */
  openStore: () => Promise<CheckpointStore>;
}

/** What the leader worker does for each request. It owns the engine, and with it the model, the data and the run. */
export class LeaderHandlers implements Handlers {
  private engine: EngineCalls | undefined;
  private staff: Staff | undefined;
  private opening = false;
  private model: ModelInfo | undefined;
  private generation = 0; // rises with every new model
  private data: Promise<Answers["loadData"]> | undefined;
  private own: Answers["setData"] | undefined; // where the data is not MNIST
  private readonly runs: Runs;

  constructor(private readonly options: HandlerOptions) {
    this.runs = new Runs({ ...options, onModel: (model) => this.hold(model) });
  }

  async open({ baseUrl, weightsUrl, workers: setting }: Requests["open"]): Promise<Answers["open"]> {
    if (this.opening) throw new EngineFailure("state", "The engine is open already.");
    const workers = workersWanted(setting);
    this.opening = true;
    const { emit, onLost, now, startReplica } = this.options;
    const weights = weightsUrl ? fetchWeights(weightsUrl) : undefined; // beside the engine, not after it
    weights?.catch(() => {}); // awaited below
    const { calls, memory, info, program } = await fetchEngine(
      baseUrl,
      (received, total) => emit({ type: "engine", received, total }),
      onLost,
    );
    const { model } = weights
      ? calls.loadWeights({ ...(await weights), source: "pretrained" })
      : calls.newModel({ config: defaultConfig, seed: 1 });
    this.engine = calls;
    this.staff = new Staff({ calls, memory, program, workers, emit, now, startReplica });
    this.hold(model);
    return { engine: { ...info, workers }, model };
  }

  loadWeights({ bytes, name, source }: Requests["loadWeights"]): Answers["loadWeights"] {
    const { model } = this.calls.loadWeights({ bytes: new Uint8Array(bytes), name, source });
    this.hold(model);
    this.options.emit({ type: "model", model });
    return { model };
  }

  saveWeights(): Answers["saveWeights"] {
    const { bytes, name } = this.calls.saveWeights({});
    return { bytes: bytes.buffer as ArrayBuffer, name };
  }

  async sample({ n, seed, temperature }: Requests["sample"]): Promise<Answers["sample"]> {
    const calls = this.calls;
    count("The number of samples", n);
    const part = (start: number, end: number) => ({ start, count: end - start, seed, temperature });
    const parts = await this.shares(
      n,
      decodeSlice,
      (start, end) => calls.sample(part(start, end)),
      this.lender(
        (start, end) => ({ kind: "sample", request: part(start, end) }),
        (answer) => answer as Answers["sample"],
      ),
    );
    this.staff?.begin(); // the first picture is there: now the replicas may start
    return { pixels: joinBytes(parts.map((p) => p.pixels)), z: joinFloats(parts.map((p) => p.z)) };
  }

  async decode({ z }: Requests["decode"]): Promise<Answers["decode"]> {
    const calls = this.calls;
    const latent = this.model?.config.latent ?? 1;
    if (z.length % latent !== 0) return calls.decode({ z }); // it says what is wrong
    const points = (start: number, end: number) => ({ z: z.subarray(start * latent, end * latent) });
    const parts = await this.shares(
      z.length / latent,
      decodeSlice,
      (start, end) => calls.decode(points(start, end)),
      this.lender(
        (start, end) => ({ kind: "decode", request: { z: points(start, end).z.slice() } }),
        (answer) => answer as Answers["decode"],
      ),
    );
    this.staff?.begin();
    return { pixels: joinBytes(parts.map((p) => p.pixels)) };
  }

  async encode({ pixels }: Requests["encode"]): Promise<Answers["encode"]> {
    const calls = this.calls;
    const parts = await this.slices(pixels.length, encodeSlice * pixelsPerImage, (start, end) =>
      calls.encode({ pixels: pixels.subarray(start, end) }),
    );
    return { mean: joinFloats(parts.map((p) => p.mean)), logVar: joinFloats(parts.map((p) => p.logVar)) };
  }

  async encodeSet({ set, start, count: n }: Requests["encodeSet"]): Promise<Answers["encodeSet"]> {
    const calls = this.calls;
    count("The number of images to encode", n, 60_000);
    const part = (lo: number, hi: number) => ({ set, start: start + lo, count: hi - lo });
    const parts = await this.shares(
      n,
      encodeSlice,
      (lo, hi) => calls.encodeSet(part(lo, hi)),
      this.lender(
        (lo, hi) => ({ kind: "encode", request: { pixels: calls.pixels(part(lo, hi)).pixels } }),
        (answer, lo, hi) => ({ ...(answer as Answers["encode"]), labels: calls.pixels(part(lo, hi)).labels }),
      ),
    );
    return {
      mean: joinFloats(parts.map((p) => p.mean)),
      logVar: joinFloats(parts.map((p) => p.logVar)),
      labels: joinBytes(parts.map((p) => p.labels)),
    };
  }

  images(request: Requests["images"]): Answers["images"] {
    return this.calls.images(request);
  }

  activations(request: Requests["activations"]): Answers["activations"] {
    return this.calls.activations(request);
  }

  /** Everybody who asks shares one download; after a failure the next request tries again. */
  loadData({ baseUrl, replace }: Requests["loadData"]): Promise<Answers["loadData"]> {
    const calls = this.calls;
    if (replace && this.own) {
      this.refuseDuringRun();
      this.own = undefined;
      this.data = undefined;
    }
    this.data ??= this.fetchData(calls, baseUrl).catch((error: unknown) => {
      this.data = undefined;
      throw error;
    });
    return this.data;
  }

  /** What was loaded before is gone; MNIST comes back with a loadData that says `replace`. */
  setData({ name, train, test }: Requests["setData"]): Answers["setData"] {
    const calls = this.calls;
    checkSet(train, `training set of ${name}`);
    checkSet(test, `test set of ${name}`);
    this.refuseDuringRun();
    const take = (set: "train" | "test", { images, labels }: Requests["setData"]["train"]) =>
      calls.setData({ set, images: idxOf(images, [28, 28]), labels: idxOf(labels, []) }).count;
    const counts = { train: take("train", train), test: take("test", test) };
    this.own = counts;
    this.data = Promise.resolve(counts);
    return counts;
  }

  train(request: Requests["train"]): Answers["train"] {
    return this.runs.train(this.calls, this.staffed, request);
  }

  async interrupted(): Promise<Answers["interrupted"]> {
    return { run: await this.runs.interrupted() };
  }

  recover(): Promise<Answers["recover"]> {
    return this.runs.recover(this.calls, this.staffed);
  }

  async discard(): Promise<Answers["discard"]> {
    await this.runs.discard();
    return {};
  }

  save(): Answers["save"] {
    this.runs.save();
    return {};
  }

  setWorkers({ workers }: Requests["setWorkers"]): Answers["setWorkers"] {
    return { workers: this.staffed.resize(workers) };
  }

  pause(): Answers["pause"] {
    this.runs.pause();
    return {};
  }

  resume(): Answers["resume"] {
    this.runs.resume();
    return {};
  }

  async stop(): Promise<Answers["stop"]> {
    await this.runs.stop();
    return {};
  }

  private refuseDuringRun(): void {
    if (this.runs.active) throw new EngineFailure("state", "A run is using the data: stop it first.");
  }

  private get calls(): EngineCalls {
    if (!this.engine) throw new EngineFailure("state", "The engine is not open yet.");
    return this.engine;
  }

  private get staffed(): Staff {
    if (!this.staff) throw new EngineFailure("state", "The engine is not open yet.");
    return this.staff;
  }

  private hold(model: ModelInfo): void {
    this.model = model;
    this.staff?.source.hold(model.config);
    this.generation++;
  }

  private slices<Part>(total: number, size: number, part: (start: number, end: number) => Part): Promise<Part[]> {
    return inSlices(total, size, this.options, part, this.unchanged());
  }

  /** The same, with the help of replicas that nobody else needs. */
  private shares<Part>(
    total: number,
    size: number,
    part: (start: number, end: number) => Part,
    lender: Lender<Part>,
  ): Promise<Part[]> {
    const lent = this.staffed.share(total, lentSlice.least, lentSlice.most);
    return inShares(total, size, lent, this.options, part, lender, this.unchanged());
  }

  /** Replicas are lent while no run needs them. */
  private lender<Part>(
    job: (start: number, end: number) => ReplicaJob,
    answer: (answer: NonNullable<JobAnswer>, start: number, end: number) => Part,
  ): Lender<Part> {
    return this.staffed.lender(() => this.runs.busy, job, answer);
  }

  /** A check that the model is still the one that it is now. */
  private unchanged(): () => void {
    const { generation } = this;
    return () => {
      if (generation !== this.generation) {
        throw new EngineFailure("state", "The model was replaced before the answer was complete: ask again.");
      }
    };
  }

  private async fetchData(calls: EngineCalls, folder: string): Promise<Answers["loadData"]> {
    const fetchOne = (file: string) =>
      fetchIdx(folder, file, (received, total) => this.options.emit({ type: "data", file, received, total }));
    const fetchPair = async (set: "train" | "test") => {
      const files = mnistFiles[set];
      const [images, labels] = await Promise.all([fetchOne(files[0]), fetchOne(files[1])]);
      if (this.own) return this.own[set]; // MNIST was still on its way when other images came
      try {
        return calls.setData({ set, images, labels }).count;
      } catch (error) {
        await Promise.all(files.map((file) => forgetIdx(folder, file))); // do not keep what is broken
        if (!(error instanceof EngineFailure) || error.kind !== "input") throw error;
        throw new EngineFailure("download", error.message);
      }
    };
    const [train, test] = await Promise.all([fetchPair("train"), fetchPair("test")]);
    return { train, test };
  }
}

function count(what: string, n: number, most = maxImages): void {
  if (!Number.isInteger(n) || n < 1 || n > most) {
    throw new EngineFailure("input", `${what} is ${n}, want a whole number from 1 to ${most}.`);
  }
}
