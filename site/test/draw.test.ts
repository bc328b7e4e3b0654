import { beforeEach, describe, expect, it, vi } from "vitest";
import { Drawing } from "../src/app/draw";
import { DigitShelf } from "../src/app/draw-digits";
import { fixedNoise, sigmaOf } from "../src/app/draw-scoring";
import type { EnginePort } from "../src/app/port";
import type { EngineEvent, ModelInfo, Requests } from "../src/engine/protocol";
import { type DrawData, DrawView } from "../src/views/draw";
import { blankInk, drawStroke, enlarged } from "../src/views/draw-ink";
import { mnistImage } from "../src/views/draw-mnist";
import { ellipse } from "../src/views/draw-posterior";
import { crossEntropy, klToPrior, nearestTo, shareBelow } from "../src/views/draw-score";
import { paletteOf } from "../src/views/palette";

const dot = (x: number, y: number, radius = 10) => ({ x, y, radius });

describe("ink", () => {
  it("covers a capsule with a soft edge, the area that it should", () => {
    const ink = blankInk(100);
    drawStroke(ink, { tool: "pen", points: [dot(30, 50), dot(70, 50)] });
    const area = ink.levels.reduce((sum, level) => sum + level, 0) / 255;
    expect(area).toBeCloseTo(Math.PI * 100 + 40 * 20, -1);
    expect(ink.levels[50 * 100 + 50]).toBe(255);
    expect(ink.levels[50 * 100 + 15]).toBe(0);
  });

  it("is taken away by the eraser, and only there", () => {
    const ink = blankInk(100);
    drawStroke(ink, { tool: "pen", points: [dot(30, 50), dot(70, 50)] });
    drawStroke(ink, { tool: "eraser", points: [dot(70, 50, 15)] });
    expect(ink.levels[50 * 100 + 70]).toBe(0);
    expect(ink.levels[50 * 100 + 30]).toBe(255);
  });

  it("of a digit is that digit, enlarged", () => {
    const pixels = new Uint8Array(784);
    pixels[10 * 28 + 12] = 200;
    const { levels } = enlarged(pixels, 280);
    expect(Math.max(...levels)).toBeCloseTo(200 * 0.95 ** 2, -1);
    expect(levels.reduce((sum, level) => sum + level, 0) / 100).toBeCloseTo(200, -1);
  });
});

describe("MNIST's preprocessing", () => {
  const boundsOf = (image: Uint8Array) => {
    const at = [...image.keys()].filter((i) => image[i]! > 0);
    const [xs, ys] = [at.map((i) => i % 28), at.map((i) => Math.floor(i / 28))];
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  };
  const centreOf = (image: Uint8Array) => {
    const mass = image.reduce((sum, level) => sum + level, 0);
    const moment = (of: (i: number) => number) => image.reduce((sum, level, i) => sum + level * of(i), 0) / mass;
    return [moment((i) => i % 28), moment((i) => Math.floor(i / 28))];
  };

  it("scales the longer side to 20 and moves the mass to the middle, wherever and however large it was drawn", () => {
    for (const [x, y, size] of [
      [20, 20, 60],
      [200, 40, 40],
      [30, 30, 200],
    ] as const) {
      const ink = blankInk(280);
      const points = [dot(x, y, 8), dot(x + size / 2, y, 8), dot(x + size / 4, y + size, 8)];
      drawStroke(ink, { tool: "pen", points });
      const image = mnistImage(ink)!;
      const [left, top, right, bottom] = boundsOf(image) as [number, number, number, number];
      expect(bottom - top + 1).toBe(20);
      expect(right - left + 1).toBeLessThan(20);
      for (const middle of centreOf(image)) expect(Math.abs(middle - 14)).toBeLessThanOrEqual(0.5);
    }
  });

  it("keeps the aspect and antialiases: a 3 : 1 bar becomes 20 × 7, its edge rows in part", () => {
    const ink = blankInk(280);
    for (let y = 100; y < 151; y++) ink.levels.fill(255, y * 280 + 50, y * 280 + 200);
    const image = mnistImage(ink)!;
    const [left, top, right, bottom] = boundsOf(image) as [number, number, number, number];
    expect([right - left + 1, bottom - top + 1]).toEqual([20, 7]);
    const half = blankInk(280);
    for (let y = 0; y < 200; y++) half.levels.fill(y % 2 ? 255 : 0, y * 280, y * 280 + 200);
    expect(mnistImage(half)![14 * 28 + 14]).toBeCloseTo(128, -1);
  });

  it("has no image for no ink, and keeps a lopsided one on the field", () => {
    expect(mnistImage(blankInk(280))).toBeUndefined();
    const ink = blankInk(280);
    for (let y = 0; y < 280; y++) ink.levels.fill(40, y * 280, y * 280 + 280);
    for (let y = 0; y < 28; y++) ink.levels.fill(255, y * 280, y * 280 + 28);
    const image = mnistImage(ink)!;
    expect(image.filter((level) => level > 0)).toHaveLength(400);
  });
});

