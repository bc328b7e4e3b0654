import type { FeatureMaps } from "../engine/protocol";
import { drawSheet } from "./digits";
import { context2d } from "./element";
import type { Palette, Rgb } from "./palette";
import type { Picture } from "./works-stages";

const rgbOf = (hex: string): Rgb => [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16)) as unknown as Rgb;

/**
 * 256 RGBA words from paper to a colour, little-endian as every browser's machine is. By the square
 * root: most activations are far below their layer's highest, and would not be seen.
 */
function shades(paper: Rgb, full: Rgb): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, level) => {
    const mix = (i: 0 | 1 | 2) => Math.round(paper[i] + (full[i] - paper[i]) * Math.sqrt(level / 255));
    return ((255 << 24) | (mix(2) << 16) | (mix(1) << 8) | mix(0)) >>> 0;
  });
}

/** How the channels of a layer lie on a square canvas: tiles along a side, and pixels from one to the next. */
export function gridOf({ side, channels }: Pick<FeatureMaps, "side" | "channels">) {
  const columns = Math.ceil(Math.sqrt(channels));
  return { columns, rows: Math.ceil(channels / columns), pitch: side + (side > 14 ? 2 : 1) };
}

/** Paints all channels side by side, or one of them, from NHWC bytes; gaps stay transparent. */
export function paintMaps(maps: FeatureMaps, palette: Palette, only?: number) {
  const { side, channels, values } = maps;
  const { columns, rows, pitch } = only === undefined ? gridOf(maps) : { columns: 1, rows: 1, pitch: side };
  const gap = pitch - side;
  const [width, height] = [columns * pitch - gap, rows * pitch - gap];
  const rgba = new Uint8ClampedArray(width * height * 4);
  const out = new Uint32Array(rgba.buffer);
  const ramp = shades(palette.paper, rgbOf(palette.train));
  const from = only ?? 0;
  for (let c = from; c < (only === undefined ? channels : from + 1); c++) {
    const tile = c - from;
    const corner = Math.floor(tile / columns) * pitch * width + (tile % columns) * pitch;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) out[corner + y * width + x] = ramp[values[(y * side + x) * channels + c]!]!;
    }
  }
  return { rgba, width, height };
}

/** Draws a stage's picture on a canvas; `only` picks one channel of many. */
export function drawPicture(canvas: HTMLCanvasElement, picture: Picture, palette: Palette, only?: number): void {
  canvas.classList.toggle("works-smooth", picture.kind === "bars" || picture.kind === "posterior");
  if (picture.kind === "digit") drawSheet(canvas, picture.pixels, { columns: 1, rows: 1, gap: 0 }, palette);
  else if (picture.kind === "maps") put(canvas, paintMaps(picture.maps, palette, only));
  else if (picture.kind === "cost") put(canvas, paintCost(picture.nats, palette));
  else drawDiagram(canvas, picture, palette);
}

function drawDiagram(
  canvas: HTMLCanvasElement,
  picture: Extract<Picture, { kind: "bars" | "posterior" }>,
  palette: Palette,
): void {
  const size = 320;
  if (canvas.width !== size || canvas.height !== size) [canvas.width, canvas.height] = [size, size];
  const context = context2d(canvas);
  if (!context) return;
  context.clearRect(0, 0, size, size);
  if (picture.kind === "bars") drawBars(context, size, picture.values, palette);
  else drawEllipse(context, size, picture, palette);
}

function put(
  canvas: HTMLCanvasElement,
  image: { rgba: Uint8ClampedArray<ArrayBuffer>; width: number; height: number },
) {
  if (canvas.width !== image.width) canvas.width = image.width;
  if (canvas.height !== image.height) canvas.height = image.height;
  context2d(canvas)?.putImageData(new ImageData(image.rgba, image.width, image.height), 0, 0);
}

/** The most expensive pixel of an ordinary digit costs some 5 nats: full colour from there on. */
const fullCost = 4;

