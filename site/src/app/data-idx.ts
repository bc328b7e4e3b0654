import { inflate, Refusal } from "./data-unpack";

/** Images in one set; more than MNIST has would not fit a tab's memory beside a run. */
export const mostImages = 70_000;
/** The longest side of an image in an IDX file. */
const longestSide = 1024;
/** Decompressed: 70,000 images of 64×64. */
const mostBytes = 280 * 2 ** 20;

export type Idx =
  | { kind: "images"; count: number; rows: number; columns: number; pixels: Uint8Array } // count × rows × columns
  | { kind: "labels"; count: number; labels: Uint8Array };

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;
export const isIdx = (bytes: Uint8Array): boolean => bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 8;

/** Decodes an IDX file of bytes, plain or gzipped: images (three dimensions) or labels (one). */
export async function readIdx(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Idx> {
  return parseIdx(isGzip(bytes) ? await inflate(bytes, "gzip", mostBytes, name) : bytes, name);
}

export function parseIdx(bytes: Uint8Array, name: string): Idx {
  if (!isIdx(bytes)) {
    throw new Refusal(`${name} is no IDX file of bytes (it should begin with 00 00 08): choose MNIST’s format.`);
  }
  const dimensions = bytes[3]!;
  if (dimensions !== 1 && dimensions !== 3) {
    throw new Refusal(
      `${name} has ${dimensions} dimensions: images have three (count, rows, columns), labels have one.`,
    );
  }
  const header = 4 + 4 * dimensions;
  if (bytes.byteLength < header) throw new Refusal(`${name} ends in its header: it is truncated, fetch it again.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [count = 0, rows = 1, columns = 1] = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  if (count === 0) throw new Refusal(`${name} says that there is nothing in it: choose another file.`);
  if (count > mostImages) {
    throw new Refusal(
      `${name} holds ${count.toLocaleString("en")} items, and at most ${mostImages.toLocaleString("en")} fit: take a part of it.`,
    );
  }
  if (rows === 0 || columns === 0 || rows > longestSide || columns > longestSide) {
    throw new Refusal(
      `${name} has images of ${rows}×${columns}, want 1 to ${longestSide} pixels a side: resize them first.`,
    );
  }
  const want = count * rows * columns; // at most 7e10: exact
  const got = bytes.byteLength - header;
  if (got !== want) {
    const what = got < want ? "it is truncated" : "it goes on after its end";
    throw new Refusal(`${name} has ${got} bytes where its header promises ${want}: ${what}, fetch it again.`);
  }
  const body = bytes.subarray(header);
  if (dimensions === 3) return { kind: "images", count, rows, columns, pixels: body };
  const wrong = body.findIndex((label) => label > 9);
  if (wrong >= 0) {
    throw new Refusal(`${name}: label ${wrong} is ${body[wrong]}, and classes are 0 to 9: leave the labels out.`);
  }
  return { kind: "labels", count, labels: body };
}
