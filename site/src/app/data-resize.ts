export const side = 28;
export const pixelsPerImage = side * side;

/** A grey picture, row by row, 0 black to 255 white. */
export interface Grey {
  values: Uint8Array | Uint8ClampedArray; // width × height
  width: number;
  height: number;
}

/** The luma (BT.601) of RGBA pixels; what is transparent shows white paper. */
export function greyOf(rgba: Uint8ClampedArray, width: number, height: number): Grey {
  const values = new Uint8ClampedArray(width * height);
  for (let i = 0, from = 0; i < values.length; i++, from += 4) {
    const luma = 0.299 * rgba[from]! + 0.587 * rgba[from + 1]! + 0.114 * rgba[from + 2]!;
    const alpha = rgba[from + 3]! / 255;
    values[i] = luma * alpha + 255 * (1 - alpha);
  }
  return { values, width, height };
}

/** The mean of a picture's outermost pixels: its paper. */
export function paperOf({ values, width, height }: Grey): number {
  let sum = 0;
  let count = 0;
  for (let y = 0; y < height; y++) {
    const step = y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1);
    for (let x = 0; x < width; x += step) {
      sum += values[y * width + x]!;
      count++;
    }
  }
  return sum / count;
}

/**
 * A picture as 28×28: each pixel is the mean of the area that it covers. Its shape is kept,
 * and what is missing beside it is filled with its own paper.
 */
export function resize(grey: Grey): Uint8ClampedArray {
  const { values, width, height } = grey;
  const out = new Uint8ClampedArray(pixelsPerImage);
  if (width === side && height === side) {
    out.set(values);
    return out;
  }
  const longest = Math.max(width, height);
  const scale = longest / side; // source pixels in one of ours
  const left = (longest - width) / 2;
  const top = (longest - height) / 2;
  const paper = paperOf(grey);
  for (let y = 0; y < side; y++) {
    const rows = span(y * scale - top, (y + 1) * scale - top, height);
    for (let x = 0; x < side; x++) {
      const columns = span(x * scale - left, (x + 1) * scale - left, width);
      let sum = 0;
      let weight = 0;
      for (const [row, rowShare] of rows) {
        for (const [column, columnShare] of columns) {
          sum += values[row * width + column]! * rowShare * columnShare;
          weight += rowShare * columnShare;
        }
      }
      out[y * side + x] = (sum + paper * (scale * scale - weight)) / (scale * scale);
    }
  }
  return out;
}

/** The whole pixels in [from, to), each with the share of it that lies inside. */
function span(from: number, to: number, size: number): [index: number, share: number][] {
  const found: [number, number][] = [];
  for (let i = Math.max(0, Math.floor(from)); i < Math.min(size, Math.ceil(to)); i++) {
    const share = Math.min(i + 1, to) - Math.max(i, from);
    if (share > 0) found.push([i, share]);
  }
  return found;
}
