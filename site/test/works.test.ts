import { beforeEach, describe, expect, it, vi } from "vitest";
import type { EnginePort } from "../src/app/port";
import { Works } from "../src/app/works";
import { functionOf, regionOf, snippets } from "../src/app/works-source";
import type { Activations, EngineEvent, FeatureMaps, ModelInfo, Requests } from "../src/engine/protocol";
import { paletteOf } from "../src/views/palette";
import { type WorksData, WorksView } from "../src/views/works";
import { closeReach, gridOf, paintMaps, reach } from "../src/views/works-drawing";
import { costByPixel, klByAxis, type Passage, sigmasOf, stageTexts } from "../src/views/works-stages";
import { channelFacts, strongestChannel, tableOf } from "../src/views/works-summary";

const palette = paletteOf(false);

function maps(side: number, channels: number, peak = 2): FeatureMaps {
  const values = Uint8Array.from({ length: side * side * channels }, (_, i) => (i % channels === 1 ? 255 : 0));
  return { values, side, channels, peak };
}

const layers: Activations = {
  conv: [maps(28, 32), maps(14, 64), maps(14, 64), maps(14, 64)],
  hidden: Float32Array.from({ length: 32 }, (_, i) => i % 3),
  mean: Float32Array.of(1, -0.5),
  logVar: Float32Array.of(Math.log(0.25), 0),
  z: Float32Array.of(1.5, -2.5),
  decoderIn: maps(14, 64),
  deconv: maps(28, 32),
  probability: new Float32Array(784).fill(0.5),
  reconstruction: 784 * Math.LN2,
  kl: 0.9431472,
};
const passage: Passage = { pixels: new Uint8Array(784), eps: Float32Array.of(1, -2), objective: "elbo", layers };

describe("the source beside the formulas", () => {
  it("is found for every formula, and is what it says", () => {
    const all = snippets();
    for (const { code } of stageTexts.flatMap(({ formulas }) => formulas)) {
      for (const name of code) expect(all[name].code.trim()).not.toBe("");
    }
    expect(all.reparameterise.code).toMatch(/^func \(w \*Workspace\) Reparameterise[\s\S]*w\.mean\[i\][\s\S]*\n}$/);
    expect(all.heads.code.split("\n")).toHaveLength(2);
    expect(all.conv3.code).toMatch(/^w\.conv3\.forward\(.*w\.a3/);
    expect(all.convolution.code).toMatch(/^sum := float64\(b\[o\]\)\nfor ky/);
  });

  it("is refused where the function or the line is gone", () => {
    const go = "func F(x int) {\n\tif x {\n\t\ty()\n\t}\n}\n";
    expect(regionOf(go, "F", "if x", "}")).toBe("if x {\n  y()\n}");
    expect(() => functionOf(go, "G")).toThrow("0 functions G");
    expect(() => regionOf(go, "F", "z()")).toThrow('"z()"');
  });
});

describe("the numbers of a passage", () => {
  it("are μ, σ, KL and cost by the book", () => {
    expect(sigmasOf(passage)).toEqual([0.5, 1].map((s) => expect.closeTo(s, 6)));
    expect(sigmasOf({ ...passage, objective: "seed" })[0]).toBeCloseTo(0.25, 6);
    expect(klByAxis(passage)[0]).toBeCloseTo((0.25 + 1 - 1 - Math.log(0.25)) / 2, 6);
    expect(klByAxis(passage)[1]).toBeCloseTo(0.125, 6);
    const sum = costByPixel(passage).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(784 * Math.LN2, 2);
    expect(tableOf("loss", passage).rows.at(-1)![1]).toMatch(/^−544\.3/);
  });

  it("find the strongest channel and what is in it", () => {
    expect(strongestChannel(maps(14, 5))).toBe(1);
    expect(channelFacts(maps(14, 5), 1)).toEqual({ peak: 2, mean: 2, active: 1 });
    expect(channelFacts(maps(14, 5), 0)).toEqual({ peak: 0, mean: 0, active: 0 });
  });

  it("are painted channel by channel, with gaps", () => {
    expect(gridOf({ side: 14, channels: 64 })).toEqual({ columns: 8, rows: 8, pitch: 15 });
    expect(gridOf({ side: 28, channels: 32 })).toEqual({ columns: 6, rows: 6, pitch: 30 });
    const { rgba, width } = paintMaps(maps(14, 4), palette);
    const at = (x: number, y: number) => [...rgba.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)];
    expect(at(0, 0)).toEqual([...palette.paper, 255]);
    expect(at(15, 0)).toEqual([0x35, 0x56, 0xa8, 255]); // the second channel, at its peak
    expect(at(14, 0)).toEqual([0, 0, 0, 0]);
    expect([...paintMaps(maps(14, 4), palette, 1).rgba.subarray(0, 3)]).toEqual([0x35, 0x56, 0xa8]);
    expect(reach([0.2, 0], [1, 1])).toBe(3);
    expect(reach([5, 0], [0.5, 1])).toBe(7);
    expect(closeReach([1, 1], [0.1, 0.05], [1.05, 0.8])).toBeCloseTo(0.24, 6);
  });
});

