/** Pictures of one size, one byte a pixel: an index into the palette. */
export interface Film {
  width: number;
  height: number;
  frames: Uint8Array[]; // width × height each
  palette: readonly (readonly number[])[]; // up to 256 colours, red, green, blue
  delay: number; // milliseconds that each frame stays
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** An animated PNG (PNG's third edition, §11.3.6) with indexed colours that repeats for ever. Programs without APNG show the first frame. */
export async function apng(film: Film): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, frames, palette, delay } = film;
  const chunks: Uint8Array[] = [Uint8Array.from(signature)];
  const add = (type: string, ...parts: Uint8Array[]) => chunks.push(chunk(type, parts));
  add("IHDR", words(width, height), Uint8Array.of(8, 3, 0, 0, 0)); // 8 bits, indexed
  add("acTL", words(frames.length, 0));
  add("PLTE", Uint8Array.from(palette.flat()));
  let sequence = 0;
  for (const [i, frame] of frames.entries()) {
    const timing = Uint8Array.of(delay >> 8, delay & 255, 1000 >> 8, 1000 & 255, 0, 0); // delay/1000 s; replaces what was there
    add("fcTL", words(sequence++, width, height, 0, 0), timing);
    const data = await deflate(filtered(frame, width, height));
    if (i === 0) add("IDAT", data);
    else add("fdAT", words(sequence++), data);
  }
  add("IEND");
  return joined(chunks);
}

/** Each row with its filter's number in front: "up" for rows like the one above, "none" otherwise; enlarged digits compress well. */
function filtered(frame: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array((width + 1) * height);
  for (let y = 0; y < height; y++) {
    const row = frame.subarray(y * width, (y + 1) * width);
    const above = y > 0 ? frame.subarray((y - 1) * width, y * width) : undefined;
    const same = above?.every((value, x) => value === row[x]) ?? false;
    out[y * (width + 1)] = same ? 2 : 0;
    if (!same) out.set(row, y * (width + 1) + 1);
  }
  return out;
}

async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function chunk(type: string, parts: Uint8Array[]): Uint8Array {
  const body = joined([Uint8Array.from(type, (letter) => letter.charCodeAt(0)), ...parts]);
  return joined([words(body.length - 4), body, words(crc32(body))]);
}

/** Numbers as four bytes each, most significant first. */
function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setUint32(4 * i, value);
  });
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

let table: Uint32Array | undefined;

/** PNG's cyclic redundancy check (ISO 3309, reflected polynomial EDB88320). */
export function crc32(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c;
  });
  let crc = 0xffffffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
