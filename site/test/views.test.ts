import { beforeEach, describe, expect, it, vi } from "vitest";
import { textOf } from "../src/app/settings";
import { bookSettings } from "../src/app/state";
import { type MapData, MapView } from "../src/views/map";
import { ModelView } from "../src/views/model";
import { NoticesView } from "../src/views/notices";
import { paletteOf } from "../src/views/palette";
import { SamplesView } from "../src/views/samples";
import { TrainingForm } from "../src/views/training-form";

let root: HTMLElement;
beforeEach(() => {
  document.body.replaceChildren();
  root = document.createElement("section");
  document.body.append(root);
});
const palette = paletteOf(false);
const button = (name: string) =>
  [...root.querySelectorAll("button")].find((b) => b.textContent === name || b.getAttribute("aria-label") === name)!;

describe("the map", () => {
  const data: MapData = {
    latent: 2,
    axes: [0, 1],
    z: [0, 0],
    hidden: [],
    showManifold: true,
    showScatter: true,
    spacing: "even",
    status: { kind: "idle" },
    manifold: undefined,
    points: undefined,
    palette,
    live: false,
  };
  const callbacks = () => ({ onLook: vi.fn(), onPin: vi.fn(), onChange: vi.fn(), onLoadData: vi.fn() });
  const plotOf = () => {
    const plot = root.querySelector<HTMLElement>(".map-plot")!;
    plot.getBoundingClientRect = () => new DOMRect(0, 0, 100, 100);
    return plot;
  };
  const pointer = (type: string, x: number, y: number, pointerType = "mouse") =>
    new PointerEvent(type, { clientX: x, clientY: y, pointerType, bubbles: true });
  const key = (name: string, shiftKey = false) =>
    new KeyboardEvent("keydown", { key: name, shiftKey, cancelable: true });

  it("looks where the pointer is, and back at the pin when it leaves", () => {
    const calls = callbacks();
    const view = new MapView(root, calls);
    view.update(data);
    const plot = plotOf();
    plot.dispatchEvent(pointer("pointermove", 75, 25));
    expect(calls.onLook).toHaveBeenLastCalledWith([2, 2]);
    expect(root.querySelector("#map-z")!.textContent).toBe("z = (2.00, 2.00)");
    plot.dispatchEvent(pointer("pointerleave", 0, 0));
    expect(calls.onLook).toHaveBeenLastCalledWith([0, 0]);
    expect(calls.onPin).not.toHaveBeenCalled();
  });

  it("pins where the pointer is released, and a pointer that leaves at once finds the new pin", () => {
    const calls = callbacks();
    const view = new MapView(root, calls);
    view.update(data);
    const plot = plotOf();
    plot.dispatchEvent(pointer("pointerdown", 25, 75, "touch"));
    plot.dispatchEvent(pointer("pointermove", 50, 75, "touch"));
    plot.dispatchEvent(pointer("pointerup", 50, 75, "touch"));
    expect(calls.onPin).toHaveBeenCalledExactlyOnceWith([0, -2]);
    plot.dispatchEvent(pointer("pointerleave", 50, 75, "touch"));
    expect(calls.onLook).toHaveBeenLastCalledWith([0, -2]);
  });

  it("a finger that only passes over moves nothing", () => {
    const calls = callbacks();
    new MapView(root, calls).update(data);
    plotOf().dispatchEvent(pointer("pointermove", 75, 25, "touch"));
    expect(calls.onLook).not.toHaveBeenCalled();
  });

  it("goes by arrow keys, stays on the map, and leaves other keys alone", () => {
    const calls = callbacks();
    const view = new MapView(root, calls);
    view.update({ ...data, z: [3.9, 0] });
    const plot = plotOf();
    plot.dispatchEvent(key("ArrowRight", true));
    expect(calls.onLook).toHaveBeenLastCalledWith([4, 0]);
    plot.dispatchEvent(key("ArrowUp"));
    expect(calls.onLook).toHaveBeenLastCalledWith([4, 0.1]);
    plot.dispatchEvent(key("Enter"));
    expect(calls.onPin).toHaveBeenLastCalledWith([4, 0.1]);
    const tab = key("Tab");
    plot.dispatchEvent(tab);
    expect(tab.defaultPrevented).toBe(false);
    plot.dispatchEvent(key("Home"));
    expect(calls.onLook).toHaveBeenLastCalledWith([0, 0]);
  });

  it("keeps the dimensions that it does not show, and swaps an axis that is taken", () => {
    const calls = callbacks();
    const view = new MapView(root, calls);
    view.update({ ...data, latent: 4, z: [0, 0, 1, 2], axes: [0, 3] });
    plotOf().dispatchEvent(pointer("pointermove", 75, 50));
    expect(calls.onLook).toHaveBeenLastCalledWith([2, 0, 1, 0]);
    const across = root.querySelector<HTMLSelectElement>("#map-axis-x")!;
    across.value = "3";
    across.dispatchEvent(new Event("change"));
    expect(calls.onChange).toHaveBeenLastCalledWith({ axes: [3, 0] });
    const rows = [...root.querySelectorAll<HTMLElement>(".sliders .field")];
    expect(rows.map((row) => row.hidden)).toEqual([true, false, false, true]);
    const slider = rows[1]!.querySelector("input")!;
    slider.value = "-1.5";
    slider.dispatchEvent(new Event("input"));
    expect(calls.onPin).toHaveBeenLastCalledWith([0, -1.5, 1, 2]);
  });

  it("toggles classes in the legend", () => {
    const calls = callbacks();
    const view = new MapView(root, calls);
    view.update({ ...data, hidden: [7] });
    button("Digit 3").click();
    expect(calls.onChange).toHaveBeenLastCalledWith({ hidden: [3, 7] });
    button("Digit 7").click();
    expect(calls.onChange).toHaveBeenLastCalledWith({ hidden: [] });
    expect(button("Digit 7").getAttribute("aria-pressed")).toBe("false");
    button("Show all classes").click();
    expect(calls.onChange).toHaveBeenLastCalledWith({ hidden: [] });
  });

  it("says how far the test digits are", () => {
    const calls = callbacks();
    const view = new MapView(root, calls);
    const text = () => root.querySelector(".scatter-block p")!.textContent;
    view.update({ ...data, status: { kind: "loading", received: 5_600_000, total: 11_594_722 } });
    expect(text()).toBe("MNIST: 5.6 MB so far");
    expect(root.querySelector("progress")!.hidden).toBe(false);
    view.update({ ...data, status: { kind: "failed", message: "no network" } });
    expect(text()).toBe("no network");
    button("Try again").click();
    expect(calls.onLoadData).toHaveBeenCalledOnce();
  });
});

