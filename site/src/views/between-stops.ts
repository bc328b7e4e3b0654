import { drawSheet } from "./digits";
import { el, field } from "./element";
import type { Palette } from "./palette";

/** A point that the path goes through. */
export interface StopShown {
  id: number;
  name: string;
  picture: Uint8Array | undefined; // 784: what the decoder draws there
}

export interface StopsData {
  ready: boolean;
  stops: readonly StopShown[];
  hasDrawing: boolean;
  palette: Palette;
}

export interface StopsCallbacks {
  onAddPin(): void;
  onAddDrawing(): void;
  onAddDigit(label: number): void;
  onMove(id: number, by: -1 | 1): void;
  onRemove(id: number): void;
}

/** A path has two ends, and more stops than this no strip can show. */
const fewest = 2;
export const mostStops = 9;

type Action = "up" | "down" | "remove";

/** The list of points that the path joins, and the ways to add one. */
export class BetweenStops {
  private readonly list = el("ol", { className: "stops" });
  private readonly pin = el("button", { type: "button", textContent: "Add the map’s pin" });
  private readonly drawing = el("button", { type: "button", textContent: "Add the drawing" });
  private readonly digit = el("button", { type: "button", textContent: "Add a test digit" });
  private readonly label = el("select");
  private readonly pictures = new Map<number, HTMLCanvasElement>();
  private shown: StopsData | undefined;

  constructor(
    element: HTMLElement,
    private readonly callbacks: StopsCallbacks,
  ) {
    for (let label = 0; label < 10; label++) {
      this.label.append(el("option", { value: String(label), textContent: String(label) }));
    }
    this.label.value = "8";
    element.append(
      el("h3", { textContent: "From point to point" }),
      this.list,
      el("div", { className: "buttons" }, this.pin, this.drawing),
      el("div", { className: "example" }, field("Class", this.label, "between-label"), this.digit),
    );
    this.pin.addEventListener("click", () => callbacks.onAddPin());
    this.drawing.addEventListener("click", () => callbacks.onAddDrawing());
    this.digit.addEventListener("click", () => callbacks.onAddDigit(Number(this.label.value)));
  }

  update(data: StopsData): void {
    const before = this.shown;
    this.shown = data;
    const full = data.stops.length >= mostStops;
    this.pin.disabled = this.digit.disabled = full || !data.ready;
    this.drawing.disabled = full || !data.hasDrawing;
    this.drawing.title = data.hasDrawing ? "" : "Draw a digit above first";
    const key = (stops: readonly StopShown[] | undefined) => stops?.map(({ id, name }) => `${id} ${name}`).join("\n");
    const rebuilt = key(before?.stops) !== key(data.stops);
    if (rebuilt) this.build(data.stops);
    for (const { id, picture } of data.stops) {
      const old = before?.stops.find((stop) => stop.id === id);
      const canvas = this.pictures.get(id);
      if (!canvas || !picture || (!rebuilt && picture === old?.picture && data.palette === before?.palette)) continue;
      drawSheet(canvas, picture, { columns: 1, rows: 1, gap: 0 }, data.palette);
    }
  }

  /** Makes the rows anew; the focus stays with the stop that had it. */
  private build(stops: readonly StopShown[]): void {
    const focused = document.activeElement as HTMLElement | null;
    const { stop, action } = focused && this.list.contains(focused) ? focused.dataset : {};
    this.pictures.clear();
    this.list.replaceChildren(...stops.map((each, i) => this.row(each, i, stops.length)));
    if (stop === undefined) return;
    const again = [...this.list.querySelectorAll<HTMLButtonElement>("button:not(:disabled)")];
    const same = again.filter((button) => button.dataset.stop === stop);
    const wanted = same.find((button) => button.dataset.action === action) ?? same[0] ?? again.at(-1) ?? this.pin;
    wanted.focus();
  }

  private row({ id, name }: StopShown, i: number, count: number): HTMLLIElement {
    const canvas = el("canvas", { className: "stop-digit", attrs: { "aria-hidden": "true" } });
    this.pictures.set(id, canvas);
    const button = (action: Action, sign: string, what: string, disabled: boolean, run: () => void) => {
      const made = el("button", {
        type: "button",
        className: "quiet small",
        textContent: sign,
        disabled,
        attrs: { "aria-label": `${what} point ${i + 1}, ${name}` },
      });
      Object.assign(made.dataset, { stop: String(id), action });
      made.addEventListener("click", run);
      return made;
    };
    return el(
      "li",
      {},
      canvas,
      el("span", { className: "stop-name number", textContent: name }),
      button("up", "↑", "Move up", i === 0, () => this.callbacks.onMove(id, -1)),
      button("down", "↓", "Move down", i === count - 1, () => this.callbacks.onMove(id, 1)),
      button("remove", "×", "Remove", count <= fewest, () => this.callbacks.onRemove(id)),
    );
  }
}
