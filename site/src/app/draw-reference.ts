import type { ModelInfo } from "../engine/protocol";
import { type DigitShelf, shelfSize } from "./draw-digits";
import { fixedNoise, posteriorOf, samplesOf, samplesPerDigit, scoreOf } from "./draw-scoring";
import type { EnginePort } from "./port";

/** Test digits that are scored in one go: short enough that nobody waits for them. */
const chunk = 10;
/** While a model trains, measuring takes about this share of the engine's time. */
const backgroundShare = 0.1;

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** The ELBOs of test digits, which a drawing is compared with; measured in the background. */
export class ElboReference {
  /** ELBOs in nats, ascending; of the model that was measured last. */
  scores: Float64Array | undefined;
  done = 0; // test digits of the measurement under way
  private model: ModelInfo | undefined;
  private wanted = 0;
  private measured = 0;
  private busy = false;

  constructor(
    private readonly engine: EnginePort,
    private readonly shelf: DigitShelf,
    private readonly isTraining: () => boolean,
    private readonly onChange: () => void,
  ) {}

  /** The model is another one, or has learnt on: the scores are out of date. */
  outdate(model: ModelInfo, keep: boolean): void {
    this.model = model;
    this.wanted++;
    this.done = 0;
    if (!keep) this.scores = undefined;
  }

  get isStale(): boolean {
    return this.measured !== this.wanted;
  }

  /** Scores the test digits, from the beginning again when the model changes meanwhile. */
  async measure(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.isStale) await this.measureOnce();
    } catch (error) {
      this.measured = this.wanted; // once is enough; the next model tries again
      throw error;
    } finally {
      this.busy = false;
    }
  }

  private async measureOnce(): Promise<void> {
    const { model, wanted } = this;
    if (!model) {
      this.measured = wanted;
      return;
    }
    const { pixels } = await this.shelf.all();
    const scores = new Float64Array(Math.min(shelfSize, pixels.length / 784));
    const noise = fixedNoise(model.config.latent, samplesPerDigit);
    for (let start = 0; start < scores.length; start += chunk) {
      const count = Math.min(chunk, scores.length - start);
      const began = performance.now();
      const part = await this.scoreChunk(model, pixels.slice(start * 784, (start + count) * 784), noise);
      if (wanted !== this.wanted) return;
      scores.set(part, start);
      this.done = start + count;
      if (this.isTraining()) await pause((performance.now() - began) * (1 / backgroundShare - 1));
      if (this.scores === undefined) this.onChange();
    }
    if (wanted !== this.wanted) return;
    this.scores = scores.sort();
    this.measured = wanted;
    this.onChange();
  }

  private async scoreChunk(model: ModelInfo, pixels: Uint8Array, noise: Float32Array): Promise<Float64Array> {
    const { latent } = model.config;
    const count = pixels.length / 784;
    const posterior = await this.engine.request("encode", { pixels });
    const each = Array.from({ length: count }, (_, i) => posteriorOf(model, posterior, i));
    const z = new Float32Array(count * samplesPerDigit * latent);
    each.forEach(({ mean, sigma }, i) => {
      z.set(samplesOf(mean, sigma, noise), i * samplesPerDigit * latent);
    });
    const { pixels: decoded } = await this.engine.request("decode", { z });
    const size = samplesPerDigit * 784;
    return Float64Array.from(each, ({ mean, sigma }, i) => {
      const image = pixels.subarray(i * 784, (i + 1) * 784);
      const { reconstruction, kl } = scoreOf(image, mean, sigma, decoded.subarray(i * size, (i + 1) * size));
      return -(reconstruction + kl);
    });
  }
}