describe("the training form", () => {
  const formData = {
    text: textOf(bookSettings),
    errors: {},
    preset: "book" as const,
    disabled: false,
    canContinue: false,
  };

  it("shows a message beside its field, and β only for the ELBO", () => {
    const form = new TrainingForm({ onEdit: vi.fn(), onPreset: vi.fn() });
    root.append(form.element);
    form.update({ ...formData, errors: { batch: "Too large." } });
    const batch = root.querySelector<HTMLInputElement>("#train-batch")!;
    expect(batch.getAttribute("aria-invalid")).toBe("true");
    expect(batch.getAttribute("aria-describedby")).toContain("train-batch-error");
    expect(root.querySelector("#train-batch-error")!.textContent).toBe("Too large.");
    form.focusError({ batch: "Too large." });
    expect(document.activeElement).toBe(batch);
    const beta = root.querySelector("#train-beta")!.closest<HTMLElement>(".field")!;
    expect(beta.hidden).toBe(true);
    form.update({ ...formData, text: { ...formData.text, objective: "elbo" } });
    expect(beta.hidden).toBe(false);
  });

  it("every field has a sentence on what it does", () => {
    const form = new TrainingForm({ onEdit: vi.fn(), onPreset: vi.fn() });
    root.append(form.element);
    const hints = [...root.querySelectorAll(".hint")].map((hint) => hint.textContent ?? "");
    expect(hints).toHaveLength(Object.keys(formData.text).length);
    for (const hint of hints) expect(hint).toMatch(/^[A-Z].{20,}\.$/);
  });

  it("does not overwrite what is being typed", () => {
    const onEdit = vi.fn();
    const form = new TrainingForm({ onEdit, onPreset: vi.fn() });
    root.append(form.element);
    form.update(formData);
    const images = root.querySelector<HTMLInputElement>("#train-images")!;
    images.focus();
    images.value = "2 0";
    images.dispatchEvent(new Event("input"));
    expect(onEdit).toHaveBeenCalledWith("images", "2 0");
    form.update(formData);
    expect(images.value).toBe("2 0");
  });
});

