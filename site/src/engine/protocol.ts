// The words that page, workers and the Go engine share. wasm/protocol.go holds
// the same names in the same order; change both together.

/** Architecture of a model; the default is the book's listing. */
export interface ModelConfig {
  latent: number; // 1–128
  hidden: number; // 1–1024
  encoder: [number, number, number, number]; // channels of conv1…conv4
  decoder: number; // channels of the transposed convolution
}

export type ObjectiveName = "seed" | "elbo";
export type OptimizerName = "rmsprop" | "rmsprop-keras3" | "adam";

/** Everything that decides the bits of a run, besides the data. */
export interface TrainSettings {
  from: "scratch" | "loaded";
  model: ModelConfig; // used with "scratch"
  objective: ObjectiveName;
  beta: number; // elbo only
  optimizer: OptimizerName;
  learningRate: number;
  batch: number;
  epochs: number;
  images: number; // 1,000–60,000: the first images of the training set
  seed: number;
}

/** What the engine is running on. */
export interface EngineInfo {
  kernel: string; // e.g. "wasm simd128 (4 lanes)"
  build: "fma" | "simd" | "scalar"; // which binary was loaded
  lanes: number;
  version: string;
  workers: number; // replicas that compute shards, a setting; 0: the leader computes them itself
}

/** The model that the engine holds. */
export interface ModelInfo {
  source: "pretrained" | "file" | "trained" | "initial";
  name: string; // a file name or a description
  config: ModelConfig;
  parameters: number;
  metadata: Record<string, string>;
}

/** Means per image, in nats; loss is in the objective's own units. */
export interface Losses {
  loss: number;
  reconstruction: number;
  kl: number;
}

export interface Posterior {
  mean: Float32Array; // n × latent
  logVar: Float32Array; // n × latent
}

/** 28×28 grey images and their classes. */
export interface ImageSet {
  images: Uint8Array; // n × 784, 0 paper to 255 ink
  labels: Uint8Array; // n
}

/** A layer of ReLUs on an image: `values` is NHWC, 255 stands for `peak` and 0 for 0. */
export interface FeatureMaps {
  values: Uint8Array; // side × side × channels
  side: number;
  channels: number;
  peak: number;
}

/** Every layer's output for one image, and its losses in nats. */
export interface Activations extends Posterior {
  conv: [FeatureMaps, FeatureMaps, FeatureMaps, FeatureMaps];
  hidden: Float32Array;
  z: Float32Array; // latent
  decoderIn: FeatureMaps;
  deconv: FeatureMaps;
  probability: Float32Array; // 784
  reconstruction: number;
  kl: number;
}

/** A run that did not come to its end: its page was reloaded, closed or crashed. */
export interface InterruptedRun {
  settings: TrainSettings;
  epoch: number; // completed
  step: number; // done in the one after them
  steps: number; // in an epoch
  savedAt: number; // milliseconds since 1970
}

/** Requests: page → leader worker. The answer's type is in `Answers`. */
export interface Requests {
  /**
   * Fetches and starts the engine, from baseUrl + "engine/"; loads the pretrained weights where weightsUrl is given.
   * `workers` replicas (1–8; by default one per core) are started soon after. No result depends on their number.
   */
  open: { baseUrl: string; weightsUrl?: string; workers?: number };
  /** Replaces the model by a .safetensors file. */
  loadWeights: { bytes: ArrayBuffer; name: string; source: ModelInfo["source"] };
  saveWeights: Record<string, never>;
  /** n images from the prior: z = temperature · N(0, I), keyed by seed. */
  sample: { n: number; seed: number; temperature: number };
  /** z: n × latent. */
  decode: { z: Float32Array };
  /** pixels: n × 784 bytes. */
  encode: { pixels: Uint8Array };
  /** Encodes images [start, start+count) of a set, for scatter plots. */
  encodeSet: { set: "train" | "test"; start: number; count: number };
  /** Images and labels of a set, for strips and the like. */
  images: { set: "train" | "test"; indices: number[] };
  /** What the layers make of one image (784 bytes); eps is the noise of z (latent), sampled as the objective does. */
  activations: { pixels: Uint8Array; eps: Float32Array; objective: ObjectiveName };
  /**
   * Fetches the four MNIST .gz files from the folder baseUrl (cached), unless data is loaded already; sends "data" events.
   * With `replace` they take the place of sets of one's own.
   */
  loadData: { baseUrl: string; replace?: boolean };
  /** Replaces both sets by one's own, unless a run uses them; `name` is for messages. */
  setData: { name: string; train: ImageSet; test: ImageSet };
  /** Starts a run; answers once the first step can start. Progress arrives as events. */
  train: { settings: TrainSettings };
  /** Changes how many replicas there are, 1–8, also while a run uses them. */
  setWorkers: { workers: number };
  /** The run goes no further than the step (or the slice of one) that is being computed. */
  pause: Record<string, never>;
  resume: Record<string, never>;
  /** Ends the run, if there is one; the model stays as trained so far. */
  stop: Record<string, never>;
  /** Which run was interrupted, if any: one that another tab is saving is none. */
  interrupted: Record<string, never>;
  /** Goes on with the interrupted run, bit by bit as if nothing had happened; the data must be loaded. */
  recover: Record<string, never>;
  /** Forgets the interrupted run. */
  discard: Record<string, never>;
  /** Saves the run soon, without waiting for its turn. */
  save: Record<string, never>;
}

