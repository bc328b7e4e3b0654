import { pixelsPerImage } from "./data-resize";
import { Refusal } from "./data-unpack";

/** Fewer teach a model nothing. */
export const leastImages = 100;

/** Images of one's own as they were read, not yet inverted or split. */
export interface OwnImages {
  name: string;
  pixels: Uint8Array; // n × 784, 0 black to 255 white
  labels: Uint8Array | undefined; // n, 0 to 9
  lightPaper: boolean; // most of them have dark ink on light paper
  testFrom: number | undefined; // where its own test set begins, if it came with one
  notes: string[]; // what was left out or changed on the way
}

export type Invert = "auto" | "yes" | "no";

export interface SplitOptions {
  invert: Invert;
  testShare: number; // 0.05 to 0.5, of a set that has no test set of its own
}

export interface OwnSet {
  images: Uint8Array; // n × 784, 0 paper to 255 ink, as in MNIST
  labels: Uint8Array; // n; all 0 where there are none
}

export const isInverted = (own: OwnImages, invert: Invert): boolean =>
  invert === "auto" ? own.lightPaper : invert === "yes";

/** The first n images as training would see them. */
export function preview(own: OwnImages, invert: Invert, n: number): Uint8Array {
  const pixels = own.pixels.slice(0, n * pixelsPerImage);
  return isInverted(own, invert) ? pixels.map((value) => 255 - value) : pixels;
}

/** How many images are for training, and how many are set aside. */
export function sizes(own: OwnImages, testShare: number): { train: number; test: number } {
  const count = own.pixels.length / pixelsPerImage;
  const train = own.testFrom ?? count - Math.max(1, Math.round(count * testShare));
  return { train, test: count - train };
}

/** The training set, and the last images as the test set. */
export function split(own: OwnImages, { invert, testShare }: SplitOptions): { train: OwnSet; test: OwnSet } {
  const count = own.pixels.length / pixelsPerImage;
  if (count < leastImages) {
    throw new Refusal(
      `${own.name} has ${count} ${count === 1 ? "image" : "images"}, and training wants at least ${leastImages}: add some.`,
    );
  }
  const { train } = sizes(own, testShare);
  const pixels = preview(own, invert, count);
  const labels = own.labels ?? new Uint8Array(count);
  const part = (from: number, to: number) => ({
    images: pixels.slice(from * pixelsPerImage, to * pixelsPerImage),
    labels: labels.slice(from, to),
  });
  return { train: part(0, train), test: part(train, count) };
}

/**
 * Another order of 0 … n−1, always the same: files come sorted by name, and the last
 * of them would be one class.
 */
export function shuffledOrder(n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  let state = 0x9e3779b9;
  const random = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Classes out of folders that are called 0 to 9; undefined unless every picture lies in one. */
export function labelsOf(paths: string[]): Uint8Array | undefined {
  const found = paths.map((path) => /(?:^|\/)([0-9])\/[^/]+$/.exec(path)?.[1]);
  return found.every((label) => label !== undefined) ? Uint8Array.from(found, Number) : undefined;
}
