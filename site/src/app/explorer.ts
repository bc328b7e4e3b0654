import type { Points } from "../views/map-drawing";
import type { DataStatus } from "../views/map-panel";
import type { ReconstructionsData } from "../views/reconstructions";
import { manifoldGrid, warpOf } from "../views/warp";
import { Latest } from "./latest";
import { type EnginePort, failureOf } from "./port";
import type { State } from "./state";

export interface ExplorerCallbacks {
  /** Something new to draw. */
  onChange(): void;
  /** The digit for the point last looked at. */
  onDigit(pixels: Uint8Array): void;
  onError(error: unknown): void;
}

/** Tiles along one side of the map, as in the book's figure. */
export const manifoldSide = 15;
const scatterMost = 5000;
/** The first test digit of each class, 0 to 9, in MNIST's order. */
const stripIndices = [3, 2, 1, 18, 4, 8, 11, 0, 61, 7];
/** While a model trains, encoding in the background takes about this share of the engine's time. */
const backgroundShare = 0.1;
/** A chunk of encoding should not make the eye's requests wait longer than this. */
const chunkMilliseconds = 40;

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** Everything the page looks at: samples, the map's tiles and points, the digit at the cursor, reconstructions. */
export class Explorer {
  samples: Uint8Array | undefined;
  manifold: { pixels: Uint8Array; n: number } | undefined;
  points: Points | undefined;
  status: DataStatus = { kind: "idle" };
  /** A run is going on: the scatter waits its turn. */
  training = false;
  strip: Omit<ReconstructionsData, "palette"> | undefined;

  /** Images of the test set, as far as it is loaded. */
  testCount = 0;
  private ownData = false;
  private latent = 0;
  private generation = 0; // rises with every new model, so that late answers about the old one are dropped
  private chunk = 8;
  private nextRefresh = 0;
  private encoding = false;
  /** How far each file of MNIST is, in bytes. */
  private readonly files = new Map<string, { received: number; total: number }>();
  private loading: Promise<void> | undefined;
  private readonly samplesLatest: Latest<State["samples"]>;
  private readonly manifoldLatest: Latest<State["map"]>;
  private readonly digitLatest: Latest<number[]>;

  constructor(
    private readonly engine: EnginePort,
    private readonly callbacks: ExplorerCallbacks,
  ) {
    const guarded =
      <Input>(task: (input: Input) => Promise<void>) =>
      (input: Input) =>
        task(input).catch((error: unknown) => callbacks.onError(error));
    this.samplesLatest = new Latest(guarded((input) => this.takeSamples(input)));
    this.manifoldLatest = new Latest(guarded((input) => this.takeManifold(input)));
    this.digitLatest = new Latest(guarded((z) => this.takeDigit(z)));
    engine.on((event) => {
      // Other files may go on for a while after one has failed: that is no news any more.
      if (event.type !== "data" || this.status.kind !== "loading") return;
      this.files.set(event.file, event);
      const files = [...this.files.values()];
      const received = files.reduce((sum, file) => sum + file.received, 0);
      const total = files.reduce((sum, file) => sum + file.total, 0);
      this.status = { kind: "loading", received, total: files.every((file) => file.total > 0) ? total : 0 };
      callbacks.onChange();
    });
  }

  /** A model was replaced: what was drawn for another latent size means nothing now. */
  modelChanged(latent: number): void {
    this.generation++;
    if (latent === this.latent) return;
    this.latent = latent;
    this.manifold = undefined;
    this.points = undefined;
  }

  sample(settings: State["samples"]): void {
    this.samplesLatest.push({ ...settings });
  }

  drawMap(map: State["map"]): void {
    this.manifoldLatest.push(map);
  }

  look(z: number[]): void {
    this.digitLatest.push(z);
  }

  /** Fetches MNIST once; everybody who asks meanwhile waits for the same download. */
  loadData(): Promise<void> {
    this.loading ??= this.takeData().catch((error: unknown) => {
      this.loading = undefined;
      this.status = { kind: "failed", message: failureOf(error).message };
      this.callbacks.onChange();
      throw error;
    });
    return this.loading;
  }

  /** The engine holds other sets: MNIST again, or images of one's own. */
  dataReplaced(testCount: number, own: boolean): void {
    this.loading = Promise.resolve();
    this.dataReady = true;
    this.testCount = testCount;
    this.ownData = own;
    this.generation++;
    this.points = undefined;
    this.strip = undefined;
    this.status = { kind: "encoding", done: 0, total: this.scatterDigits };
    this.callbacks.onChange();
  }

  private get scatterDigits(): number {
    return Math.min(scatterMost, this.testCount || scatterMost);
  }

