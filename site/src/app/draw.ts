import type { ModelInfo } from "../engine/protocol";
import type { DrawingScore, DrawingSeen, Neighbours } from "../views/draw";
import { nearestTo, shareBelow } from "../views/draw-score";
import type { Points } from "../views/map-drawing";
import { type DigitShelf, shelfSize, type TestData } from "./draw-digits";
import { ElboReference } from "./draw-reference";
import { fixedNoise, posteriorOf, samplesOf, samplesPerDigit, scoreOf } from "./draw-scoring";
import { Latest } from "./latest";
import type { EnginePort } from "./port";

export interface DrawingCallbacks {
  onChange(): void;
  onError(error: unknown): void;
  /** A sentence worth saying aloud, once the drawing rests. */
  onNews(text: string): void;
}

const neighbourCount = 10;
const restMilliseconds = 1200;

/** A drawing and what the model makes of it, always of the latest drawing and the latest model. */
export class Drawing {
  image: Uint8Array | undefined; // 784
  seen: DrawingSeen | undefined;
  neighbours: Neighbours | undefined;
  private model: ModelInfo | undefined;
  private points: Points | undefined;
  private training = false;
  private around = "";
  private rest: ReturnType<typeof setTimeout> | undefined;
  private readonly reference: ElboReference;
  private readonly seeLatest: Latest<Uint8Array>;
  private readonly aroundLatest: Latest<number[]>;

  constructor(
    private readonly engine: EnginePort,
    private readonly data: TestData,
    shelf: DigitShelf,
    private readonly callbacks: DrawingCallbacks,
  ) {
    this.reference = new ElboReference(engine, shelf, () => this.training, callbacks.onChange);
    this.seeLatest = new Latest((image) => this.see(image).catch(callbacks.onError));
    this.aroundLatest = new Latest((z) => this.lookAround(z).catch(callbacks.onError));
    engine.on((event) => {
      if (event.type === "epoch") this.learnt();
    });
  }

  draw(image: Uint8Array | undefined): void {
    this.image = image;
    clearTimeout(this.rest);
    if (image) {
      if (this.model) this.seeLatest.push(image);
      this.rest = setTimeout(() => this.tell(), restMilliseconds);
      return;
    }
    this.seeLatest.clear();
    this.seen = this.neighbours = undefined;
    this.callbacks.onChange();
  }

  modelChanged(model: ModelInfo): void {
    const other = model.config.latent !== this.model?.config.latent;
    this.model = model;
    this.around = "";
    if (other) this.seen = this.neighbours = this.points = undefined;
    this.reference.outdate(model, false);
    this.seeAgain();
  }

  /** The test digits were replaced. */
  dataChanged(): void {
    this.neighbours = undefined;
    this.around = "";
    if (this.model) this.reference.outdate(this.model, false);
  }

  /** Asks the model again about the same drawing: it may have learnt something. */
  seeAgain(): void {
    if (this.image && this.model) this.seeLatest.push(this.image);
  }

  /** The world around: encoded test digits to look among, and whether somebody needs the engine more. */
  update(points: Points | undefined, pointsReady: boolean, training: boolean): void {
    this.training = training;
    if (points !== this.points) {
      this.points = points;
      if (this.seen) this.aroundLatest.push([...this.seen.mean]);
    }
    // After the map's points, and during a run only where somebody looks at the result.
    const wanted = pointsReady && this.data.hasData && (!training || this.image !== undefined);
    if (wanted && this.model && this.reference.isStale) {
      void this.reference.measure().catch(this.callbacks.onError);
    }
  }

  score(loading: boolean): DrawingScore {
    const { scores, done } = this.reference;
    if (scores && this.seen) {
      const share = shareBelow(scores, -(this.seen.reconstruction + this.seen.kl));
      return { kind: "ready", share, digits: scores.length };
    }
    if (this.data.hasData) return { kind: "measuring", done, total: shelfSize };
    return { kind: loading ? "loading" : "no data" };
  }

  private learnt(): void {
    if (this.model) this.reference.outdate(this.model, true);
    this.seeAgain();
  }

  private async see(image: Uint8Array): Promise<void> {
    const { model } = this;
    if (!model) return;
    const posterior = await this.engine.request("encode", { pixels: image.slice() });
    if (model !== this.model) return this.seeAgain();
    const { mean, sigma } = posteriorOf(model, posterior, 0);
    const { latent } = model.config;
    const z = new Float32Array((1 + samplesPerDigit) * latent);
    z.set(mean);
    z.set(samplesOf(mean, sigma, fixedNoise(latent, samplesPerDigit)), latent);
    const { pixels: decoded } = await this.engine.request("decode", { z });
    if (model !== this.model) return this.seeAgain();
    if (this.image === undefined) return; // the paper was cleared meanwhile
    const { reconstruction, kl } = scoreOf(image, mean, sigma, decoded.subarray(784));
    this.seen = { pixels: image, mean, sigma, decoded, reconstruction, kl };
    this.aroundLatest.push(mean);
    this.callbacks.onChange();
  }

  private async lookAround(z: number[]): Promise<void> {
    const { points } = this;
    if (!points || points.count === 0 || z.length !== this.model?.config.latent) return;
    const near = nearestTo(z, points.mean, points.count, neighbourCount);
    const around = near.map(({ index, distance }) => `${index}:${distance.toFixed(2)}`).join();
    if (around === this.around && this.neighbours) return;
    const indices = near.map(({ index }) => index);
    const { pixels, labels } = await this.engine.request("images", { set: "test", indices });
    if (this.image === undefined) return;
    this.around = around;
    this.neighbours = { pixels, labels: [...labels], distances: near.map(({ distance }) => distance) };
    this.callbacks.onChange();
  }

  private tell(): void {
    const { seen, neighbours } = this;
    if (!seen) return;
    const score = this.score(false);
    const alike =
      score.kind === "ready" ? ` More digit-like than ${Math.round(score.share * 100)} % of test digits.` : "";
    const near = neighbours ? ` Nearest test digits: ${neighbours.labels.slice(0, 5).join(", ")}.` : "";
    this.callbacks.onNews(`The drawing is encoded.${alike}${near}`);
  }
}