describe("scores", () => {
  it("cross-entropy and KL are the textbook's", () => {
    expect(crossEntropy(Uint8Array.of(255), Uint8Array.of(51))).toBeCloseTo(-Math.log(0.2), 6);
    expect(crossEntropy(Uint8Array.of(0), Uint8Array.of(51))).toBeCloseTo(-Math.log(0.8), 6);
    expect(crossEntropy(Uint8Array.of(255), Uint8Array.of(0))).toBeCloseTo(Math.log(255 * 4), 6); // finite
    expect(klToPrior([0, 0], [1, 1])).toBe(0);
    expect(klToPrior([1], [Math.E])).toBeCloseTo((Math.E ** 2 + 1 - 1 - 2) / 2, 6);
  });

  it("ranks with ties halved, and finds the nearest in order", () => {
    expect(shareBelow([1, 2, 2, 3], 2)).toBe(0.5);
    expect(shareBelow([], 2)).toBe(0);
    const near = nearestTo([0, 0], Float32Array.of(3, 0, 1, 0, 0, 2, 9, 9, 0, 1), 5, 3);
    expect(near.map(({ index }) => index)).toEqual([1, 4, 2]);
    expect(near[2]!.distance).toBe(2);
  });

  it("the noise is standard normal in mirrored pairs, the ellipse as wide as σ", () => {
    const noise = fixedNoise(2, 4000);
    expect(noise.reduce((sum, x) => sum + x, 0)).toBeCloseTo(0, 3);
    expect(noise.reduce((sum, x) => sum + x * x, 0) / noise.length).toBeCloseTo(1, 1);
    expect(noise[2]).toBe(-noise[0]!);
    const xs = ellipse({ mean: [1, 2], sigma: [0.5, 3] }, [0, 1], 2).map(([x]) => x);
    expect(Math.max(...xs) - Math.min(...xs)).toBeCloseTo(2, 6);
  });

  it("σ is what the objective takes it for", () => {
    const model = (objective: string) => ({ metadata: { objective } }) as unknown as ModelInfo;
    expect(sigmaOf(model("seed"), [2])).toEqual([Math.exp(2)]);
    expect(sigmaOf(model("elbo"), [2])).toEqual([Math.exp(1)]);
  });
});

const model: ModelInfo = {
  source: "trained",
  name: "",
  config: { latent: 2, hidden: 32, encoder: [32, 64, 64, 64], decoder: 32 },
  parameters: 1,
  metadata: { objective: "elbo" },
};
const soon = () => new Promise((done) => setTimeout(done, 5));

