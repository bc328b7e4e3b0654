import type { ModelInfo, Posterior } from "../engine/protocol";
import { crossEntropy, klToPrior } from "../views/draw-score";

/** Samples of q(z|x) that one ELBO is the mean of; even, as they come in pairs ±ε. */
export const samplesPerDigit = 8;

/** Which normal a model's encoder means: the book's objective takes exp(log-variance) for σ itself. */
export function sigmaOf(model: ModelInfo, logVar: ArrayLike<number>): number[] {
  const half = model.metadata.objective === "seed" ? 1 : 0.5;
  return Array.from(logVar, (value) => Math.exp(half * value));
}

/**
 * The ε that every digit is scored with: n × latent standard normals, in pairs ±ε. Being the
 * same for all, they leave no luck in the comparison, and a drawing has one score, not many.
 */
export function fixedNoise(latent: number, n: number): Float32Array {
  const noise = new Float32Array(n * latent);
  let state = 0x9e3779b9;
  const uniform = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
  for (let i = 0; i < n * latent; i++) {
    const row = Math.floor(i / latent);
    if (row % 2 === 1) noise[i] = -noise[i - latent]!;
    else noise[i] = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  }
  return noise;
}

/** The points that digit i of a batch is decoded from, its samples z = μ + σ·ε: samplesPerDigit × latent. */
export function samplesOf(mean: readonly number[], sigma: readonly number[], noise: Float32Array): Float32Array {
  return noise.map((epsilon, i) => mean[i % mean.length]! + sigma[i % mean.length]! * epsilon);
}

/** Digit i's μ and σ out of a batch. */
export function posteriorOf(model: ModelInfo, posterior: Posterior, i: number) {
  const { latent } = model.config;
  const part = (values: Float32Array) => values.subarray(i * latent, (i + 1) * latent);
  return { mean: Array.from(part(posterior.mean)), sigma: sigmaOf(model, part(posterior.logVar)) };
}

/** Reconstruction and KL in nats of one image, from its decoded samples (n × 784). The ELBO is −(their sum). */
export function scoreOf(
  pixels: Uint8Array,
  mean: readonly number[],
  sigma: readonly number[],
  decoded: Uint8Array,
): { reconstruction: number; kl: number } {
  const n = decoded.length / pixels.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    sum += crossEntropy(pixels, decoded.subarray(i * pixels.length, (i + 1) * pixels.length));
  }
  return { reconstruction: sum / n, kl: klToPrior(mean, sigma) };
}
