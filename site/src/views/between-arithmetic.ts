import type { Points } from "./map-drawing";

/** The mean of each class's encodings, 10 × latent; undefined where a class has none. */
export function classMeans(points: Points, latent: number): (number[] | undefined)[] {
  const sums = Array.from({ length: 10 }, () => new Array<number>(latent).fill(0));
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < points.count; i++) {
    const label = points.labels[i]!;
    const sum = sums[label];
    if (!sum) continue;
    counts[label]!++;
    for (let d = 0; d < latent; d++) sum[d]! += points.mean[i * latent + d]!;
  }
  return sums.map((sum, label) => (counts[label] ? sum.map((value) => value / counts[label]!) : undefined));
}

/** z + (mean of class a − mean of class b). */
export const shifted = (z: readonly number[], plus: readonly number[], minus: readonly number[]): number[] =>
  z.map((value, d) => value + plus[d]! - minus[d]!);

/** The points of a traversal: one axis goes evenly from −reach to reach, the others stay. n × latent. */
export function traversal(z: readonly number[], axis: number, n: number, reach: number): Float32Array {
  const points = new Float32Array(n * z.length);
  for (let i = 0; i < n; i++) {
    points.set(z, i * z.length);
    points[i * z.length + axis] = -reach + (2 * reach * i) / (n - 1);
  }
  return points;
}
