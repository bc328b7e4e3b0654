import type { Palette } from "../views/palette";
import { apng, type Film } from "./between-apng";

const side = 28;

/** There and back again, without showing either end twice: it can repeat for ever. */
export function thereAndBack<Frame>(frames: readonly Frame[]): Frame[] {
  return [...frames, ...frames.slice(1, -1).reverse()];
}

/** Decoded digits (n × 784) as a film in the page's colours, each pixel a square of `scale`. */
export function filmOf(pixels: Uint8Array, palette: Palette, framesPerSecond: number, scale = 8): Film {
  const n = pixels.length / (side * side);
  const size = side * scale;
  const large = Array.from({ length: n }, (_, i) => {
    const frame = new Uint8Array(size * size);
    for (let y = 0; y < size; y++) {
      const row = i * side * side + Math.floor(y / scale) * side;
      for (let x = 0; x < size; x++) frame[y * size + x] = pixels[row + Math.floor(x / scale)]!;
    }
    return frame;
  });
  const shades = Array.from({ length: 256 }, (_, level) =>
    [0, 1, 2].map((c) => Math.round(palette.paper[c]! + ((palette.ink[c]! - palette.paper[c]!) * level) / 255)),
  );
  const delay = Math.round(1000 / framesPerSecond);
  return { width: size, height: size, frames: thereAndBack(large), palette: shades, delay };
}

/** An animated GIF that repeats for ever. Its clock counts hundredths of a second. */
export async function gif(film: Film): Promise<Uint8Array<ArrayBuffer>> {
  const { GIFEncoder } = await import("gifenc"); // only who saves a GIF needs it
  const encoder = GIFEncoder();
  film.frames.forEach((frame, i) => {
    const first = i === 0 ? { palette: film.palette.map((colour) => [...colour]), repeat: 0 } : {};
    encoder.writeFrame(frame, film.width, film.height, { ...first, delay: film.delay });
  });
  encoder.finish();
  return Uint8Array.from(encoder.bytes());
}

export type FilmKind = "gif" | "apng";

export async function encodeFilm(kind: FilmKind, film: Film): Promise<Blob> {
  return kind === "gif"
    ? new Blob([await gif(film)], { type: "image/gif" })
    : new Blob([await apng(film)], { type: "image/apng" });
}
