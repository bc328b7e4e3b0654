import { type Sheet, sheetSize } from "./digits";
import { css, type Palette } from "./palette";
import type { Warp } from "./warp";

/** Encoded test digits: means n × latent with their labels. */
export interface Points {
  mean: Float32Array;
  labels: Uint8Array;
  count: number;
}

/** What of the latent space is on the map, and how. */
export interface Frame {
  latent: number;
  axes: readonly [number, number];
  warp: Warp;
  size: number; // of the square canvas, in device pixels
}

/**
 * Where a point lies on the canvas. A one-dimensional model has no second axis: there
 * each class gets a lane of its own, which keeps the digits apart and readable.
 */
export function place(frame: Frame, values: Float32Array, at: number, label: number, jitter: number) {
  const x = frame.warp.position(values[at + frame.axes[0]]!) * frame.size;
  const y =
    frame.latent === 1 ? (label + 0.2 + 0.6 * jitter) / 10 : 1 - frame.warp.position(values[at + frame.axes[1]]!);
  return { x, y: frame.latent === 1 ? y * frame.size : y * frame.size };
}

/** A still, evenly spread number in 0…1 for point i (golden ratio sequence). */
export const jitterOf = (i: number): number => (i * 0.6180339887498949) % 1;

/** The middle of each class on the canvas (medians, as clusters may have tails); undefined where it has no points. */
export function classMiddles(frame: Frame, points: Points): ({ x: number; y: number } | undefined)[] {
  const xs: number[][] = Array.from({ length: 10 }, () => []);
  const ys: number[][] = Array.from({ length: 10 }, () => []);
  for (let i = 0; i < points.count; i++) {
    const label = points.labels[i]!;
    const { x, y } = place(frame, points.mean, i * frame.latent, label, jitterOf(i));
    xs[label]?.push(x);
    ys[label]?.push(y);
  }
  const median = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1]!;
  return xs.map((list, label) => (list.length < 5 ? undefined : { x: median(list), y: median(ys[label]!) }));
}

/** The manifold's tiles, stretched over the map; paler where points lie on top. */
export function drawManifold(
  context: CanvasRenderingContext2D,
  frame: Frame,
  tiles: HTMLCanvasElement,
  sheet: Sheet,
  alpha: number,
): void {
  const { width, height } = sheetSize(sheet);
  context.save();
  context.globalAlpha = alpha;
  context.imageSmoothingQuality = "high";
  // A single row (one latent dimension) repeats downwards: height means nothing there.
  const repeats = frame.latent === 1 ? sheet.columns : 1;
  for (let row = 0; row < repeats; row++) {
    context.drawImage(tiles, 0, 0, width, height, 0, (row * frame.size) / repeats, frame.size, frame.size / repeats);
  }
  context.restore();
}

export function drawGrid(context: CanvasRenderingContext2D, frame: Frame, palette: Palette): void {
  context.strokeStyle = palette.grid;
  context.lineWidth = 1;
  context.beginPath();
  for (const tick of frame.warp.ticks) {
    const at = Math.round(frame.warp.position(tick) * frame.size) + 0.5;
    context.moveTo(at, 0);
    context.lineTo(at, frame.size);
    if (frame.latent > 1) {
      context.moveTo(0, frame.size - at);
      context.lineTo(frame.size, frame.size - at);
    }
  }
  context.stroke();
}

/** All points, one fill style per class, then each class's numeral at its middle. */
export function drawPoints(
  context: CanvasRenderingContext2D,
  frame: Frame,
  points: Points,
  hidden: readonly number[],
  palette: Palette,
): void {
  const scale = frame.size / 520;
  const dot = Math.max(2, Math.round((points.count > 2500 ? 2.6 : 3.6) * scale));
  const lists: number[][] = Array.from({ length: 10 }, () => []);
  for (let i = 0; i < points.count; i++) {
    const label = points.labels[i]!;
    if (hidden.includes(label)) continue;
    const { x, y } = place(frame, points.mean, i * frame.latent, label, jitterOf(i));
    lists[label]?.push(x - dot / 2, y - dot / 2);
  }
  lists.forEach((list, label) => {
    context.fillStyle = css(palette.classes[label]!, 0.78);
    for (let i = 0; i < list.length; i += 2) context.fillRect(list[i]!, list[i + 1]!, dot, dot);
  });
  const middles = classMiddles(frame, points);
  context.font = `700 ${Math.round(21 * scale)}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 5 * scale;
  middles.forEach((middle, label) => {
    if (middle === undefined || hidden.includes(label)) return;
    // A cluster at the edge keeps its numeral in sight.
    const inside = (at: number) => Math.max(12 * scale, Math.min(frame.size - 12 * scale, at));
    const [x, y] = [inside(middle.x), inside(middle.y)];
    context.strokeStyle = palette.cursorHalo;
    context.strokeText(String(label), x, y);
    context.fillStyle = palette.cursor;
    context.fillText(String(label), x, y);
  });
}

/** The pinned point, and the cursor where it is elsewhere. */
export function drawCursor(
  context: CanvasRenderingContext2D,
  frame: Frame,
  pinned: readonly [number, number],
  cursor: readonly [number, number],
  palette: Palette,
): void {
  const scale = frame.size / 520;
  const at = ([a, b]: readonly [number, number]) => ({
    x: frame.warp.position(a) * frame.size,
    y: frame.latent === 1 ? frame.size / 2 : (1 - frame.warp.position(b)) * frame.size,
  });
  const ring = (x: number, y: number, radius: number, width: number) => {
    for (const [colour, line] of [
      [palette.cursorHalo, width + 3 * scale],
      [palette.cursor, width],
    ] as const) {
      context.strokeStyle = colour;
      context.lineWidth = line;
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.stroke();
    }
  };
  const pin = at(pinned);
  ring(pin.x, pin.y, 5 * scale, 2 * scale);
  const here = at(cursor);
  if (frame.latent === 1) {
    context.fillStyle = palette.cursor;
    context.fillRect(here.x - scale, 0, 2 * scale, frame.size);
  }
  if (Math.hypot(here.x - pin.x, here.y - pin.y) > 1) ring(here.x, here.y, 10 * scale, 2.5 * scale);
  else ring(pin.x, pin.y, 11 * scale, 2 * scale);
}