export interface Answers {
  open: { engine: EngineInfo; model: ModelInfo };
  loadWeights: { model: ModelInfo };
  saveWeights: { bytes: ArrayBuffer; name: string };
  sample: { pixels: Uint8Array; z: Float32Array };
  decode: { pixels: Uint8Array };
  encode: Posterior;
  encodeSet: Posterior & { labels: Uint8Array };
  images: { pixels: Uint8Array; labels: Uint8Array };
  activations: Activations;
  loadData: { train: number; test: number };
  setData: { train: number; test: number };
  train: { steps: number };
  setWorkers: { workers: number };
  pause: Record<string, never>;
  resume: Record<string, never>;
  stop: Record<string, never>;
  interrupted: { run: InterruptedRun | undefined };
  /** `history` are the events of the run so far, steps thinned out, for charts. */
  recover: { steps: number; settings: TrainSettings; epoch: number; history: RunEvent[] };
  discard: Record<string, never>;
  save: Record<string, never>;
}

/** Why a run ended; "diverged": the loss or a gradient was not finite, the model keeps its last good weights. */
export type EndReason = "finished" | "stopped" | "diverged";

/** Events: leader worker → page, whenever something happens. */
export type EngineEvent =
  | { type: "data"; file: string; received: number; total: number } // bytes; total 0 if unknown
  | { type: "engine"; received: number; total: number } // the engine's own download
  | {
      type: "step";
      epoch: number; // 0-based
      step: number; // 1-based within the epoch
      steps: number; // in an epoch
      epochs: number;
      running: Losses; // mean over this epoch's samples so far
      batch: Losses;
      imagesPerSecond: number;
      secondsLeft: number;
    }
  | { type: "epoch"; epoch: number; train: Losses; validation: Losses; seconds: number }
  | { type: "workers"; workers: number; message: string } // replicas were lost: how many there are now (0: the leader computes), and what happened
  | { type: "saved"; epoch: number; step: number; milliseconds: number } // the run would survive from here; what saving took
  | { type: "unsaved"; message: string } // once in a run: it cannot be saved, and goes on
  | { type: "model"; model: ModelInfo } // the model was replaced (a run began or weights were loaded)
  | { type: "end"; reason: EndReason; message: string; model: ModelInfo }; // the model as the run left it

/** What a run's charts are made of. */
export type RunEvent = Extract<EngineEvent, { type: "step" | "epoch" }>;

/** Why a request failed. `message` says what was wrong, where, and the way out. */
export interface EngineError {
  kind: "input" | "download" | "unsupported" | "state" | "internal";
  message: string;
}

/** The envelope of every message. */
export type ToWorker = { [K in keyof Requests]: { id: number; type: K; payload: Requests[K] } }[keyof Requests];
export type FromWorker =
  | { id: number; ok: true; payload: unknown }
  | { id: number; ok: false; error: EngineError }
  | { id: 0; event: EngineEvent };

/**
 * What the leader calls in Go. Each takes one object, answers one object, and throws a
 * failure with a kind. Typed arrays in answers are the caller's own.
 */
