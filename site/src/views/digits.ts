import { context2d } from "./element";
import type { Palette } from "./palette";

export const side = 28;
const pixelsOf = side * side;

/** How n digits lie on a canvas. */
export interface Sheet {
  columns: number;
  rows: number;
  gap: number; // pixels between neighbours
}

export function sheetSize(sheet: Sheet): { width: number; height: number } {
  return {
    width: sheet.columns * side + (sheet.columns - 1) * sheet.gap,
    height: sheet.rows * side + (sheet.rows - 1) * sheet.gap,
  };
}

/**
 * Paints digits (n × 784 bytes, 0 = paper, 255 = ink) into RGBA, row after row;
 * gaps and missing digits stay transparent.
 */
export function paintSheet(pixels: Uint8Array, sheet: Sheet, palette: Palette): Uint8ClampedArray<ArrayBuffer> {
  const { width, height } = sheetSize(sheet);
  const rgba = new Uint8ClampedArray(width * height * 4);
  const out = new Uint32Array(rgba.buffer);
  const shades = shadesOf(palette);
  const count = Math.min(sheet.columns * sheet.rows, Math.floor(pixels.length / pixelsOf));
  for (let digit = 0; digit < count; digit++) {
    const left = (digit % sheet.columns) * (side + sheet.gap);
    const top = Math.floor(digit / sheet.columns) * (side + sheet.gap);
    let from = digit * pixelsOf;
    for (let y = 0; y < side; y++) {
      let to = (top + y) * width + left;
      for (let x = 0; x < side; x++) out[to++] = shades[pixels[from++]!]!;
    }
  }
  return rgba;
}

/** 256 RGBA words from paper to ink, little-endian as every browser's machine is. */
function shadesOf(palette: Palette): Uint32Array {
  const shades = new Uint32Array(256);
  for (let level = 0; level < 256; level++) {
    const mix = (i: 0 | 1 | 2) => Math.round(palette.paper[i] + ((palette.ink[i] - palette.paper[i]) * level) / 255);
    shades[level] = ((255 << 24) | (mix(2) << 16) | (mix(1) << 8) | mix(0)) >>> 0;
  }
  return shades;
}

/** Sizes the canvas for the sheet and puts the digits on it, in one putImageData. */
export function drawSheet(canvas: HTMLCanvasElement, pixels: Uint8Array, sheet: Sheet, palette: Palette): void {
  const { width, height } = sheetSize(sheet);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  context2d(canvas)?.putImageData(new ImageData(paintSheet(pixels, sheet, palette), width, height), 0, 0);
}
