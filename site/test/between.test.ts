import { inflateSync, crc32 as zlibCrc32 } from "node:zlib";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Between } from "../src/app/between";
import { apng, crc32 } from "../src/app/between-apng";
import { filmOf, gif, thereAndBack } from "../src/app/between-film";
import type { EnginePort } from "../src/app/port";
import type { ModelInfo, Requests } from "../src/engine/protocol";
import { type BetweenData, BetweenView } from "../src/views/between";
import { classMeans, shifted, traversal } from "../src/views/between-arithmetic";
import { density, nodeAt, nodeNear } from "../src/views/between-density";
import { densityPath, linearPath, resampled, shortestPath } from "../src/views/between-path";
import { paletteOf } from "../src/views/palette";

/** Points along a half circle of radius 2 from (−2, 0) over (0, 2) to (2, 0), with a little spread. */
function arch(count: number): Float32Array {
  const points = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const angle = Math.PI * (i / (count - 1));
    const radius = 2 + 0.15 * Math.sin(i * 2.4);
    points[2 * i] = -radius * Math.cos(angle);
    points[2 * i + 1] = radius * Math.sin(angle);
  }
  return points;
}

describe("paths", () => {
  it("a straight one is even on each leg and meets every stop", () => {
    const { points } = linearPath(
      [
        [0, 0],
        [3, 0],
        [3, 1],
      ],
      9,
    );
    expect(points).toHaveLength(9);
    expect(points[0]).toEqual([0, 0]);
    expect(points).toContainEqual([3, 0]);
    expect(points.at(-1)).toEqual([3, 1]);
    expect(points[1]![0]).toBeCloseTo(0.5);
  });

  it("through stops at one place is no trouble", () => {
    expect(
      resampled(
        [
          [
            [1, 1],
            [1, 1],
          ],
          [
            [1, 1],
            [1, 1],
          ],
        ],
        4,
      ),
    ).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  it("density peaks where the points are and is scaled to one", () => {
    const grid = density(arch(1000), 1000, [[0, 0]]);
    const at = (x: number, y: number) => grid.values[nodeNear(grid, [x, y])]!;
    expect(Math.max(...grid.values)).toBe(1);
    expect(at(0, 2)).toBeGreaterThan(0.4);
    expect(at(0, 0)).toBeLessThan(0.1);
    const [x, y] = nodeAt(grid, nodeNear(grid, [0.5, 1]));
    expect(Math.hypot(x - 0.5, y - 1)).toBeLessThan(0.1);
  });

  it("along the density goes round by the arch, and exactly from stop to stop", () => {
    const { points, line } = densityPath(
      [
        [-2, 0],
        [2, 0],
      ],
      arch(1000),
      1000,
      21,
    );
    expect(points[0]).toEqual([-2, 0]);
    expect(points.at(-1)).toEqual([2, 0]);
    expect(points).toHaveLength(21);
    for (const [x, y] of line.slice(1, -1)) expect(Math.abs(Math.hypot(x!, y!) - 2)).toBeLessThan(0.7);
    expect(Math.max(...line.map((point) => point[1]!))).toBeGreaterThan(1.4);
  });

  it("is the straight one where there is no data", () => {
    expect(
      densityPath(
        [
          [-1, 0],
          [1, 0],
        ],
        new Float32Array(0),
        0,
        5,
      ),
    ).toEqual(
      linearPath(
        [
          [-1, 0],
          [1, 0],
        ],
        5,
      ),
    );
  });

  it("Dijkstra: straight at even cost, around a wall, as short as it can be", () => {
    const grid = { n: 21, left: 0, bottom: 0, width: 20, height: 20, values: new Float64Array(441) };
    const lengthOf = (path: number[]) =>
      path.slice(1).reduce((sum, node, i) => {
        const [a, b] = [nodeAt(grid, path[i]!), nodeAt(grid, node)];
        return sum + Math.hypot(a[0] - b[0], a[1] - b[1]);
      }, 0);
    const even = new Float64Array(441).fill(1);
    expect(lengthOf(shortestPath(grid, even, 0, 20 * 21 + 10))).toBeCloseTo(Math.hypot(10, 20), 6);
    const wall = even.slice();
    for (let y = 0; y < 20; y++) wall[y * 21 + 10] = wall[y * 21 + 11] = 1e6; // open at the top only
    const path = shortestPath(grid, wall, 0, 20);
    expect(path[0]).toBe(0);
    expect(path.at(-1)).toBe(20);
    expect(path.filter((node) => wall[node]! > 1)).toEqual([]);
    expect(shortestPath(grid, even, 5, 5)).toEqual([5]);
  });
});

describe("around a point", () => {
  it("class means, sums and traversals", () => {
    const points = { mean: Float32Array.of(1, 2, 3, 4, 9, 9), labels: Uint8Array.of(7, 7, 1), count: 3 };
    const means = classMeans(points, 2);
    expect(means[7]).toEqual([2, 3]);
    expect(means[1]).toEqual([9, 9]);
    expect(means[0]).toBeUndefined();
    expect(shifted([1, 1], means[7]!, means[1]!)).toEqual([-6, -5]);
    expect([...traversal([5, 6], 1, 3, 3)]).toEqual([5, -3, 5, 0, 5, 3]);
  });
});

const pixels = Uint8Array.from({ length: 3 * 784 }, (_, i) => (i * 7) % 256);

describe("films", () => {
  it("go there and back without showing an end twice", () => {
    expect(thereAndBack([1, 2, 3])).toEqual([1, 2, 3, 2]);
    expect(thereAndBack([1, 2])).toEqual([1, 2]);
  });

  it("the CRC is zlib's", () => {
    expect(crc32(Uint8Array.from(Buffer.from("123456789")))).toBe(0xcbf43926);
  });

  it("an APNG decodes to its frames, palette and timing, every CRC right", async () => {
    const film = filmOf(pixels, paletteOf(false), 10, 2);
    const bytes = await apng(film);
    const view = new DataView(bytes.buffer);
    const chunks: { type: string; body: Uint8Array }[] = [];
    for (let at = 8; at < bytes.length; ) {
      const length = view.getUint32(at);
      const body = bytes.subarray(at + 8, at + 8 + length);
      expect(view.getUint32(at + 8 + length)).toBe(crc32(bytes.subarray(at + 4, at + 8 + length)));
      expect(crc32(body)).toBe(zlibCrc32?.(body) ?? crc32(body)); // Node has it since 20.15
      chunks.push({ type: Buffer.from(bytes.subarray(at + 4, at + 8)).toString(), body });
      at += 12 + length;
    }
    expect(chunks.map(({ type }) => type).join(" ")).toBe(
      "IHDR acTL PLTE fcTL IDAT fcTL fdAT fcTL fdAT fcTL fdAT IEND",
    );
    const word = (body: Uint8Array, i: number) => new DataView(body.buffer, body.byteOffset).getUint32(4 * i);
    expect([word(chunks[0]!.body, 0), word(chunks[0]!.body, 1)]).toEqual([56, 56]);
    expect(word(chunks[1]!.body, 0)).toBe(4);
    expect([...chunks[2]!.body.subarray(765)]).toEqual([...paletteOf(false).ink]);
    const sequence = chunks.filter(({ type }) => /^f[cd]/.test(type)).map(({ body }) => word(body, 0));
    expect(sequence).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const { body: control } = chunks[3]!;
    expect([control[20]! * 256 + control[21]!, control[22]! * 256 + control[23]!]).toEqual([100, 1000]);
    const frames = chunks.filter(({ type }) => type === "IDAT" || type === "fdAT");
    frames.forEach(({ type, body }, i) => {
      const raw = inflateSync(body.subarray(type === "fdAT" ? 4 : 0));
      const decoded = new Uint8Array(56 * 56);
      for (let y = 0; y < 56; y++) {
        for (let x = 0; x < 56; x++) {
          const above = raw[y * 57] === 2 ? decoded[(y - 1) * 56 + x]! : 0;
          decoded[y * 56 + x] = raw[y * 57 + 1 + x]! + above;
        }
      }
      expect(decoded).toEqual(film.frames[i]);
    });
    expect(film.frames[0]![3 * 56 + 5]).toBe(pixels[28 + 2]);
  });

  it("a GIF says its size, its frames and that it repeats", async () => {
    const bytes = Buffer.from(await gif(filmOf(pixels, paletteOf(true), 20, 2)));
    expect(bytes.subarray(0, 6).toString()).toBe("GIF89a");
    expect(bytes.readUInt16LE(6)).toBe(56);
    expect(bytes.includes("NETSCAPE2.0")).toBe(true);
    const controls = bytes.toString("latin1").split("\x21\xf9\x04").slice(1);
    expect(controls).toHaveLength(4);
    expect(controls[0]!.charCodeAt(1)).toBe(5); // hundredths of a second
    expect(bytes.at(-1)).toBe(0x3b);
  });
});

const model = (latent: number): ModelInfo => ({
  source: "trained",
  name: "",
  config: { latent, hidden: 32, encoder: [32, 64, 64, 64], decoder: 32 },
  parameters: 1,
  metadata: {},
});

describe("between", () => {
  const setUp = (latent = 2) => {
    const decoded: Float32Array[] = [];
    let shift = 0;
    const port = {
      on: () => {},
      async request(type: keyof Requests, payload: { z: Float32Array; pixels: Uint8Array }) {
        if (type === "encode") {
          return { mean: new Float32Array((payload.pixels.length / 784) * latent).fill(1 + shift++) };
        }
        decoded.push(payload.z);
        return { pixels: new Uint8Array((payload.z.length / latent) * 784) };
      },
    } as unknown as EnginePort;
    const callbacks = { onChange: vi.fn(), onError: vi.fn() };
    const between = new Between(port, callbacks);
    between.modelChanged(model(latent));
    return { between, decoded, callbacks };
  };
  const soon = () => new Promise((done) => setTimeout(done, 5));
  const digits = (latent: number) => {
    const labels = Uint8Array.from({ length: 600 }, (_, i) => i % 10);
    return { mean: new Float32Array(600 * latent).map((_, i) => Math.sin(i)), labels, count: 600 };
  };

  it("begins with two points and decodes path, stops and traversals at once", async () => {
    const { between, decoded, callbacks } = setUp();
    await soon();
    expect(between.film).toHaveLength(16 * 784);
    expect(between.traversals).toMatchObject({ rows: 2, perRow: 11 });
    expect(decoded.at(-1)).toHaveLength((16 + 2 + 22) * 2);
    expect(between.sum).toMatchObject({ missing: expect.stringContaining("load MNIST") });
    expect(callbacks.onError).not.toHaveBeenCalled();
  });

  it("has a straight path only without digits or with other than two dimensions, and says why", () => {
    expect(setUp().between.straightOnly()).toContain("load MNIST");
    const { between } = setUp(3);
    between.update(digits(3), true, [0, 0, 0], undefined);
    expect(between.straightOnly()).toContain("two latent dimensions");
  });

  it("follows the density and adds classes once digits are there", async () => {
    const { between, decoded } = setUp();
    const points = digits(2);
    between.update(points, true, [0.5, 0], undefined);
    between.set({ kind: "density", frames: 8 });
    await soon();
    expect(between.straightOnly()).toBeUndefined();
    expect(between.line.length).toBeGreaterThan(8);
    const z = decoded.at(-1)!;
    const [origin, plus, minus, sum] = [0, 1, 2, 3].map((i) => [
      ...z.slice(z.length - 8 + 2 * i, z.length - 6 + 2 * i),
    ]);
    const means = classMeans(points, 2);
    expect(origin).toEqual([0.5, 0]);
    expect(plus![0]).toBeCloseTo(means[7]![0]!, 5);
    expect(minus![1]).toBeCloseTo(means[3]![1]!, 5);
    expect(sum![0]).toBeCloseTo(0.5 + means[7]![0]! - means[3]![0]!, 5);
  });

  it("adds, moves and removes stops; images are encoded anew when the model learns", async () => {
    const { between } = setUp();
    between.add({ name: "a 3", z: [0, 0], image: new Uint8Array(784) });
    await soon();
    const first = between.stops[2]!.z;
    expect(first).not.toEqual([0, 0]);
    between.refresh();
    await soon();
    expect(between.stops[2]!.z).not.toEqual(first);
    between.move(3, -1);
    expect(between.stops.map(({ id }) => id)).toEqual([1, 3, 2]);
    between.set({ origin: "3" });
    between.remove(3);
    expect(between.stops.map(({ id }) => id)).toEqual([1, 2]);
    expect(between.origin).toBe("pin");
    between.modelChanged(model(3));
    expect(between.stops[0]!.z).toEqual([-1.2, 0.6, 0]);
  });
});

describe("the view between", () => {
  let root: HTMLElement;
  beforeEach(() => {
    root = document.createElement("section");
    document.body.replaceChildren(root);
  });
  const named = (name: string) =>
    [...root.querySelectorAll("button")].find((b) => (b.getAttribute("aria-label") ?? b.textContent) === name)!;
  const stop = (id: number) => ({ id, name: `stop ${id}`, picture: new Uint8Array(784) });
  const data: BetweenData = {
    ready: true,
    stops: [stop(1), stop(2), stop(3)],
    hasDrawing: false,
    kind: "density",
    straightOnly: undefined,
    frames: 16,
    film: pixels,
    live: false,
    latent: 2,
    origins: [{ key: "pin", name: "the map’s pin" }],
    origin: "pin",
    traversals: { first: 0, rows: 2, perRow: 1, reach: 3, pixels },
    plus: 7,
    minus: 3,
    sum: { missing: "load MNIST" },
    palette: paletteOf(false),
  };
  const setUp = () => {
    const names = "AddPin AddDrawing AddDigit Move Remove Origin FirstAxis Sum Kind Frames Save".split(" ");
    const calls = Object.fromEntries(names.map((name) => [`on${name}`, vi.fn()]));
    const view = new BetweenView(root, calls as never);
    view.update(data);
    return { view, calls };
  };

  it("reports every control", () => {
    const { calls } = setUp();
    named("Move up point 2, stop 2").click();
    expect(calls.onMove).toHaveBeenLastCalledWith(2, -1);
    expect(named("Move up point 1, stop 1").disabled).toBe(true);
    named("Add the map’s pin").click();
    expect(calls.onAddPin).toHaveBeenCalledOnce();
    expect(named("Add the drawing").disabled).toBe(true);
    named("Add a test digit").click();
    expect(calls.onAddDigit).toHaveBeenLastCalledWith(8);
    named("Save APNG").click();
    expect(calls.onSave).toHaveBeenLastCalledWith("apng", 8);
    const kind = root.querySelector<HTMLSelectElement>("#between-kind")!;
    expect(kind.value).toBe("density");
    kind.value = "line";
    kind.dispatchEvent(new Event("change"));
    expect(calls.onKind).toHaveBeenLastCalledWith("line");
    expect(root.textContent).toContain("Do not expect style to survive");
    expect(root.textContent).toContain("load MNIST");
  });

  it("keeps the focus when a stop is removed, and two stops at least", () => {
    const { view } = setUp();
    named("Remove point 2, stop 2").focus();
    view.update({ ...data, stops: [stop(1), stop(3)] });
    expect(root.contains(document.activeElement)).toBe(true);
    expect(document.activeElement?.tagName).toBe("BUTTON");
    expect(named("Remove point 1, stop 1").disabled).toBe(true);
  });

  it("tells why a path must be straight, and plays when it is told to", () => {
    const { view } = setUp();
    view.update({ ...data, straightOnly: "needs digits" });
    expect(root.querySelector<HTMLSelectElement>("#between-kind")!.disabled).toBe(true);
    expect(root.textContent).toContain("needs digits");
    named("Play").click();
    expect(named("Pause")).toBeDefined();
    const scrubber = root.querySelector<HTMLInputElement>("#between-frame")!;
    scrubber.value = "2";
    scrubber.dispatchEvent(new Event("input"));
    expect(named("Play")).toBeDefined(); // whoever scrubs wants it to stand still
    expect(scrubber.getAttribute("aria-valuetext")).toBe("digit 3 of 3");
  });
});