export interface EngineCalls {
  info(request: Record<string, never>): { kernel: string; lanes: number; version: string };
  /** An untrained model. */
  newModel(request: { config: ModelConfig; seed: number }): { model: ModelInfo };
  loadWeights(request: { bytes: Uint8Array; name: string; source: ModelInfo["source"] }): { model: ModelInfo };
  saveWeights(request: Record<string, never>): { bytes: Uint8Array; name: string };
  /** Images [start, start+count) of the n of a `sample` request. */
  sample(request: { start: number; count: number; seed: number; temperature: number }): Answers["sample"];
  decode(request: Requests["decode"]): Answers["decode"];
  encode(request: Requests["encode"]): Answers["encode"];
  encodeSet(request: Requests["encodeSet"]): Answers["encodeSet"];
  images(request: Requests["images"]): Answers["images"];
  activations(request: Requests["activations"]): Answers["activations"];
  /** Takes one decompressed pair of IDX files. */
  setData(request: { set: "train" | "test"; images: Uint8Array; labels: Uint8Array }): { count: number };
  train(request: Requests["train"]): RunInfo;
  /** Does a few milliseconds' worth of the run: a slice of a step, or of the validation at an epoch's end. */
  advance(request: Record<string, never>): Advance;
  /** Ends the run. */
  stop(request: Record<string, never>): { model: ModelInfo };
  /** The run as it was after its last step. */
  checkpoint(request: Record<string, never>): { bytes: Uint8Array; epoch: number; step: number };
  /** Goes on with the run of a checkpoint, on the first `images` of the training set. */
  recover(request: { bytes: Uint8Array; images: number }): RecoveredRun;
  /** Ends an epoch whose validation replicas computed. */
  endEpoch(request: Record<string, never>): Advance;
  /** Images [start, start+count) of a set. */
  pixels(request: Requests["encodeSet"]): Answers["images"];
  /** Makes this instance a replica, without parameters as yet. */
  makeReplica(request: ReplicaSetup): Record<string, never>;
  /** Throws what the last export with status 1 ran into. */
  fault(request: Record<string, never>): never;
  /** The heap: bytes in use, and allocations since the start. */
  memory(request: Record<string, never>): { heap: number; allocations: number };
}

/**
 * Exports of the WebAssembly instance, for what happens several times in a step: see
 * wasm/exports.go. Pointers are into mem; a status is 0 (done), 1 (`fault` says why) or 2 (diverged).
 */
export interface EngineExports {
  mem: WebAssembly.Memory;
  stepBegin(): number;
  validationBlock(lo: number, hi: number): number;
  blockStart(): number;
  blockBytes(): number;
  parameters(): number;
  parameterCount(): number;
  groupSize(replicas: number): number;
  gradient(shard: number): number;
  results(count: number): number;
  stepAccept(first: number, count: number): number;
  stepFinish(group: number): number;
  stepReport(): number;
  validationAccept(lo: number, hi: number): number;
  replicaParameters(): number;
  replicaChanged(): void;
  replicaBlock(bytes: number): number;
  replicaGradient(first: number, count: number): number;
  replicaSum(): number;
  replicaScore(): number;
}

/** What a replica needs to know of a run; without an objective it only decodes and encodes. */
export interface ReplicaSetup {
  config: ModelConfig;
  group: number; // the most shards at a time
  seed: number;
  objective: ObjectiveName | "";
  beta: number;
}

/** A run that is about to begin. */
export interface RunInfo {
  steps: number; // in an epoch
  epochs: number;
  images: number; // of the training set that are used
  validation: number; // images that each epoch's validation reads
  shards: number; // parts that a batch is cut into
  model: ModelInfo;
}

/** A run that goes on, and where. */
export interface RecoveredRun {
  run: RunInfo;
  epoch: number; // completed
  step: number; // done in the one after them
}

/** What one slice of a run brought. */
export interface Advance {
  phase: "train" | "validate" | "finished" | "diverged"; // of this slice; the last two end the run
  images: number; // whose training (at a step's last slice) or validation is now done
  step?: { epoch: number; step: number; epochDone: boolean; running: Losses; batch: Losses }; // a step's last slice
  epoch?: { epoch: number; train: Losses; validation: Losses }; // an epoch's last slice
  model?: ModelInfo; // as the run left it, at its end
}
