import { drawSheet } from "./digits";
import { el, field } from "./element";
import { css, type Palette } from "./palette";

/** How far the encoded test digits have come. */
export type DataStatus =
  | { kind: "idle" }
  | { kind: "loading"; received: number; total: number } // bytes of MNIST
  | { kind: "encoding"; done: number; total: number } // digits
  | { kind: "ready"; digits: number }
  | { kind: "failed"; message: string };

export interface MapPanelData {
  latent: number;
  axes: readonly [number, number];
  z: readonly number[];
  hidden: readonly number[];
  showManifold: boolean;
  showScatter: boolean;
  spacing: "quantile" | "even";
  status: DataStatus;
  palette: Palette;
}

export interface MapPanelCallbacks {
  onChange(
    change: Partial<{
      axes: [number, number];
      hidden: number[];
      manifold: boolean;
      scatter: boolean;
      spacing: "quantile" | "even";
    }>,
  ): void;
  onSlide(dimension: number, value: number): void;
  onLoadData(): void;
}

/** "z₁" for dimension 0. */
export const axisName = (dimension: number): string =>
  `z${[...String(dimension + 1)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]).join("")}`;

const signed = (x: number): string => (x < 0 ? "−" : "") + Math.abs(x).toFixed(2);

/** The decoded digit beside the map, the legend and what the map shows. */
export class MapPanel {
  private readonly digit = el("canvas", {
    className: "big-digit",
    attrs: { role: "img", "aria-label": "The digit decoded at this point" },
  });
  private readonly point = el("p", { className: "point number", id: "map-z" });
  private readonly pinned = el("p", { className: "fine" });
  private readonly legend = el("div", { className: "legend", attrs: { role: "group", "aria-label": "Classes shown" } });
  private readonly all = el("button", { type: "button", className: "quiet", textContent: "all" });
  private readonly keys: HTMLButtonElement[] = [];
  private readonly manifold = el("input", { type: "checkbox" });
  private readonly scatter = el("input", { type: "checkbox" });
  private readonly spacing = el("select");
  private readonly axisX = el("select");
  private readonly axisY = el("select");
  private readonly axesRow = el("div", { className: "pair", hidden: true });
  private readonly sliders = el("div", { className: "sliders", hidden: true, tabIndex: -1 });
  private readonly statusText = el("p", { className: "fine" });
  private readonly bar = el("progress", { max: 1, attrs: { "aria-label": "Loading test digits" } });
  private readonly load = el("button", { type: "button", textContent: "Load MNIST (11.6 MB)" });
  private latent = 0;
  private data: MapPanelData | undefined;

  constructor(
    element: HTMLElement,
    private readonly callbacks: MapPanelCallbacks,
  ) {
    for (let label = 0; label < 10; label++) {
      const key = el("button", { type: "button", className: "key", textContent: String(label) });
      key.addEventListener("click", () => this.toggle(label));
      this.keys.push(key);
      this.legend.append(key);
    }
    this.legend.append(this.all);
    this.all.addEventListener("click", () =>
      callbacks.onChange({ hidden: this.data?.hidden.length ? [] : [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] }),
    );
    this.spacing.append(
      el("option", { value: "quantile", textContent: "by share of the prior" }),
      el("option", { value: "even", textContent: "in even steps of z" }),
    );
    this.axesRow.append(field("Across", this.axisX, "map-axis-x"), field("Up", this.axisY, "map-axis-y"));
    const check = (input: HTMLInputElement, text: string) => el("label", { className: "check" }, input, text);
    element.append(
      el("div", { className: "look" }, this.digit, el("div", {}, this.point, this.pinned)),
      el(
        "div",
        { className: "map-options" },
        el("div", { className: "scatter-block" }, this.legend, this.statusText, this.bar, this.load),
        el("div", { className: "checks" }, check(this.manifold, "Decoded grid"), check(this.scatter, "Test digits")),
        field("Spread the axes", this.spacing, "map-spacing"),
        this.axesRow,
        this.sliders,
      ),
    );
    this.manifold.addEventListener("change", () => callbacks.onChange({ manifold: this.manifold.checked }));
    this.scatter.addEventListener("change", () => callbacks.onChange({ scatter: this.scatter.checked }));
    this.spacing.addEventListener("change", () =>
      callbacks.onChange({ spacing: this.spacing.value === "even" ? "even" : "quantile" }),
    );
    for (const select of [this.axisX, this.axisY]) select.addEventListener("change", () => this.choose(select));
    this.load.addEventListener("click", () => callbacks.onLoadData());
  }

