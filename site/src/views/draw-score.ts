// How well a model explains a digit, in nats, from what the engine decodes.

/**
 * −log p(x|z) of one image in nats: binary cross-entropy over its pixels. Decoded pixels come as
 * bytes, so a probability is known to half a level only; it is kept a quarter of one from 0 and 1, where
 * the truth lies on average once it has been rounded away.
 */
export function crossEntropy(pixels: Uint8Array, decoded: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < pixels.length; i++) {
    const x = pixels[i]! / 255;
    const p = Math.max(0.25, Math.min(254.75, decoded[i]!)) / 255;
    sum -= x * Math.log(p) + (1 - x) * Math.log(1 - p);
  }
  return sum;
}

/** KL(N(μ, σ²) ‖ N(0, 1)) in nats, summed over the axes. */
export function klToPrior(mean: readonly number[], sigma: readonly number[]): number {
  return mean.reduce((sum, m, i) => {
    const variance = sigma[i]! ** 2;
    return sum + (variance + m * m - 1 - Math.log(variance)) / 2;
  }, 0);
}

/** What part of `sorted` (ascending) lies below `value`, 0 to 1; ties count half. */
export function shareBelow(sorted: ArrayLike<number>, value: number): number {
  let [below, ties] = [0, 0];
  for (let i = 0; i < sorted.length; i++) {
    if (sorted[i]! < value) below++;
    else if (sorted[i]! === value) ties++;
  }
  return sorted.length === 0 ? 0 : (below + ties / 2) / sorted.length;
}

/** The k points (n × latent) nearest to z, nearest first: their numbers and distances. */
export function nearestTo(z: readonly number[], points: Float32Array, count: number, k: number) {
  const best: { index: number; distance: number }[] = [];
  for (let i = 0; i < count; i++) {
    let square = 0;
    for (let d = 0; d < z.length; d++) square += (points[i * z.length + d]! - z[d]!) ** 2;
    if (best.length === k && square >= best[k - 1]!.distance) continue;
    let at = best.length;
    while (at > 0 && best[at - 1]!.distance > square) at--;
    best.splice(at, 0, { index: i, distance: square });
    if (best.length > k) best.pop();
  }
  return best.map(({ index, distance }) => ({ index, distance: Math.sqrt(distance) }));
}
