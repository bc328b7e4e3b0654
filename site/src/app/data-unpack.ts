// Decompression with a bound: a file says little about what it unpacks to.

/** Why somebody's own data was refused: the file, what is wrong with it, and the way out. */
export class Refusal extends Error {
  readonly kind = "input";
}

export const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20).toLocaleString("en")} MB`;

/** Decompresses at most `limit` bytes; a file that is damaged or unpacks to more is refused by its name. */
export async function inflate(
  packed: Uint8Array<ArrayBuffer>,
  format: "gzip" | "deflate-raw",
  limit: number,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream(format)).getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const part = await reader.read().catch(() => {
      throw new Refusal(`${name} is damaged and cannot be decompressed: fetch or pack it again.`);
    });
    if (part.done) break;
    size += part.value.byteLength;
    if (size > limit) {
      await reader.cancel().catch(() => {});
      throw new Refusal(`${name} unpacks to more than ${megabytes(limit)}: split it, or leave out what is no digit.`);
    }
    pieces.push(part.value);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}
