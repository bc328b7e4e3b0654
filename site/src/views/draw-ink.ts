/** A stroke's point, in pixels of the raster, with the brush's radius there. */
export interface InkPoint {
  x: number;
  y: number;
  radius: number;
}

export interface Stroke {
  tool: "pen" | "eraser";
  points: InkPoint[];
}

/** Ink on square paper: 0 is bare, 255 is full. */
export interface Ink {
  side: number;
  levels: Uint8Array; // side × side
}

export const blankInk = (side: number): Ink => ({ side, levels: new Uint8Array(side * side) });

/**
 * Draws the part of a stroke between two points: a capsule whose radius goes evenly from one
 * end's to the other's, with an antialiased edge one pixel wide. The pen never lightens and the eraser
 * never darkens, so parts may overlap.
 */
export function drawSegment(ink: Ink, tool: Stroke["tool"], from: InkPoint, to: InkPoint): void {
  const { side, levels } = ink;
  const reach = Math.max(from.radius, to.radius) + 1;
  const [left, right] = span(from.x, to.x, reach, side);
  const [top, bottom] = span(from.y, to.y, reach, side);
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const square = dx * dx + dy * dy;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
      const along = square === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / square));
      const distance = Math.hypot(px - along * dx, py - along * dy);
      const radius = from.radius + (to.radius - from.radius) * along;
      const cover = Math.max(0, Math.min(1, radius - distance + 0.5)) * 255;
      const at = y * side + x;
      const level = levels[at]!;
      levels[at] = tool === "pen" ? Math.max(level, cover) : Math.min(level, 255 - cover);
    }
  }
}

function span(a: number, b: number, reach: number, side: number): [number, number] {
  return [Math.max(0, Math.floor(Math.min(a, b) - reach)), Math.min(side - 1, Math.ceil(Math.max(a, b) + reach))];
}

/** Draws a whole stroke; one point makes a dot. */
export function drawStroke(ink: Ink, { tool, points }: Stroke): void {
  points.forEach((point, i) => {
    drawSegment(ink, tool, points[Math.max(0, i - 1)]!, point);
  });
}

/** A 28 × 28 digit enlarged onto the raster, between pixel centres linearly, so that it can be drawn on. */
export function enlarged(pixels: Uint8Array, side: number): Ink {
  const ink = blankInk(side);
  const scale = 28 / side;
  const at = (x: number, y: number) => pixels[Math.max(0, Math.min(27, y)) * 28 + Math.max(0, Math.min(27, x))]!;
  for (let y = 0; y < side; y++) {
    const v = (y + 0.5) * scale - 0.5;
    const [y0, fy] = [Math.floor(v), v - Math.floor(v)];
    for (let x = 0; x < side; x++) {
      const u = (x + 0.5) * scale - 0.5;
      const [x0, fx] = [Math.floor(u), u - Math.floor(u)];
      const upper = at(x0, y0) * (1 - fx) + at(x0 + 1, y0) * fx;
      const lower = at(x0, y0 + 1) * (1 - fx) + at(x0 + 1, y0 + 1) * fx;
      ink.levels[y * side + x] = Math.round(upper * (1 - fy) + lower * fy);
    }
  }
  return ink;
}