function paintCost(nats: Float32Array, palette: Palette) {
  const rgba = new Uint8ClampedArray(nats.length * 4);
  const out = new Uint32Array(rgba.buffer);
  const ramp = shades(palette.paper, rgbOf(palette.validation));
  for (let i = 0; i < nats.length; i++) out[i] = ramp[Math.min(255, Math.round((nats[i]! / fullCost) * 255))]!;
  return { rgba, width: 28, height: 28 };
}

function drawBars(context: CanvasRenderingContext2D, size: number, values: Float32Array, palette: Palette): void {
  const top = Math.max(...values, 1e-9);
  const step = (size - 16) / values.length;
  context.fillStyle = palette.train;
  for (let i = 0; i < values.length; i++) {
    const height = Math.max(2, (values[i]! / top) * (size - 24));
    context.fillRect(8 + i * step, size - 8 - height, Math.max(1, step - 2), height);
  }
}

/** Latent units from the centre to the edge: 3, or more where the posterior lies further out. */
export function reach(mean: ArrayLike<number>, sigma: ArrayLike<number>): number {
  const far = [0, 1].map((i) => Math.abs(mean[i] ?? 0) + 2 * (sigma[i] ?? 0));
  return Math.max(3, Math.ceil(Math.max(...far) * 1.1));
}

/** The same for a close-up around μ that holds the ellipse of two σ, and z. */
export function closeReach(mean: ArrayLike<number>, sigma: ArrayLike<number>, z: ArrayLike<number>): number {
  const far = [0, 1].map((i) => Math.max(2.2 * (sigma[i] ?? 0), 1.2 * Math.abs((z[i] ?? 0) - (mean[i] ?? 0))));
  return Math.max(...far, 1e-6);
}

/** The whole space around the prior's centre, or with a sample z a close-up around μ. */
function drawEllipse(
  context: CanvasRenderingContext2D,
  size: number,
  { mean, sigma, z }: Extract<Picture, { kind: "posterior" }>,
  palette: Palette,
): void {
  const middle = z ? [mean[0]!, mean[1] ?? 0] : [0, 0];
  const unit = (size / 2 - 6) / (z ? closeReach(mean, sigma, z) : reach(mean, sigma));
  const at = (point: ArrayLike<number>) =>
    [size / 2 + (point[0]! - middle[0]!) * unit, size / 2 - ((point[1] ?? 0) - middle[1]!) * unit] as const;
  const oval = (x: number, y: number, a: number, b: number) => {
    context.beginPath();
    context.ellipse(x, y, Math.max(2, a * unit), Math.max(2, b * unit), 0, 0, 2 * Math.PI);
    context.stroke();
  };
  const [left, top] = at([0, 0]);
  context.lineWidth = 2;
  context.strokeStyle = palette.grid;
  context.beginPath();
  context.moveTo(0, top);
  context.lineTo(size, top);
  context.moveTo(left, 0);
  context.lineTo(left, size);
  context.stroke();
  context.strokeStyle = palette.reference;
  context.setLineDash([6, 6]);
  oval(left, top, 1, 1);
  context.setLineDash([]);
  const [x, y] = at(mean);
  context.strokeStyle = palette.validation;
  context.lineWidth = 3;
  oval(x, y, sigma[0]!, sigma[1] ?? 0);
  context.lineWidth = 1.5;
  oval(x, y, 2 * sigma[0]!, 2 * (sigma[1] ?? 0));
  dot(context, x, y, 4, palette.validation, palette.cursorHalo);
  if (!z) return;
  const [zx, zy] = at(z);
  context.strokeStyle = palette.cursor;
  context.lineWidth = 2.5;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(zx, zy);
  context.stroke();
  dot(context, zx, zy, 7, palette.train, palette.cursorHalo);
}

function dot(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  fill: string,
  halo: string,
): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.strokeStyle = halo;
  context.lineWidth = 2;
  context.fill();
  context.stroke();
}
