/** Inverse of the standard normal's cumulative distribution (Acklam's rational approximation, |error| < 1.2e-9 relative). */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p <= 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const low = 0.02425;
  if (p > 1 - low) return -normalQuantile(1 - p);
  if (p < low) {
    const q = Math.sqrt(-2 * Math.log(p));
    const top =
      ((((-7.784894002430293e-3 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q +
        4.374664141464968) *
        q +
      2.938163982698783;
    const bottom =
      (((7.784695709041462e-3 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1;
    return top / bottom;
  }
  const q = p - 0.5;
  const r = q * q;
  const top =
    (((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
      2.506628277459239) *
    q;
  const bottom =
    ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
    1;
  return top / bottom;
}

/** The standard normal's cumulative distribution, from erfc by a Chebyshev fit (error below 1.2e-7). */
export function normalCdf(z: number): number {
  const t = 1 / (1 + Math.abs(z) / (2 * Math.SQRT2));
  const x = z / Math.SQRT2;
  const erfc =
    t *
    Math.exp(
      -x * x -
        1.26551223 +
        t *
          (1.00002368 +
            t *
              (0.37409196 +
                t *
                  (0.09678418 +
                    t *
                      (-0.18628806 +
                        t *
                          (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277)))))))),
    );
  return z >= 0 ? 1 - erfc / 2 : erfc / 2;
}

/** How latent values lie along an axis of the map: position 0…1 from value, and back. */
export interface Warp {
  position(z: number): number;
  value(position: number): number;
  ticks: readonly number[];
}

/** Equal areas hold equal shares of the prior: the book's grid of quantiles, and all of the plane fits. */
export const quantileWarp: Warp = {
  position: normalCdf,
  // Beyond ±3.5 the map's edge is thinner than a pixel.
  value: (position) => Math.max(-3.5, Math.min(3.5, normalQuantile(position))),
  ticks: [-2, -1, 0, 1, 2],
};

const reach = 4;

/** Equal steps of z from −4 to 4. */
export const evenWarp: Warp = {
  position: (z) => (z + reach) / (2 * reach),
  value: (position) => (Math.max(0, Math.min(1, position)) * 2 - 1) * reach,
  ticks: [-3, -2, -1, 0, 1, 2, 3],
};

export const warpOf = (spacing: "quantile" | "even"): Warp => (spacing === "even" ? evenWarp : quantileWarp);

/**
 * Latent points of an n × n grid at the middle of each tile, row by row from the top
 * (large values of the second axis): n² × latent. Other dimensions keep `fixed`. A
 * one-dimensional model has one row: n × 1.
 */
export function manifoldGrid(n: number, latent: number, axes: readonly number[], fixed: readonly number[], warp: Warp) {
  const rows = latent === 1 ? 1 : n;
  const z = new Float32Array(rows * n * latent);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < n; column++) {
      const at = (row * n + column) * latent;
      for (let i = 0; i < latent; i++) z[at + i] = fixed[i] ?? 0;
      z[at + axes[0]!] = warp.value((column + 0.5) / n);
      if (latent > 1) z[at + axes[1]!] = warp.value(1 - (row + 0.5) / n);
    }
  }
  return z;
}