  update(data: MapPanelData): void {
    const before = this.data;
    this.data = data;
    this.manifold.checked = data.showManifold;
    this.scatter.checked = data.showScatter;
    this.spacing.value = data.spacing;
    if (data.latent !== this.latent) this.build(data.latent);
    this.axisX.value = String(data.axes[0]);
    this.axisY.value = String(data.axes[1]);
    this.updateSliders(data, before);
    this.keys.forEach((key, label) => {
      const shown = !data.hidden.includes(label);
      key.setAttribute("aria-pressed", String(shown));
      key.setAttribute("aria-label", `Digit ${label}`);
      key.style.setProperty("--key", css(data.palette.classes[label]!));
    });
    this.all.textContent = data.hidden.length > 0 ? "show all" : "hide all";
    this.all.setAttribute("aria-label", data.hidden.length > 0 ? "Show all classes" : "Hide all classes");
    this.updateStatus(data.status);
  }

  showDigit(pixels: Uint8Array, palette: Palette): void {
    drawSheet(this.digit, pixels, { columns: 1, rows: 1, gap: 0 }, palette);
  }

  showPoint(z: readonly number[], axes: readonly [number, number], isPinned: boolean): void {
    const shown = z.length <= 2 ? z.map((_, i) => i) : [...axes];
    const names = z.length <= 2 ? "z" : `${axisName(axes[0])}, ${axisName(axes[1])}`;
    this.point.textContent = `${names} = (${shown.map((i) => signed(z[i] ?? 0)).join(", ")})`;
    this.pinned.textContent = isPinned ? "pinned" : "click or Enter pins";
  }

  private toggle(label: number): void {
    const hidden = this.data?.hidden ?? [];
    this.callbacks.onChange({
      hidden: hidden.includes(label)
        ? hidden.filter((other) => other !== label)
        : [...hidden, label].sort((a, b) => a - b),
    });
  }

  /** An axis that is already taken swaps with the other. */
  private choose(changed: HTMLSelectElement): void {
    if (!this.data) return;
    const [x, y] = this.data.axes;
    const chosen = Number(changed.value);
    if (changed === this.axisX) this.callbacks.onChange({ axes: chosen === y ? [y, x] : [chosen, y] });
    else this.callbacks.onChange({ axes: chosen === x ? [y, x] : [x, chosen] });
  }

  private build(latent: number): void {
    this.latent = latent;
    this.axesRow.hidden = this.sliders.hidden = latent <= 2;
    const options = () =>
      Array.from({ length: latent }, (_, i) => el("option", { value: String(i), textContent: axisName(i) }));
    this.axisX.replaceChildren(...options());
    this.axisY.replaceChildren(...options());
    this.sliders.replaceChildren();
    if (latent <= 2) return;
    for (let i = 0; i < latent; i++) {
      const input = el("input", { type: "range", min: "-4", max: "4", step: "0.05" });
      input.addEventListener("input", () => this.callbacks.onSlide(i, Number(input.value)));
      this.sliders.append(field(axisName(i), input, `map-z${i + 1}`));
    }
  }

  private updateSliders(data: MapPanelData, before: MapPanelData | undefined): void {
    if (data.latent <= 2 || (before?.z === data.z && before.axes === data.axes && before.latent === data.latent))
      return;
    [...this.sliders.children].forEach((row, i) => {
      (row as HTMLElement).hidden = data.axes.includes(i);
      row.querySelector("input")!.value = String(data.z[i] ?? 0);
    });
  }

  private updateStatus(status: DataStatus): void {
    this.bar.hidden = status.kind !== "loading" && status.kind !== "encoding";
    this.load.hidden = status.kind !== "idle" && status.kind !== "failed";
    this.load.textContent = status.kind === "failed" ? "Try again" : "Load MNIST (11.6 MB)";
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    if (status.kind === "loading") {
      if (status.total > 0) this.bar.value = status.received / status.total;
      else this.bar.removeAttribute("value");
      this.statusText.textContent = `MNIST: ${megabytes(status.received)} MB so far`;
    } else if (status.kind === "encoding") {
      this.bar.value = status.done / status.total;
      this.statusText.textContent = `${status.done.toLocaleString("en")} test digits encoded`;
    } else if (status.kind === "ready") {
      this.statusText.textContent = `${status.digits.toLocaleString("en")} test digits, coloured by class`;
    } else if (status.kind === "failed") {
      this.statusText.textContent = status.message;
    } else {
      this.statusText.textContent = "Where do real test digits fall?";
    }
  }
}
