import { type Dimensions, dimensionsOf } from "./data-dimensions";
import { type Grey, greyOf } from "./data-resize";
import { Refusal } from "./data-unpack";

/** A picture of one digit is shrunk to this by the browser, before it becomes 28×28. */
const enough = 224;
/** Larger pictures would not fit the memory of a phone. */
const mostPixels = 24_000_000;

/** The size of a PNG, JPEG or WebP, refused by its name where it is none or too large. */
export function checkPicture(bytes: Uint8Array, name: string): Dimensions {
  const size = dimensionsOf(bytes);
  if (!size || size.width === 0 || size.height === 0) {
    throw new Refusal(`${name} is no PNG, JPEG or WebP picture, or is damaged: convert it, or leave it out.`);
  }
  if (size.width * size.height > mostPixels) {
    throw new Refusal(
      `${name} has ${size.width}×${size.height} pixels, and at most ${mostPixels / 1e6} million fit: make it smaller first.`,
    );
  }
  return size;
}

/** A picture of one digit, in grey. */
export async function readPicture(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Grey> {
  const { width, height } = checkPicture(bytes, name);
  const scale = Math.min(1, enough / Math.max(width, height));
  const bitmap = await decode(bytes, name, {
    resizeWidth: Math.max(1, Math.round(width * scale)),
    resizeHeight: Math.max(1, Math.round(height * scale)),
    resizeQuality: "high",
  });
  try {
    return greyPart(bitmap, 0, 0, bitmap.width, bitmap.height);
  } finally {
    bitmap.close();
  }
}

/** The tiles of a sprite sheet, row after row; blank ones at its end are left out. */
export async function readSheet(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  tile: number,
): Promise<{ tiles: Grey[]; leftOver: boolean }> {
  const { width, height } = checkPicture(bytes, name);
  const { columns, rows, leftOver } = grid(width, height, tile, name);
  const bitmap = await decode(bytes, name, {});
  const tiles: Grey[] = [];
  try {
    for (let row = 0; row < rows; row++) {
      const strip = greyPart(bitmap, 0, row * tile, columns * tile, tile);
      for (let column = 0; column < columns; column++) tiles.push(cut(strip, column * tile, tile));
      await new Promise((done) => setTimeout(done)); // a large sheet takes its time
    }
  } finally {
    bitmap.close();
  }
  while (tiles.length > 0 && isBlank(tiles.at(-1)!)) tiles.pop();
  return { tiles, leftOver };
}

/** How many whole tiles lie in a sheet. */
export function grid(width: number, height: number, tile: number, name: string) {
  const columns = Math.floor(width / tile);
  const rows = Math.floor(height / tile);
  if (columns === 0 || rows === 0) {
    throw new Refusal(`${name} has ${width}×${height} pixels, less than one tile of ${tile}: choose a smaller tile.`);
  }
  return { columns, rows, leftOver: width % tile !== 0 || height % tile !== 0 };
}

export function cut(strip: Grey, left: number, tile: number): Grey {
  const values = new Uint8ClampedArray(tile * tile);
  for (let y = 0; y < tile; y++) {
    values.set(strip.values.subarray(y * strip.width + left, y * strip.width + left + tile), y * tile);
  }
  return { values, width: tile, height: tile };
}

export const isBlank = ({ values }: Grey): boolean => values.every((value) => value === values[0]);

async function decode(bytes: Uint8Array<ArrayBuffer>, name: string, options: ImageBitmapOptions): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(new Blob([bytes]), options);
  } catch {
    throw new Refusal(`${name} cannot be decoded by this browser: it is damaged, or of a kind that it does not know.`);
  }
}

let canvas: HTMLCanvasElement | undefined;

function greyPart(bitmap: ImageBitmap, x: number, y: number, width: number, height: number): Grey {
  canvas ??= document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Refusal("This browser gives the page no canvas to read pictures with: choose IDX files.");
  context.drawImage(bitmap, -x, -y);
  return greyOf(context.getImageData(0, 0, width, height).data, width, height);
}