  /** The engine is gone, and the data that it held; what was drawn stays on the page. */
  engineLost(): void {
    this.loading = undefined;
    this.dataReady = false;
    this.ownData = false;
    this.generation++;
    if (this.status.kind !== "ready") this.status = { kind: "idle" };
    this.callbacks.onChange();
  }

  get hasData(): boolean {
    return this.dataReady;
  }
  private dataReady = false;

  /** Encodes the test digits for the scatter, in chunks short enough that nobody waits for them. */
  async encodeTest(): Promise<void> {
    if (!this.dataReady || this.encoding || this.latent === 0) return;
    this.encoding = true;
    try {
      let generation = -1;
      let shown = Number.NEGATIVE_INFINITY;
      for (let start = 0; start < this.scatterDigits; ) {
        if (generation !== this.generation) {
          generation = this.generation; // a new model: from the beginning
          start = 0;
        }
        const count = Math.min(this.chunk, this.scatterDigits - start);
        const began = performance.now();
        const taken = await this.encodeChunk(start, count);
        if (this.training) await pause((performance.now() - began) * (1 / backgroundShare - 1));
        if (!taken) continue;
        start += count;
        this.status =
          start < this.scatterDigits
            ? { kind: "encoding", done: start, total: this.scatterDigits }
            : { kind: "ready", digits: this.scatterDigits };
        // Thousands of points take milliseconds to draw: a few times a second will do.
        if (start < this.scatterDigits && performance.now() - shown < 250) continue;
        shown = performance.now();
        this.callbacks.onChange();
      }
    } catch (error) {
      this.callbacks.onError(error);
    } finally {
      this.encoding = false;
    }
  }

  /** Goes over a part of the points again, so that the scatter drifts with a model in training. */
  async refreshPoints(count: number): Promise<void> {
    const { points } = this;
    if (!points || this.encoding || points.count < this.scatterDigits) return;
    const start = this.nextRefresh < points.count ? this.nextRefresh : 0;
    const end = Math.min(points.count, start + count);
    if (await this.encodeChunk(start, end - start)) this.nextRefresh = end;
  }

  /** Ten test digits and what the model makes of them. */
  async reconstruct(): Promise<void> {
    if (!this.dataReady) return;
    const generation = this.generation;
    const indices = this.ownData ? stripIndices.map((_, i) => i).filter((i) => i < this.testCount) : stripIndices;
    const { pixels } = await this.engine.request("images", { set: "test", indices });
    const { mean } = await this.engine.request("encode", { pixels: pixels.slice() });
    const decoded = await this.engine.request("decode", { z: mean });
    if (generation !== this.generation) return;
    this.strip = { originals: pixels, decoded: decoded.pixels };
    this.callbacks.onChange();
  }

  private async takeData(): Promise<void> {
    this.files.clear();
    this.status = { kind: "loading", received: 0, total: 0 };
    this.callbacks.onChange();
    const { test } = await this.engine.request("loadData", { baseUrl: new URL("./data/", document.baseURI).href });
    this.testCount = test;
    this.dataReady = true;
    this.status = { kind: "encoding", done: 0, total: this.scatterDigits };
    this.callbacks.onChange();
  }

  private async takeSamples(settings: State["samples"]): Promise<void> {
    const { pixels } = await this.engine.request("sample", settings);
    this.samples = pixels;
    this.callbacks.onChange();
  }

  private async takeManifold(map: State["map"]): Promise<void> {
    const { generation, latent } = this;
    if (latent === 0) return;
    const z = manifoldGrid(manifoldSide, latent, map.axes, map.z, warpOf(map.spacing));
    const { pixels } = await this.engine.request("decode", { z });
    if (generation !== this.generation && latent !== this.latent) return;
    this.manifold = { pixels, n: manifoldSide };
    this.callbacks.onChange();
  }

  private async takeDigit(z: number[]): Promise<void> {
    if (z.length !== this.latent) return;
    const { pixels } = await this.engine.request("decode", { z: Float32Array.from(z) });
    this.callbacks.onDigit(pixels);
  }

  /** Encodes [start, start + count) into the points; false if the model was replaced meanwhile. */
  private async encodeChunk(start: number, count: number): Promise<boolean> {
    const { generation, latent } = this;
    const began = performance.now();
    const { mean, labels } = await this.engine.request("encodeSet", { set: "test", start, count });
    const spent = performance.now() - began;
    this.chunk = Math.max(4, Math.min(128, Math.round((count * chunkMilliseconds) / Math.max(1, spent))));
    if (generation !== this.generation) return false;
    const points = this.points ?? {
      mean: new Float32Array(this.scatterDigits * latent),
      labels: new Uint8Array(this.scatterDigits),
      count: 0,
    };
    points.mean.set(mean, start * latent);
    points.labels.set(labels, start);
    this.points = { ...points, count: Math.max(points.count, start + count) };
    return true;
  }
}
