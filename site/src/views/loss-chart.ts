import uPlot from "uplot";
import { el } from "./element";
import type { Palette } from "./palette";

export type Quantity = "loss" | "reconstruction" | "kl";

/** Aligned series; null where a series has no value at that x (in epochs). */
export interface ChartData {
  x: number[];
  live: (number | null)[];
  train: (number | null)[];
  validation: (number | null)[];
  bookTrain: (number | null)[] | undefined;
  bookValidation: (number | null)[] | undefined;
  epochs: number;
}

/** An epoch's line: loss, reconstruction and KL, each for training and validation. */
export interface TableRow {
  epoch: number;
  seconds: number;
  values: number[]; // train and validation of each quantity, in turn
}

const titles: Record<Quantity, string> = { loss: "Loss", reconstruction: "Reconstruction", kl: "KL divergence" };

/** One quantity over the epochs: the smoothed batches, each epoch's mean, validation and, for the loss, the book's run. */
export class LossChart {
  private readonly holder = el("div", { className: "chart-canvas", attrs: { role: "img" } });
  private readonly caption: HTMLElement;
  private plot: uPlot | undefined;
  private palette: Palette | undefined;
  private hasBook = false;
  private shown: ChartData | undefined;
  private range: [number, number] = [0, 1];

  constructor(
    element: HTMLElement,
    private readonly quantity: Quantity,
  ) {
    this.caption = el("figcaption", { textContent: titles[quantity] });
    element.append(el("figure", { className: "chart" }, this.caption, this.holder));
    new ResizeObserver(() => this.plot?.setSize(this.size())).observe(this.holder);
  }

  update(data: ChartData, unit: string, palette: Palette): void {
    if (data === this.shown && palette === this.palette) return;
    this.shown = data;
    const hasBook = data.bookTrain !== undefined;
    if (!this.plot || palette !== this.palette || hasBook !== this.hasBook) {
      this.plot?.destroy();
      this.palette = palette;
      this.hasBook = hasBook;
      this.plot = new uPlot(this.options(palette, hasBook), undefined, this.holder);
    }
    this.range = rangeOf(data);
    const columns = [data.x, data.live, data.train, data.validation];
    if (data.bookTrain && data.bookValidation) columns.push(data.bookTrain, data.bookValidation);
    this.plot.batch(() => {
      this.plot?.setData(columns as uPlot.AlignedData);
      this.plot?.setScale("x", { min: 0, max: Math.max(1, data.epochs) });
    });
    const last = (list: (number | null)[]) => list.findLast((value) => value !== null);
    const words = (name: string, value: number | null | undefined) =>
      typeof value === "number" ? `${name} ${value.toPrecision(4)}` : undefined;
    const values = [words("training", last(data.train) ?? last(data.live)), words("validation", last(data.validation))];
    this.caption.textContent = `${titles[this.quantity]}, ${unit}`;
    this.holder.setAttribute(
      "aria-label",
      `${titles[this.quantity]} in ${unit} over epochs. ${values.filter(Boolean).join(", ") || "No values yet"}.`,
    );
  }

  private size() {
    return { width: Math.max(160, this.holder.clientWidth), height: this.quantity === "loss" ? 240 : 160 };
  }

  private options(palette: Palette, hasBook: boolean): uPlot.Options {
    const font = "12px system-ui, sans-serif";
    const axis = { stroke: palette.axis, font, grid: { stroke: palette.grid, width: 1 }, ticks: { show: false } };
    const number = (_: uPlot, value: number | null) => (value === null ? "–" : value.toPrecision(4));
    const dashed = {
      stroke: palette.reference,
      width: 1.25,
      dash: [4, 4],
      spanGaps: true,
      points: { show: false },
      value: number,
    };
    const solid = (stroke: string) => ({
      stroke,
      width: 2,
      spanGaps: true,
      points: { show: true, size: 6, fill: stroke },
      value: number,
    });
    return {
      ...this.size(),
      legend: { show: this.quantity === "loss", live: true },
      cursor: { sync: { key: "losses" }, y: false, drag: { x: false, y: false } },
      scales: { x: { time: false }, y: { range: () => this.range } },
      axes: [
        {
          ...axis,
          size: 26,
          gap: 4,
          incrs: (_self, _axis, _low, epochs) => (epochs <= 2 ? [0.25, 0.5, 1] : [1, 2, 5, 10, 20, 50, 100, 200]),
        },
        {
          ...axis,
          size: 52,
          gap: 6,
          values: (_self, ticks) => ticks.map((tick) => String(Number(tick.toPrecision(4)))),
        },
      ],
      series: [
        { label: "epoch", value: (_self, x) => (x === null ? "–" : x.toFixed(2)) },
        { label: "batches", stroke: palette.live, width: 1.5, spanGaps: true, points: { show: false }, value: number },
        { label: "training", ...solid(palette.train) },
        { label: "validation", ...solid(palette.validation) },
        ...(hasBook
          ? [
              { label: "book, training", ...dashed, dash: [1.5, 3] },
              { label: "book, validation", ...dashed },
            ]
          : []),
      ],
    };
  }
}

/**
 * The height of the chart. A run's first batches tower above everything that comes
 * later, so of the batches only nine in ten must fit.
 */
export function rangeOf(data: ChartData): [number, number] {
  const known = (list: (number | null)[] = []) => list.filter((value) => value !== null);
  const live = known(data.live).sort((a, b) => a - b);
  const others = [data.train, data.validation, data.bookTrain, data.bookValidation].flatMap(known);
  const all = [...live.slice(0, Math.ceil(live.length * 0.9)), ...others];
  return all.length === 0 ? padded(null, null) : padded(Math.min(...all), Math.max(...all));
}

/** A little air above and below; a flat or empty range still gets a height. */
export function padded(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const air = (high - low || Math.abs(high) || 1) * 0.08;
  return [Math.max(low - air, low >= 0 ? 0 : low - air), high + air];
}

/** The same numbers as a table, for those who cannot or would not see the chart. */
export function lossTable(rows: readonly TableRow[], unit: string): HTMLElement {
  const heads = ["Loss", "Reconstruction", "KL"].flatMap((name) => [`${name}, training`, `${name}, validation`]);
  const cell = (text: string) => el("td", { className: "number", textContent: text });
  return el(
    "div",
    { className: "table-scroll", tabIndex: 0, attrs: { role: "region", "aria-label": "Losses of each epoch" } },
    el(
      "table",
      {},
      el("caption", { textContent: `Losses of each epoch, ${unit}` }),
      el(
        "thead",
        {},
        el("tr", {}, ...["Epoch", ...heads, "Seconds"].map((h) => el("th", { scope: "col", textContent: h }))),
      ),
      el(
        "tbody",
        {},
        ...rows.map((row) =>
          el(
            "tr",
            {},
            el("th", { scope: "row", textContent: String(row.epoch) }),
            ...row.values.map((value) => cell(value.toPrecision(5))),
            cell(row.seconds.toFixed(1)),
          ),
        ),
      ),
    ),
  );
}
