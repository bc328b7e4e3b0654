import { el } from "./element";
import { type ChartData, LossChart, lossTable, type Quantity, type TableRow } from "./loss-chart";
import type { Palette } from "./palette";
import { type ReconstructionsData, ReconstructionsView } from "./reconstructions";
import { type FormCallbacks, type FormData, TrainingForm } from "./training-form";

export type Phase = "idle" | "preparing" | "running" | "pausing" | "paused" | "stopping" | "ended";

export interface ProgressData {
  done: number; // 0…1 of the whole run; undefined total while preparing
  headline: string; // "Epoch 2 of 10"
  detail: string; // "214 images/s · 3 min left · loss .1934"
}

export interface TrainingData {
  form: FormData;
  phase: Phase;
  ready: boolean; // the engine runs
  progress: ProgressData | undefined;
  charts: Record<Quantity, ChartData>; // before a run: what there is to race against
  hasRun: boolean;
  table: readonly TableRow[];
  unit: "pixel" | "nats";
  reconstructions: ReconstructionsData | undefined;
  palette: Palette;
}

export interface TrainingCallbacks extends FormCallbacks {
  onStart(): void;
  onPause(): void;
  onResume(): void;
  onStop(): void;
  onUnit(unit: "pixel" | "nats"): void;
}

const unitNames = { pixel: "per pixel", nats: "nats per image" } as const;

/** Settings, controls, progress and losses of a run. */
export class TrainingView {
  private readonly form: TrainingForm;
  private readonly start = el("button", { type: "button", className: "primary", textContent: "Train" });
  private readonly pause = el("button", { type: "button", textContent: "Pause" });
  private readonly stop = el("button", { type: "button", textContent: "Stop" });
  private readonly headline = el("p", { className: "headline" });
  private readonly detail = el("p", { className: "detail number" });
  private readonly bar = el("progress", { max: 1, value: 0, attrs: { "aria-label": "Progress of the run" } });
  private readonly unit = el("select");
  private readonly charts: Record<Quantity, LossChart>;
  private readonly chartBox = el("div", { className: "charts" });
  private readonly small = el("div", { className: "chart-pair" });
  private readonly empty: HTMLElement;
  private readonly tableBox = el("div");
  private readonly tableDetails: HTMLDetailsElement;
  private readonly strip: ReconstructionsView;
  private data: TrainingData | undefined;
  private tableKey = "";

  constructor(element: HTMLElement, callbacks: TrainingCallbacks) {
    this.form = new TrainingForm(callbacks);
    this.unit.append(
      el("option", { value: "pixel", textContent: "per pixel, as Keras prints" }),
      el("option", { value: "nats", textContent: "in nats per image" }),
    );
    this.empty = el(
      "div",
      { className: "empty" },
      el("p", { textContent: "The losses will be drawn below as they fall." }),
      el("p", {
        className: "fine",
        textContent:
          "For a first taste take 2,000 images and 1 epoch. The dashed lines, with the book’s loss, are what the book’s own run printed.",
      }),
    );
    this.charts = {
      loss: new LossChart(this.chartBox, "loss"),
      reconstruction: new LossChart(this.small, "reconstruction"),
      kl: new LossChart(this.small, "kl"),
    };
    this.tableDetails = el("details", {}, el("summary", { textContent: "The numbers as a table" }), this.tableBox);
    const unitField = el(
      "div",
      { className: "inline-field" },
      el("label", { htmlFor: "loss-unit", textContent: "Losses" }),
      Object.assign(this.unit, { id: "loss-unit" }),
    );
    this.chartBox.append(this.small, this.tableDetails);
    const results = el("div", { className: "results" });
    results.append(
      el(
        "div",
        { className: "run-bar" },
        el("div", { className: "buttons" }, this.start, this.pause, this.stop),
        el("div", { className: "run-text" }, this.headline, this.detail),
        this.bar,
      ),
      this.empty,
    );
    this.strip = new ReconstructionsView(results);
    results.append(unitField, this.chartBox);
    element.append(
      el("div", { className: "card-head" }, el("h2", { id: "training-title", textContent: "Train it yourself" })),
      el("p", {
        className: "lead",
        textContent:
          "The same network learns in this tab, on your processor. Digits, map and curves follow as it goes.",
      }),
      el("div", { className: "training-body" }, this.form.element, results),
    );
    this.start.addEventListener("click", () => {
      if (Object.keys(this.data?.form.errors ?? {}).length > 0) this.form.focusError(this.data!.form.errors);
      else callbacks.onStart();
    });
    this.pause.addEventListener("click", () => {
      if (this.data?.phase === "running") callbacks.onPause();
      else if (this.data?.phase === "paused") callbacks.onResume();
    });
    this.stop.addEventListener("click", () => {
      if (this.data?.phase !== "stopping") callbacks.onStop();
    });
    this.unit.addEventListener("change", () => callbacks.onUnit(this.unit.value === "nats" ? "nats" : "pixel"));
    this.tableDetails.addEventListener("toggle", () => this.fillTable());
  }

  update(data: TrainingData): void {
    this.data = data;
    const { phase } = data;
    this.form.update(data.form);
    const active = phase !== "idle" && phase !== "ended";
    this.hideKeepingFocus(this.start, active, this.pause);
    this.hideKeepingFocus(this.pause, !active, this.start);
    this.hideKeepingFocus(this.stop, !active, this.start);
    this.start.textContent = phase === "ended" ? "Train again" : "Train";
    this.start.disabled = !data.ready;
    // Not `disabled`, which would throw the focus away each time the engine takes a moment.
    this.pause.setAttribute("aria-disabled", String(phase !== "running" && phase !== "paused"));
    this.pause.textContent = phase === "paused" ? "Resume" : "Pause";
    this.stop.setAttribute("aria-disabled", String(phase === "stopping"));
    this.bar.hidden = data.progress === undefined;
    this.bar.value = data.progress?.done ?? 0;
    this.headline.textContent = data.progress?.headline ?? "Ready when you are";
    this.detail.textContent = data.progress?.detail ?? "";
    this.unit.value = data.unit;
    this.empty.hidden = data.hasRun;
    this.small.hidden = this.tableDetails.hidden = !data.hasRun;
    for (const quantity of ["loss", "reconstruction", "kl"] as const) {
      if (quantity !== "loss" && !data.hasRun) continue;
      this.charts[quantity].update(data.charts[quantity], unitNames[data.unit], data.palette);
    }
    this.fillTable();
    this.strip.update(data.reconstructions);
  }

  /** A button that goes while it has the focus hands it to the one that comes. */
  private hideKeepingFocus(button: HTMLButtonElement, hide: boolean, successor: HTMLButtonElement): void {
    if (button.hidden === hide) return;
    const hadFocus = document.activeElement === button;
    button.hidden = hide;
    if (hide && hadFocus) {
      successor.hidden = false;
      successor.disabled = false;
      successor.focus();
    }
  }

  private fillTable(): void {
    const { data } = this;
    if (!data || !this.tableDetails.open) return;
    const key = `${data.unit} ${data.table.length} ${data.table.at(-1)?.values.join()}`;
    if (key === this.tableKey) return;
    this.tableKey = key;
    this.tableBox.replaceChildren(lossTable(data.table, unitNames[data.unit]));
  }
}