it("samples say when the weights are untrained, and refuse a seed that is none", () => {
  const onChange = vi.fn();
  const view = new SamplesView(root, { onChange, onSave: vi.fn() });
  const data = { pixels: undefined, n: 64, seed: 1, temperature: 1, trained: true, busy: true, live: false, palette };
  view.update(data);
  expect(root.querySelector(".veil")!.textContent).toBe("Starting the engine…");
  expect(button("New digits").disabled).toBe(true);
  view.update({ ...data, pixels: new Uint8Array(64 * 784), trained: false });
  expect(root.querySelector(".veil")!.textContent).toMatch(/untrained/);
  expect(root.querySelector("canvas")!.getAttribute("aria-label")).toContain("64 digits");
  const seed = root.querySelector<HTMLInputElement>("#sample-seed")!;
  seed.value = "1.5";
  seed.dispatchEvent(new Event("change"));
  expect(seed.getAttribute("aria-invalid")).toBe("true");
  expect(onChange).not.toHaveBeenCalled();
  seed.value = "12";
  seed.dispatchEvent(new Event("change"));
  expect(onChange).toHaveBeenCalledWith({ seed: 12 });
});

it("the model panel says what runs, and does not replace a model that is in training", () => {
  const view = new ModelView(root, { onDownload: vi.fn(), onFile: vi.fn(), onPretrained: vi.fn() });
  const engine = { kernel: "plain Go (scalar)", build: "scalar", lanes: 1, version: "1", workers: 1 } as const;
  const model = {
    source: "pretrained",
    name: "mnist-2d.safetensors",
    config: bookSettings.model,
    parameters: 550629,
    metadata: { objective: "seed", val_loss: "0.1799", train_images: "60000" },
  } as const;
  view.update({ model, engine, running: true, busy: false });
  expect(root.textContent).toContain("the slower, scalar build is running");
  expect(root.textContent).toContain("Validation loss0.1799");
  expect(root.textContent).toContain("Images60,000");
  expect(root.querySelectorAll("tbody tr:not(.part)")).toHaveLength(11);
  expect(button("Download weights").disabled).toBe(false);
  expect(button("Load a file…").disabled).toBe(true);
});

it("notices stay until dismissed, are not rebuilt without need, and offer a way out", () => {
  const onDismiss = vi.fn();
  const run = vi.fn();
  const view = new NoticesView(root, onDismiss);
  const notice = {
    id: "engine",
    kind: "error",
    title: "Gone",
    text: "It went.",
    action: { label: "Retry", run },
  } as const;
  view.update([notice]);
  const box = root.querySelector(".notice")!;
  expect(box.getAttribute("role")).toBe("alert");
  view.update([notice, { id: "b", kind: "info", title: "B", text: "b" }]);
  expect(root.querySelector(".notice")).toBe(box);
  expect(root.querySelectorAll(".notice")).toHaveLength(2);
  button("Retry").click();
  expect(run).toHaveBeenCalledOnce();
  button("Dismiss: Gone").click();
  expect(onDismiss).toHaveBeenCalledWith("engine");
  view.update([]);
  expect(root.querySelectorAll(".notice")).toHaveLength(0);
});
