import { density, type Grid, nodeAt, nodeNear, type Point2 } from "./between-density";

/** Where there is no data a step costs this many times what it costs at the density's peak. */
const emptiness = 40;
/** Steps to a grid's neighbours, a knight's among them: a path is then at most 3 % longer than it need be. */
const steps = [-2, -1, 0, 1, 2].flatMap((y) =>
  [-2, -1, 0, 1, 2].filter((x) => gcd(Math.abs(x), Math.abs(y)) === 1).map((x) => [x, y] as const),
);

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** A way through the latent space: the digits along it, and the line itself for a map. */
export interface Way {
  points: number[][]; // as many as asked for, every stop among them
  line: number[][]; // finer
}

/**
 * n points along polylines from stop to stop: each leg gets its share by length, its points evenly spread
 * and its two ends exact. Every leg has one point besides its first end, so n must not be below the number of stops.
 */
export function resampled(legs: readonly (readonly (readonly number[])[])[], n: number): number[][] {
  const lengths = legs.map((leg) => lengthsOf(leg).at(-1)!);
  const shares = apportion(lengths, n - 1);
  return [[...legs[0]![0]!], ...legs.flatMap((leg, i) => alongLeg(leg, shares[i]!))];
}

/** `total` parts for the legs, by length, at least one for each. */
function apportion(lengths: readonly number[], total: number): number[] {
  const shares = lengths.map(() => 1);
  for (let left = total - lengths.length; left > 0; left--) {
    // To whichever leg has the longest steps so far.
    const steps = lengths.map((length, i) => length / shares[i]!);
    shares[steps.indexOf(Math.max(...steps))]!++;
  }
  return shares;
}

function lengthsOf(line: readonly (readonly number[])[]): number[] {
  const lengths = [0];
  for (let i = 1; i < line.length; i++) lengths.push(lengths[i - 1]! + distance(line[i - 1]!, line[i]!));
  return lengths;
}

/** n points evenly along a polyline, the last at its end, its beginning left out. */
function alongLeg(line: readonly (readonly number[])[], n: number): number[][] {
  const lengths = lengthsOf(line);
  let piece = 1;
  return Array.from({ length: n }, (_, i) => {
    if (i === n - 1) return [...line.at(-1)!];
    const at = (lengths.at(-1)! * (i + 1)) / n;
    while (piece < line.length - 1 && lengths[piece]! < at) piece++;
    const [from, to] = [line[piece - 1]!, line[piece]!];
    const length = lengths[piece]! - lengths[piece - 1]!;
    const t = length === 0 ? 0 : (at - lengths[piece - 1]!) / length;
    return from.map((value, d) => value + (to[d]! - value) * t);
  });
}

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.sqrt(a.reduce((sum, value, d) => sum + (value - b[d]!) ** 2, 0));

/** The straight path through the stops. */
export function linearPath(stops: readonly (readonly number[])[], n: number): Way {
  const legs = stops.slice(1).map((stop, i) => [stops[i]!, stop]);
  return { points: resampled(legs, n), line: stops.map((stop) => [...stop]) };
}

/**
 * The path through two-dimensional stops that keeps to where the data are: shortest where a step costs its
 * length divided by the density of `points` (count × 2), which makes a detour through digits
 * cheaper than a straight way through nothing.
 */
export function densityPath(stops: readonly Point2[], points: Float32Array, count: number, n: number): Way {
  if (count === 0) return linearPath(stops, n);
  const grid = density(points, count, stops);
  const cost = grid.values.map((value) => 1 / (value + 1 / emptiness));
  const legs = stops.slice(1).map((to, i) => {
    const from = stops[i]!;
    const nodes = shortestPath(grid, cost, nodeNear(grid, from), nodeNear(grid, to));
    // The nodes next to the stops stand for the stops themselves.
    return smoothed([from, ...nodes.slice(1, -1).map((node) => nodeAt(grid, node)), to], 4);
  });
  return { points: resampled(legs, n), line: legs.flat().map((point) => [...point]) };
}

/** Takes the grid's corners out of a polyline: the mean of neighbours, some times over; the ends stay. */
function smoothed(line: readonly Point2[], times: number): Point2[] {
  let now = [...line];
  for (let round = 0; round < times; round++) {
    now = now.map((point, i) => {
      const [before, after] = [now[i - 1], now[i + 1]];
      if (!before || !after) return point;
      return [(before[0] + 2 * point[0] + after[0]) / 4, (before[1] + 2 * point[1] + after[1]) / 4];
    });
  }
  return now;
}

/**
 * Dijkstra's shortest path over a grid's nodes, both ends included. A step costs its length times the mean of `cost`
 * over its two ends.
 */
export function shortestPath(grid: Grid, cost: Float64Array, from: number, to: number): number[] {
  const { n } = grid;
  const [cellX, cellY] = [grid.width / (n - 1), grid.height / (n - 1)];
  const best = new Float64Array(n * n).fill(Number.POSITIVE_INFINITY);
  const before = new Int32Array(n * n).fill(-1);
  const queue = new Queue();
  best[from] = 0;
  queue.push(0, from);
  for (;;) {
    const next = queue.pop();
    if (!next || next.node === to) break;
    if (next.cost > best[next.node]!) continue; // a dearer way here, found earlier
    const [x, y] = [next.node % n, Math.floor(next.node / n)];
    for (const [dx, dy] of steps) {
      if (x + dx < 0 || x + dx >= n || y + dy < 0 || y + dy >= n) continue;
      const node = next.node + dy * n + dx;
      const length = Math.hypot(dx * cellX, dy * cellY);
      const total = next.cost + (length * (cost[next.node]! + cost[node]!)) / 2;
      if (total >= best[node]!) continue;
      best[node] = total;
      before[node] = next.node;
      queue.push(total, node);
    }
  }
  const path = [to];
  while (path[0] !== from) path.unshift(before[path[0]!]!);
  return path;
}

/** A binary heap: the cheapest first. */
class Queue {
  private readonly heap: { cost: number; node: number }[] = [];

  push(cost: number, node: number): void {
    const { heap } = this;
    let at = heap.push({ cost, node }) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.cost <= heap[at]!.cost) break;
      [heap[parent], heap[at]] = [heap[at]!, heap[parent]!];
      at = parent;
    }
  }

  pop(): { cost: number; node: number } | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || last === undefined) return first;
    heap[0] = last;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && heap[child]!.cost < heap[least]!.cost) least = child;
      }
      if (least === at) return first;
      [heap[least], heap[at]] = [heap[at]!, heap[least]!];
      at = least;
    }
  }
}
