import type { ModelInfo } from "../engine/protocol";
import type { EnginePort } from "./port";

/** A point that the path goes through: a place in the latent space, or an image wherever the encoder puts it. */
export interface Stop {
  id: number;
  name: string;
  z: number[];
  image?: Uint8Array; // 784
}

export const pointText = (z: readonly number[]): string => {
  const shown = z.slice(0, 3).map((x) => (x < 0 ? "−" : "") + Math.abs(x).toFixed(2));
  return `z = (${shown.join(", ")}${z.length > 3 ? ", …" : ""})`;
};

/** Two points for a start, one to either side of the origin. */
export function firstStops(latent: number): Stop[] {
  const at = (x: number, y: number) => Array.from({ length: latent }, (_, i) => [x, y][i] ?? 0);
  return [at(-1.2, 0.6), at(1.2, -0.4)].map((z, i) => ({ id: i + 1, name: pointText(z), z }));
}

/** Points keep what fits another latent size. */
export function refitted(stop: Stop, latent: number): Stop {
  const z = Array.from({ length: latent }, (_, i) => stop.z[i] ?? 0);
  return { ...stop, z, name: stop.image ? stop.name : pointText(z) };
}

/** Where the encoder puts the images among the stops now; the same stops otherwise. */
export async function encodedStops(engine: EnginePort, model: ModelInfo, stops: readonly Stop[]): Promise<Stop[]> {
  const images = stops.filter((stop) => stop.image);
  if (images.length === 0) return [...stops];
  const pixels = new Uint8Array(images.length * 784);
  images.forEach(({ image }, i) => {
    pixels.set(image!, i * 784);
  });
  const { mean } = await engine.request("encode", { pixels });
  const { latent } = model.config;
  return stops.map((stop) => {
    const at = images.indexOf(stop) * latent;
    return at < 0 ? stop : { ...stop, z: Array.from(mean.subarray(at, at + latent)) };
  });
}
