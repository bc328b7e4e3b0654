/** A square grid of values over a rectangle of the plane, row by row from the least y. */
export interface Grid {
  n: number; // nodes along each side
  left: number;
  bottom: number;
  width: number;
  height: number;
  values: Float64Array; // n × n
}

export type Point2 = readonly [number, number];

/** Where node i of a grid lies. */
export function nodeAt(grid: Grid, i: number): Point2 {
  const step = grid.n - 1;
  return [grid.left + ((i % grid.n) * grid.width) / step, grid.bottom + (Math.floor(i / grid.n) * grid.height) / step];
}

/** The node nearest to a point, which may lie outside. */
export function nodeNear(grid: Grid, [x, y]: Point2): number {
  const step = grid.n - 1;
  const clamp = (at: number) => Math.max(0, Math.min(step, Math.round(at * step)));
  return clamp((y - grid.bottom) / grid.height) * grid.n + clamp((x - grid.left) / grid.width);
}

/**
 * The kernel density of points (count × 2) on an n × n grid around them and `also`, scaled to 1 at its peak. The
 * kernel is a normal with Scott's bandwidth, n^(−1/6)·σ on each axis: points are counted into
 * the grid, and the counts blurred.
 */
export function density(points: Float32Array, count: number, also: readonly Point2[], n = 72): Grid {
  const deviation = [0, 1].map((axis) => spread(points, count, axis));
  const bandwidth = deviation.map((sigma) => Math.max(1e-6, sigma * count ** (-1 / 6)));
  const range = [0, 1].map((axis) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const take = (value: number) => {
      low = Math.min(low, value);
      high = Math.max(high, value);
    };
    for (let i = 0; i < count; i++) take(points[2 * i + axis]!);
    for (const point of also) take(point[axis]!);
    const margin = 3 * bandwidth[axis]!;
    return [low - margin, high + margin] as const;
  });
  const [[left, right], [bottom, top]] = range as [Point2, Point2];
  const grid: Grid = { n, left, bottom, width: right - left, height: top - bottom, values: new Float64Array(n * n) };
  for (let i = 0; i < count; i++) grid.values[nodeNear(grid, [points[2 * i]!, points[2 * i + 1]!])]!++;
  const cells = [grid.width / (n - 1), grid.height / (n - 1)];
  blur(grid.values, n, 1, bandwidth[0]! / cells[0]!);
  blur(grid.values, n, n, bandwidth[1]! / cells[1]!);
  const peak = grid.values.reduce((most, value) => Math.max(most, value), 0);
  if (peak > 0)
    grid.values.forEach((value, i) => {
      grid.values[i] = value / peak;
    });
  return grid;
}

function spread(points: Float32Array, count: number, axis: number): number {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < count; i++) {
    sum += points[2 * i + axis]!;
    squares += points[2 * i + axis]! ** 2;
  }
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
}

/** Blurs along one axis (stride 1: along rows, n: along columns) by a normal of `sigma` cells. */
function blur(values: Float64Array, n: number, stride: number, sigma: number): void {
  const radius = Math.min(n - 1, Math.ceil(3 * sigma));
  const kernel = Array.from({ length: radius + 1 }, (_, i) => Math.exp(-0.5 * (i / Math.max(sigma, 1e-9)) ** 2));
  const line = new Float64Array(n);
  for (let other = 0; other < n; other++) {
    const from = stride === 1 ? other * n : other;
    for (let i = 0; i < n; i++) line[i] = values[from + i * stride]!;
    for (let i = 0; i < n; i++) {
      let sum = line[i]! * kernel[0]!;
      for (let k = 1; k <= radius; k++) sum += ((line[i - k] ?? 0) + (line[i + k] ?? 0)) * kernel[k]!;
      values[from + i * stride] = sum;
    }
  }
}
