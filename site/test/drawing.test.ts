import { describe, expect, it } from "vitest";
import { paintSheet, sheetSize } from "../src/views/digits";
import { layersOf } from "../src/views/layers";
import { classMiddles, place } from "../src/views/map-drawing";
import { paletteOf, type Rgb } from "../src/views/palette";
import { evenWarp, manifoldGrid, normalCdf, normalQuantile, quantileWarp } from "../src/views/warp";

describe("digits on a canvas", () => {
  it("go from paper to ink, tile by tile, with gaps left clear", () => {
    const palette = paletteOf(false);
    const pixels = new Uint8Array(2 * 784);
    pixels[0] = 255; // first digit, first pixel
    pixels[784 + 783] = 128; // second digit, last pixel
    const sheet = { columns: 2, rows: 1, gap: 3 };
    expect(sheetSize(sheet)).toEqual({ width: 59, height: 28 });
    const rgba = paintSheet(pixels, sheet, palette);
    const at = (x: number, y: number) => [...rgba.slice((y * 59 + x) * 4, (y * 59 + x) * 4 + 4)];
    expect(at(0, 0)).toEqual([...palette.ink, 255]);
    expect(at(1, 0)).toEqual([...palette.paper, 255]);
    expect(at(29, 5)).toEqual([0, 0, 0, 0]);
    expect(at(58, 27)).toEqual(
      palette.ink.map((ink, i) => Math.round((ink * 128 + palette.paper[i]! * 127) / 255)).concat(255),
    );
  });
});

/** Linear light, then Viénot's matrix for a missing cone, then CIE Lab. */
function seenLab(rgb: Rgb, kind: "normal" | "deutan" | "protan"): number[] {
  const linear = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  const matrices = {
    normal: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    protan: [
      [0.11238, 0.88762, 0],
      [0.11238, 0.88762, 0],
      [0.00401, -0.00401, 1],
    ],
    deutan: [
      [0.29275, 0.70725, 0],
      [0.29275, 0.70725, 0],
      [-0.02234, 0.02234, 1],
    ],
  };
  const [r, g, b] = matrices[kind].map((row) => row.reduce((sum, m, i) => sum + m * linear[i]!, 0)) as [
    number,
    number,
    number,
  ];
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

describe("the colours of the classes", () => {
  it.each([false, true])("can be told apart with any colour vision (dark: %s)", (dark) => {
    for (const kind of ["normal", "deutan", "protan"] as const) {
      const labs = paletteOf(dark).classes.map((rgb) => seenLab(rgb, kind));
      for (let i = 0; i < 10; i++) {
        for (let j = 0; j < i; j++) {
          const distance = Math.hypot(...labs[i]!.map((v, k) => v - labs[j]![k]!));
          expect(distance, `${kind}: ${j} and ${i}`).toBeGreaterThan(kind === "normal" ? 40 : 20);
        }
      }
    }
  });
});

describe("the map's axes", () => {
  it("know the normal distribution", () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963985, 7);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306, 7);
    expect(normalCdf(1.959963985)).toBeCloseTo(0.975, 6);
    for (const p of [0.01, 0.2, 0.5, 0.77, 0.99]) expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 6);
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
  });

  it.each([quantileWarp, evenWarp])("lead back to where they came from", (warp) => {
    for (const z of [-2.5, -0.3, 0, 1.7]) expect(warp.value(warp.position(z))).toBeCloseTo(z, 4);
    expect(warp.value(-1)).toBeGreaterThan(-5);
    expect(warp.value(2)).toBeLessThan(5);
  });

  it("put the grid's first tile at the top left and keep other dimensions", () => {
    const z = manifoldGrid(3, 3, [2, 0], [9, 0.5, 9], evenWarp);
    expect(z).toHaveLength(27);
    const third = 8 / 3;
    expect(z[2]).toBeCloseTo(-third); // leftmost: axis 2 runs across
    expect(z[0]).toBeCloseTo(third); // top: axis 0 runs up
    expect(z[1]).toBe(0.5);
    expect(manifoldGrid(3, 1, [0, 1], [], evenWarp)).toHaveLength(3);
  });

  it("give each class a lane where there is no second axis, and find class middles", () => {
    const frame = { latent: 1, axes: [0, 1] as const, warp: evenWarp, size: 100 };
    expect(place(frame, new Float32Array([0]), 0, 3, 0.5)).toEqual({ x: 50, y: 35 });
    const flat = { ...frame, latent: 2 };
    const points = {
      mean: new Float32Array([0, 0, 0, 0, 0, 0, 2, 2, 4, 4]),
      labels: new Uint8Array([5, 5, 5, 5, 5]),
      count: 5,
    };
    expect(classMiddles(flat, points)[5]).toEqual({ x: 50, y: 50 });
    expect(classMiddles(flat, points)[4]).toBeUndefined();
  });
});

it("the layer table adds up to the book's 550,629 parameters", () => {
  const layers = layersOf({ latent: 2, hidden: 32, encoder: [32, 64, 64, 64], decoder: 32 });
  expect(layers.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(550629);
  expect(layers.slice(8).reduce((sum, { parameters }) => sum + parameters, 0)).toBe(56385);
});