/** An engine that encodes an image to (its first byte, 0) with σ = 1 and decodes everything to grey. */
function stage() {
  const listeners: ((event: EngineEvent) => void)[] = [];
  const asked: (keyof Requests)[] = [];
  const port = {
    on: (listener: (event: EngineEvent) => void) => listeners.push(listener),
    async request(type: keyof Requests, payload: { pixels: Uint8Array; z: Float32Array; indices: number[] }) {
      asked.push(type);
      if (type === "encode") {
        const n = payload.pixels.length / 784;
        const mean = new Float32Array(2 * n);
        for (let i = 0; i < n; i++) mean[2 * i] = payload.pixels[i * 784]!;
        return { mean, logVar: new Float32Array(2 * n) };
      }
      if (type === "decode") return { pixels: new Uint8Array((payload.z.length / 2) * 784).fill(128) };
      const { indices } = payload;
      return { pixels: new Uint8Array(indices.length * 784), labels: Uint8Array.from(indices, (i) => i % 10) };
    },
  } as unknown as EnginePort;
  const data = { hasData: true, loadData: vi.fn(async () => {}) };
  const callbacks = { onChange: vi.fn(), onError: vi.fn(), onNews: vi.fn() };
  const shelf = new DigitShelf(port, data);
  const drawing = new Drawing(port, data, shelf, callbacks);
  const epoch = () => {
    for (const listener of listeners) listener({ type: "epoch" } as EngineEvent);
  };
  return { drawing, shelf, asked, callbacks, data, epoch };
}
const image = (first: number) => new Uint8Array(784).fill(first, 0, 1);

describe("a drawing", () => {
  it("is encoded as it is drawn, the latest last, with nine reconstructions", async () => {
    const { drawing, asked } = stage();
    drawing.modelChanged(model);
    for (const first of [1, 2, 3, 4]) drawing.draw(image(first));
    await soon();
    expect(drawing.seen).toMatchObject({ mean: [4, 0], sigma: [1, 1] });
    expect(drawing.seen!.decoded).toHaveLength(9 * 784);
    expect(asked.filter((type) => type === "encode")).toHaveLength(2); // the first and the last
    drawing.draw(undefined);
    expect(drawing.seen).toBeUndefined();
  });

  it("is seen again after each epoch", async () => {
    const { drawing, asked, epoch } = stage();
    drawing.modelChanged(model);
    drawing.draw(image(1));
    await soon();
    epoch();
    await soon();
    expect(asked.filter((type) => type === "encode")).toHaveLength(2);
  });

  it("is compared with test digits and has neighbours with labels", async () => {
    const { drawing, callbacks } = stage();
    drawing.modelChanged(model);
    drawing.draw(image(0));
    await soon();
    expect(drawing.score(false)).toEqual({ kind: "measuring", done: 0, total: 500 });
    const mean = Float32Array.from({ length: 40 }, (_, i) => (i % 2 ? 0 : i));
    drawing.update({ mean, labels: new Uint8Array(20), count: 20 }, true, false);
    await vi.waitFor(() => expect(drawing.score(false)).toEqual({ kind: "ready", share: 0.5, digits: 500 }));
    expect(drawing.neighbours!.labels).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(drawing.neighbours!.distances.slice(0, 3)).toEqual([0, 2, 4]);
    expect(callbacks.onError).not.toHaveBeenCalled();
  });

  it("says what is missing without data", () => {
    const { drawing, data } = stage();
    data.hasData = false;
    expect(drawing.score(false)).toEqual({ kind: "no data" });
    expect(drawing.score(true)).toEqual({ kind: "loading" });
  });

  it("the shelf gives another digit of a class each time, and none where there is none", async () => {
    const { shelf } = stage();
    expect((await shelf.next(3))!.index).toBe(3);
    expect((await shelf.next(3))!.index).toBe(13);
    expect(await shelf.next(11)).toBeUndefined();
  });
});

