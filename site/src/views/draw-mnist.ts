import type { Ink } from "./draw-ink";

// How NIST's scans became MNIST (yann.lecun.com/exdb/mnist): each digit was scaled to fit a
// 20 × 20 box, keeping its aspect, with an antialiasing filter; then its centre of mass was
// moved to the centre of a 28 × 28 field. In the published files every digit's longer
// side is 20 pixels and every centre of mass lies within half a pixel of index 14, so
// the move was one by whole pixels.

const field = 28;
const box = 20;
const centre = 14;
/** Fainter ink is the brush's soft edge, which must not widen the box. */
const faint = 32;

/** The ink as MNIST would have it, 784 bytes; undefined where there is none. */
export function mnistImage(ink: Ink): Uint8Array | undefined {
  const bounds = boundsOf(ink);
  if (!bounds) return undefined;
  const small = scaled(ink, bounds);
  let [mass, massX, massY] = [0, 0, 0];
  small.levels.forEach((level, i) => {
    mass += level;
    massX += level * (i % small.width);
    massY += level * Math.floor(i / small.width);
  });
  // Half a pixel is left over at most; a lopsided digit must still not fall off the field.
  const inside = (offset: number, size: number) => Math.max(0, Math.min(field - size, Math.round(offset)));
  const left = inside(centre - massX / mass, small.width);
  const top = inside(centre - massY / mass, small.height);
  const image = new Uint8Array(field * field);
  for (let y = 0; y < small.height; y++) {
    const row = small.levels.subarray(y * small.width, (y + 1) * small.width);
    image.set(row, (top + y) * field + left);
  }
  return image;
}

interface Bounds {
  left: number;
  top: number;
  width: number;
  height: number;
}

function boundsOf({ side, levels }: Ink): Bounds | undefined {
  let [left, top, right, bottom] = [side, side, -1, -1];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (levels[y * side + x]! < faint) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** The bounded part, its longer side 20 pixels: each pixel is the mean of the area that it covers. */
function scaled(ink: Ink, bounds: Bounds): { levels: Uint8Array; width: number; height: number } {
  const scale = Math.max(bounds.width, bounds.height) / box;
  const width = Math.max(1, Math.round(bounds.width / scale));
  const height = Math.max(1, Math.round(bounds.height / scale));
  const columns = cells(bounds.left, bounds.width, width);
  const rows = cells(bounds.top, bounds.height, height);
  const levels = new Uint8Array(width * height);
  rows.forEach((row, y) => {
    columns.forEach((column, x) => {
      let [sum, area] = [0, 0];
      for (const [v, shareY] of row) {
        for (const [u, shareX] of column) {
          sum += ink.levels[v * ink.side + u]! * shareX * shareY;
          area += shareX * shareY;
        }
      }
      levels[y * width + x] = Math.round(sum / area);
    });
  });
  return { levels, width, height };
}

/** Which source pixels each of n cells covers, and how much of each. */
function cells(from: number, length: number, n: number): [number, number][][] {
  return Array.from({ length: n }, (_, i) => {
    const [low, high] = [from + (i * length) / n, from + ((i + 1) * length) / n];
    const covered: [number, number][] = [];
    for (let at = Math.floor(low); at < high && at < from + length; at++) {
      const share = Math.min(high, at + 1) - Math.max(low, at);
      if (share > 1e-9) covered.push([at, share]);
    }
    return covered;
  });
}
