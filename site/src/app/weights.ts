import type { EngineError } from "../engine/protocol";

/** The weights that the page ships with, relative to the page. */
const pretrainedPath = "weights/mnist-2d.safetensors";
export const pretrainedName = "mnist-2d.safetensors";

/** Fetches the pretrained weights; undefined where this copy of the page has none. */
export async function fetchPretrained(): Promise<ArrayBuffer | undefined> {
  let response: Response;
  try {
    response = await fetch(new URL(pretrainedPath, document.baseURI));
  } catch (error) {
    throw failure(`${pretrainedPath} could not be fetched (${error instanceof Error ? error.message : error}).`);
  }
  // A host that answers every address with its start page has no weights either.
  const isPage = response.headers.get("content-type")?.startsWith("text/html") ?? false;
  if (response.status === 404 || isPage) return undefined;
  if (!response.ok) throw failure(`${pretrainedPath} could not be fetched: the server answered ${response.status}.`);
  return response.arrayBuffer();
}

function failure(message: string): Error & EngineError {
  return Object.assign(new Error(message), { kind: "download" as const });
}

/** Hands bytes to the browser as a file to save. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A canvas as a PNG, enlarged so that a 28-pixel digit can be seen. */
export async function savePng(canvas: HTMLCanvasElement, name: string): Promise<void> {
  const scale = Math.max(1, Math.ceil(1200 / canvas.width));
  const large = document.createElement("canvas");
  large.width = canvas.width * scale;
  large.height = canvas.height * scale;
  const context = large.getContext("2d");
  if (!context) throw new Error("this browser gives the page no canvas to draw the picture on");
  context.fillStyle = getComputedStyle(canvas).backgroundColor;
  context.fillRect(0, 0, large.width, large.height);
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, large.width, large.height);
  const blob = await new Promise<Blob | null>((done) => large.toBlob(done, "image/png"));
  if (!blob) throw new Error("the browser could not make the picture");
  saveFile(name, blob);
}
