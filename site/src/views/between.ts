import { type AroundCallbacks, type AroundData, BetweenAround } from "./between-around";
import { BetweenPlayer } from "./between-player";
import { BetweenStops, type StopsCallbacks, type StopsData } from "./between-stops";
import { drawSheet } from "./digits";
import { el, field } from "./element";

export type PathKind = "line" | "density";
export type SavedAs = "gif" | "apng" | "png";

export interface BetweenData extends StopsData, Omit<AroundData, "palette"> {
  kind: PathKind;
  /** Why the path cannot follow the data, where it cannot. */
  straightOnly: string | undefined;
  frames: number;
  film: Uint8Array | undefined; // frames × 784
  live: boolean;
}

export interface BetweenCallbacks extends StopsCallbacks, AroundCallbacks {
  onKind(kind: PathKind): void;
  onFrames(frames: number): void;
  onSave(as: SavedAs, framesPerSecond: number): void;
}

export const frameChoices = [8, 12, 16, 24, 32, 48];

/** The way from digit to digit: a path, the digits along it, and what lies around a point. */
export class BetweenView {
  private readonly stops: BetweenStops;
  private readonly around: BetweenAround;
  private readonly player: BetweenPlayer;
  private readonly badge = el("span", { className: "badge", textContent: "live", hidden: true });
  private readonly kind = el("select");
  private readonly why = el("p", { className: "fine" });
  private readonly frames = el("select");
  private readonly strip = el("canvas", { className: "digits", attrs: { role: "img" } });
  private readonly stripFrame = el("div", { className: "strip-frame" });
  private readonly saves: HTMLButtonElement[];
  private shown: BetweenData | undefined;
  private columns = 8;

  constructor(element: HTMLElement, callbacks: BetweenCallbacks) {
    this.kind.append(
      el("option", { value: "line", textContent: "in a straight line" }),
      el("option", { value: "density", textContent: "along the data’s density" }),
    );
    for (const n of frameChoices) this.frames.append(el("option", { value: String(n), textContent: String(n) }));
    const stage = el("div", { className: "film-stage" });
    const controls = el("div", { className: "film-controls" });
    this.player = new BetweenPlayer(stage, controls);
    const save = (as: SavedAs, text: string) => {
      const button = el("button", { type: "button", textContent: text });
      button.addEventListener("click", () => callbacks.onSave(as, this.player.speed));
      return button;
    };
    this.saves = [save("gif", "Save GIF"), save("apng", "Save APNG"), save("png", "Save strip as PNG")];
    this.stripFrame.append(this.strip);
    const stops = el("div", { className: "between-stops" });
    this.stops = new BetweenStops(stops, callbacks);
    const around = el("div", { className: "around" });
    element.append(
      el(
        "div",
        { className: "card-head" },
        el("h2", { id: "between-title", textContent: "Between digits" }),
        this.badge,
      ),
      el("p", {
        className: "lead",
        textContent:
          "Between any two points of the latent space lie more digits. Choose some; the decoder draws the way.",
      }),
      el(
        "div",
        { className: "between-body" },
        stops,
        el(
          "div",
          { className: "between-film" },
          el(
            "div",
            { className: "path-choices" },
            field("The path goes", this.kind, "between-kind"),
            field("Digits", this.frames, "between-frames"),
          ),
          this.why,
          this.stripFrame,
          el("div", { className: "film-row" }, stage, controls),
          el("div", { className: "buttons" }, ...this.saves),
        ),
      ),
      around,
    );
    this.around = new BetweenAround(around, callbacks);
    this.kind.addEventListener("change", () => callbacks.onKind(this.kind.value as PathKind));
    this.frames.addEventListener("change", () => callbacks.onFrames(Number(this.frames.value)));
    new ResizeObserver(() => this.fit()).observe(this.stripFrame);
  }

  update(data: BetweenData): void {
    const before = this.shown;
    this.shown = data;
    this.badge.hidden = !data.live;
    this.stops.update(data);
    this.around.update(data);
    this.player.update({ pixels: data.film, palette: data.palette });
    this.kind.value = data.straightOnly === undefined ? data.kind : "line";
    this.kind.disabled = data.straightOnly !== undefined;
    this.why.textContent = data.straightOnly ?? "";
    this.why.hidden = data.straightOnly === undefined;
    this.frames.value = String(data.frames);
    for (const button of this.saves) button.disabled = data.film === undefined;
    if (data.film !== before?.film || data.palette !== before?.palette) this.drawStrip();
  }

  /** As many digits in a row as can be seen well. */
  private fit(): void {
    const columns = Math.max(4, Math.floor(this.stripFrame.clientWidth / 44));
    if (columns === this.columns) return;
    this.columns = columns;
    this.drawStrip();
  }

  private drawStrip(): void {
    const { film, palette, stops } = this.shown ?? {};
    if (!film || !palette || !stops) return;
    const n = film.length / 784;
    const rows = Math.ceil(n / this.columns);
    // Rows of one length, as nearly as can be.
    const columns = Math.ceil(n / rows);
    drawSheet(this.strip, film, { columns, rows, gap: 2 }, palette);
    this.strip.setAttribute("aria-label", `${n} digits from ${stops[0]?.name} to ${stops.at(-1)?.name}`);
  }
}
