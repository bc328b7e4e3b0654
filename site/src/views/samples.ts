import { drawSheet, type Sheet } from "./digits";
import { el, field } from "./element";
import type { Palette } from "./palette";

export interface SamplesData {
  pixels: Uint8Array | undefined; // n × 784
  n: number;
  seed: number;
  temperature: number;
  trained: boolean; // false: the weights are the initial noise
  busy: boolean;
  live: boolean; // a run is going on: the digits follow it
  palette: Palette;
}

export interface SamplesCallbacks {
  onChange(change: { n?: number; seed?: number; temperature?: number }): void;
  onSave(canvas: HTMLCanvasElement): void;
}

const gap = 2;

/** Digits drawn from the prior. */
export class SamplesView {
  private readonly canvas = el("canvas", { className: "digits", attrs: { role: "img" } });
  private readonly hint = el("p", { className: "veil", hidden: true });
  private readonly badge = el("span", { className: "badge", textContent: "live", hidden: true });
  private readonly count = el("select");
  private readonly seed = el("input", { type: "text", inputMode: "numeric", autocomplete: "off" });
  private readonly temperature = el("input", { type: "range", min: "0", max: "2", step: "0.05" });
  private readonly temperatureText = el("output", { className: "number" });
  private readonly again = el("button", { type: "button", className: "primary", textContent: "New digits" });
  private readonly save = el("button", { type: "button", textContent: "Save PNG" });

  private drawn: SamplesData | undefined;

  constructor(element: HTMLElement, callbacks: SamplesCallbacks) {
    for (const n of [16, 36, 64, 100, 225]) {
      this.count.append(el("option", { value: String(n), textContent: String(n) }));
    }
    this.temperatureText.setAttribute("aria-live", "off");
    const temperature = field("Temperature", this.temperature, "sample-temperature");
    temperature.append(this.temperatureText);
    temperature.classList.add("with-value");
    element.append(
      el(
        "div",
        { className: "card-head" },
        el("h2", { id: "samples-title", textContent: "Digits nobody wrote" }),
        this.badge,
      ),
      el("p", {
        className: "lead",
        textContent: "Each one starts as a random point z from the prior N(0, 1); the decoder draws it.",
      }),
      el("div", { className: "stage" }, this.canvas, this.hint),
      el(
        "div",
        { className: "controls" },
        field("Digits", this.count, "sample-count"),
        field("Seed", this.seed, "sample-seed"),
        temperature,
        el("div", { className: "buttons" }, this.again, this.save),
      ),
    );
    this.again.addEventListener("click", () => callbacks.onChange({ seed: (Number(this.seed.value) || 0) + 1 }));
    this.count.addEventListener("change", () => callbacks.onChange({ n: Number(this.count.value) }));
    this.seed.addEventListener("change", () => {
      const seed = Number(this.seed.value);
      const valid = this.seed.value.trim() !== "" && Number.isSafeInteger(seed) && seed >= 0;
      this.seed.setAttribute("aria-invalid", String(!valid));
      if (valid) callbacks.onChange({ seed });
    });
    this.temperature.addEventListener("input", () =>
      callbacks.onChange({ temperature: Number(this.temperature.value) }),
    );
    this.save.addEventListener("click", () => callbacks.onSave(this.canvas));
  }

  update(data: SamplesData): void {
    const { pixels } = data;
    if (![...this.count.options].some((option) => option.value === String(data.n))) {
      this.count.append(el("option", { value: String(data.n), textContent: String(data.n) }));
    }
    this.count.value = String(data.n);
    if (document.activeElement !== this.seed) this.seed.value = String(data.seed);
    this.temperature.value = String(data.temperature);
    this.temperatureText.textContent = data.temperature.toFixed(2);
    this.again.disabled = this.save.disabled = pixels === undefined;
    this.badge.hidden = !data.live;
    this.hint.hidden = pixels !== undefined && (data.trained || data.live);
    this.hint.textContent =
      pixels === undefined
        ? data.busy
          ? "Starting the engine…"
          : "No digits yet: the engine is not running."
        : "These weights are untrained, so there is only noise to see. Train below, or load weights.";
    if (pixels === undefined || (pixels === this.drawn?.pixels && data.palette === this.drawn.palette)) return;
    this.drawn = data;
    const n = pixels.length / 784;
    const columns = Math.ceil(Math.sqrt(n));
    const sheet: Sheet = { columns, rows: Math.ceil(n / columns), gap };
    drawSheet(this.canvas, pixels, sheet, data.palette);
    this.canvas.setAttribute(
      "aria-label",
      `${n} digits sampled from the prior, seed ${data.seed}, temperature ${data.temperature.toFixed(2)}`,
    );
  }
}
