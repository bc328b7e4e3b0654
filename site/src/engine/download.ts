import { EngineFailure } from "./failure";

/** Told after each piece: bytes so far, and in all (0 if unknown). */
export type OnProgress = (received: number, total: number) => void;

/** Fetches url; fails with kind "download" and the file's name unless the answer is good. */
export async function get(url: string, name: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new EngineFailure(
      "download",
      `${name} could not be fetched (${reason(error)}): check the connection and try again.`,
    );
  }
  if (!response.ok) {
    const said = await spoken(response);
    throw new EngineFailure(
      "download",
      `${name} could not be fetched: the server answered ${response.status}${said}. Try again later.`,
    );
  }
  return response;
}

/** What the server said about it in plain words, where it did. */
async function spoken(response: Response): Promise<string> {
  if (!response.headers.get("content-type")?.startsWith("text/plain")) return ` ${response.statusText}`.trimEnd();
  const text = await response.text().catch(() => "");
  return ` (${text.trim().slice(0, 300)})`;
}

/** The size of the body as it will be read: unknown (0) where the browser decompresses it on the way. */
export function bodySize(response: Response): number {
  if (response.headers.has("content-encoding")) return 0;
  const length = Number(response.headers.get("content-length"));
  return Number.isFinite(length) && length > 0 ? length : 0;
}

/** The body as a stream that tells its progress. */
export function watched(
  response: Response,
  name: string,
  total: number,
  onProgress: OnProgress,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const body = response.body;
  if (!body) throw new EngineFailure("download", `${name} came without a body: try again.`);
  const reader = body.getReader();
  let received = 0;
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        received += value.byteLength;
        onProgress(received, Math.max(total, total && received));
        controller.enqueue(value);
      } catch (error) {
        controller.error(
          new EngineFailure("download", `${name} broke off after ${received} bytes (${reason(error)}): try again.`),
        );
      }
    },
    cancel: (why) => reader.cancel(why),
  });
}

/** The whole body. */
export async function bytesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    size += value.byteLength;
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