describe("the drawing view", () => {
  let root: HTMLElement;
  beforeEach(() => {
    root = document.createElement("section");
    document.body.replaceChildren(root);
  });
  const button = (name: string) => [...root.querySelectorAll("button")].find((b) => b.textContent === name)!;
  const data: DrawData = {
    ready: true,
    seen: undefined,
    score: { kind: "no data" },
    neighbours: undefined,
    live: false,
    palette: paletteOf(false),
  };
  const setUp = () => {
    const calls = { onDraw: vi.fn(), onExample: vi.fn(), onLoadData: vi.fn(), onPin: vi.fn(), onJoin: vi.fn() };
    const view = new DrawView(root, calls);
    view.update(data);
    const pad = root.querySelector<HTMLElement>(".pad")!;
    pad.getBoundingClientRect = () => new DOMRect(0, 0, 140, 140);
    const pointer = (type: string, x: number, y: number, pointerId = 1) =>
      pad.dispatchEvent(new PointerEvent(type, { clientX: x, clientY: y, pointerId, bubbles: true }));
    const last = () => calls.onDraw.mock.lastCall?.[0] as Uint8Array | undefined;
    return { calls, view, pointer, last };
  };

  it("tells the ink with every move; undo and clear take it back", () => {
    const { calls, pointer, last } = setUp();
    expect(button("Undo").disabled).toBe(true);
    pointer("pointermove", 10, 10);
    expect(calls.onDraw).not.toHaveBeenCalled();
    pointer("pointerdown", 40, 40);
    pointer("pointermove", 40, 100);
    const moved = calls.onDraw.mock.calls.length;
    pointer("pointermove", 90, 90, 2); // another finger
    expect(calls.onDraw).toHaveBeenCalledTimes(moved);
    pointer("pointerup", 40, 100);
    const bar = last()!;
    expect(bar.some((level) => level === 255)).toBe(true);
    button("Clear").click();
    expect(last()).toBeUndefined();
    button("Undo").click();
    expect(last()).toEqual(bar);
    button("Undo").click();
    expect(last()).toBeUndefined();
    expect(button("Undo").disabled).toBe(true);
  });

  it("the eraser erases", () => {
    const { pointer, last } = setUp();
    const stroke = (x: number) => {
      pointer("pointerdown", x, 40);
      pointer("pointermove", x, 100);
      pointer("pointerup", x, 100);
    };
    stroke(40);
    const one = last();
    stroke(100);
    expect(last()).not.toEqual(one);
    button("Eraser").click();
    expect(button("Eraser").getAttribute("aria-pressed")).toBe("true");
    const width = root.querySelector<HTMLInputElement>("#draw-width")!;
    width.value = "44";
    stroke(100);
    expect(last()).toEqual(one);
  });

  it("an example stays what it is to the byte, until somebody draws on it", () => {
    const { calls, view, pointer, last } = setUp();
    root.querySelector<HTMLSelectElement>("#draw-label")!.value = "7";
    button("Show one").click();
    expect(calls.onExample).toHaveBeenCalledExactlyOnceWith(7);
    const digit = new Uint8Array(784);
    digit.fill(99, 400, 410);
    view.showDigit(digit);
    expect(last()).toBe(digit);
    pointer("pointerdown", 40, 40);
    pointer("pointerup", 40, 40);
    expect(last()).not.toEqual(digit);
  });

  it("shows μ ± σ, the score and its neighbours, and what is needed without data", () => {
    const { view, calls } = setUp();
    const decoded = new Uint8Array(9 * 784);
    const seen = {
      pixels: decoded.slice(0, 784),
      mean: [-1, 0.5],
      sigma: [0.1, 0.2],
      decoded,
      reconstruction: 140,
      kl: 5,
    };
    view.update({ ...data, seen });
    expect(root.textContent.replaceAll("\u00a0", " ")).toContain("z₁ = −1.00 ± 0.10");
    expect(root.textContent).toContain("ELBO ≈ −145.0 nats");
    expect(root.querySelector(".verdict")!.textContent).toContain("MNIST is needed");
    button("Load MNIST (11.6 MB)").click();
    expect(calls.onLoadData).toHaveBeenCalledOnce();
    const neighbours = { pixels: decoded.slice(0, 2 * 784), labels: [3, 5], distances: [0.1, 0.25] };
    view.update({ ...data, seen, neighbours, score: { kind: "ready", share: 0.834, digits: 500 } });
    expect(root.querySelector(".verdict")!.textContent).toBe("More digit-like than 83 % of 500 test digits.");
    expect(root.querySelector('[role="meter"]')!.getAttribute("aria-valuenow")).toBe("83");
    const items = [...root.querySelectorAll(".neighbours li")].map((item) => item.textContent);
    expect(items).toEqual(["3, at a distance of 0.10", "5, at a distance of 0.25"]);
    button("Pin on the map").click();
    button("Add to the path").click();
    expect(calls.onPin).toHaveBeenCalledOnce();
    expect(calls.onJoin).toHaveBeenCalledOnce();
  });
});