describe("the diagram", () => {
  let root: HTMLElement;
  beforeEach(() => {
    root = document.createElement("section");
    document.body.replaceChildren(root);
  });
  const callbacks = () => ({
    onSource: vi.fn(),
    onTest: vi.fn(),
    onRedraw: vi.fn(),
    onSampled: vi.fn(),
    onVisible: vi.fn(),
  });
  const data: WorksData = {
    ready: true,
    passage,
    source: "map",
    hasDrawing: false,
    sampled: true,
    live: false,
    palette,
  };
  const stage = (id: string) => root.querySelector<HTMLButtonElement>(`[aria-describedby="works-tip-${id}"]`)!;

  it("names every stage with its shape and values, and opens one at a time", () => {
    const view = new WorksView(root, snippets(), callbacks());
    view.update(data);
    expect(stage("conv1").textContent).toMatch(/^conv128 × 28 × 32\. 3 % .* channel 2 is strongest/);
    expect(stage("posterior").textContent).toContain("μ = (1.00, −0.50), σ = (0.50, 1.00)");
    expect(stage("z").getAttribute("aria-expanded")).toBe("true");
    expect(root.querySelector(".works-detail")!.textContent).toContain("Reparameterise");
    stage("conv2").click();
    expect(stage("z").getAttribute("aria-expanded")).toBe("false");
    expect(document.getElementById(stage("conv2").getAttribute("aria-controls")!)).not.toBeNull();
    const slider = root.querySelector<HTMLInputElement>("#works-channel-conv2")!;
    expect([slider.value, slider.max]).toEqual(["2", "64"]);
    slider.value = "1";
    slider.dispatchEvent(new Event("input"));
    expect(slider.getAttribute("aria-valuetext")).toMatch(/^1 of 64: highest 0\.00/);
    stage("conv2").click();
    expect(root.querySelector(".works-detail")).toBeNull();
  });

  it("offers a drawing only where there is one, and ε only where z is sampled", () => {
    const calls = callbacks();
    const view = new WorksView(root, snippets(), calls);
    view.update({ ...data, sampled: false });
    const drawing = root.querySelector<HTMLInputElement>('[value="drawing"]')!;
    expect(drawing.disabled).toBe(true);
    const redraw = [...root.querySelectorAll("button")].find((b) => b.textContent === "Draw a new ε")!;
    expect(redraw.disabled).toBe(true);
    view.update({ ...data, hasDrawing: true });
    expect(drawing.disabled).toBe(false);
    redraw.click();
    expect(calls.onRedraw).toHaveBeenCalledOnce();
  });
});

describe("what flows", () => {
  const model: ModelInfo = {
    source: "trained",
    name: "",
    config: { latent: 2, hidden: 32, encoder: [32, 64, 64, 64], decoder: 32 },
    parameters: 1,
    metadata: { objective: "seed" },
  };
  const soon = () => new Promise((done) => setTimeout(done, 5));

  it("is the latest digit, one at a time; a new ε changes the noise, μ has none, and training slows it down", async () => {
    const asked: Requests["activations"][] = [];
    let inFlight = 0;
    const listeners: ((event: EngineEvent) => void)[] = [];
    const engine = {
      request: async (_: string, payload: Requests["activations"]) => {
        asked.push(payload);
        expect(++inFlight).toBe(1);
        await soon();
        inFlight--;
        return layers;
      },
      on: (listener: (event: EngineEvent) => void) => listeners.push(listener),
    } as unknown as EnginePort;
    const root = document.createElement("section");
    document.body.replaceChildren(root); // a checkbox elsewhere tells nobody
    const onError = vi.fn();
    vi.stubGlobal("IntersectionObserver", undefined);
    const works = new Works(root, {
      engine,
      data: { loadData: async () => {} },
      onChange: vi.fn(),
      onError,
      onNews: vi.fn(),
    });
    vi.unstubAllGlobals();
    works.modelChanged(model);
    await soon();
    for (let i = 1; i <= 20; i++) works.show("map", new Uint8Array(784).fill(i));
    await soon().then(soon).then(soon);
    expect(asked.map(({ pixels }) => pixels[0])).toEqual([1, 20]);
    expect(asked[1]).toMatchObject({ objective: "seed" });
    works.update({ ready: true, live: false, drawing: undefined, palette });
    root.querySelectorAll("button")[1]!.click(); // a new ε
    await soon().then(soon);
    expect(asked[2]!.eps).not.toEqual(asked[1]!.eps);
    const sampled = root.querySelector<HTMLInputElement>('input[type="checkbox"]')!;
    sampled.click();
    await soon().then(soon);
    expect([...asked[3]!.eps]).toEqual([0, 0]);
    works.update({ ready: true, live: true, drawing: undefined, palette });
    for (let i = 0; i < 50; i++) for (const listener of listeners) listener({ type: "step" } as EngineEvent);
    await soon().then(soon).then(soon);
    expect(asked).toHaveLength(5);
    expect(onError).not.toHaveBeenCalled();
  });
});
