import { el } from "./element";
import type { Palette } from "./palette";
import { WorksDetail } from "./works-detail";
import { drawPicture } from "./works-drawing";
import { type Passage, pictureOf, type Snippet, type SnippetName, type StageText, stageTexts } from "./works-stages";
import { shapeOf, summaryOf } from "./works-summary";

/** Which digit flows through the model. */
export type WorksSource = "map" | "test" | "drawing";

export interface WorksData {
  ready: boolean; // there is a model
  passage: Passage | undefined;
  source: WorksSource;
  hasDrawing: boolean;
  sampled: boolean; // z is sampled; otherwise ε = 0
  live: boolean;
  palette: Palette;
}

export interface WorksCallbacks {
  onSource(source: WorksSource): void;
  /** Another test digit is wanted. */
  onTest(): void;
  onRedraw(): void;
  onSampled(sampled: boolean): void;
  /** The diagram came into view, or left it. */
  onVisible(visible: boolean): void;
}

const sourceNames: Record<WorksSource, string> = {
  map: "The map’s digit",
  test: "A test digit",
  drawing: "Your drawing",
};

/** One stage of the diagram: a button with its picture, and its explanation on hover or focus. */
interface StageTile {
  text: StageText;
  item: HTMLLIElement;
  button: HTMLButtonElement;
  canvas: HTMLCanvasElement;
  shape: HTMLElement;
  summary: HTMLElement; // for those who do not see the picture
}

/** Encoder → μ, σ → z → decoder → loss, with the activations of one digit in every stage. */
export class WorksView {
  private readonly badge = el("span", { className: "badge", textContent: "live", hidden: true });
  private readonly radios = new Map<WorksSource, HTMLInputElement>();
  private readonly another = el("button", { type: "button", textContent: "Another test digit", hidden: true });
  private readonly redraw = el("button", { type: "button", textContent: "Draw a new ε" });
  private readonly sampled = el("input", { type: "checkbox" });
  private readonly note = el("p", { className: "fine" });
  private readonly flow = el("ol", {
    className: "works-flow",
    attrs: { "aria-label": "The digit’s way through the model" },
  });
  private readonly tiles: StageTile[];
  private detail: { id: string; item: HTMLLIElement; view: WorksDetail } | undefined;
  private drawn: WorksData | undefined;

  constructor(
    element: HTMLElement,
    private readonly snippets: Record<SnippetName, Snippet>,
    callbacks: WorksCallbacks,
  ) {
    const choices = (Object.keys(sourceNames) as WorksSource[]).map((source) => {
      const radio = el("input", { type: "radio", name: "works-source", value: source });
      radio.addEventListener("change", () => callbacks.onSource(source));
      this.radios.set(source, radio);
      return el("label", { className: "check" }, radio, el("span", { textContent: sourceNames[source] }));
    });
    this.tiles = stageTexts.map((text, i) => this.tile(text, i));
    element.append(
      el("div", { className: "card-head" }, el("h2", { id: "works-title", textContent: "How it works" }), this.badge),
      el("p", {
        className: "lead",
        textContent:
          "A digit on its way through the network, with what every layer makes of it just now. Open a stage for its channels, its formula and the lines of Go that compute it.",
      }),
      el(
        "div",
        { className: "works-bar" },
        el("fieldset", { className: "works-sources" }, el("legend", { textContent: "What goes in" }), ...choices),
        el(
          "div",
          { className: "buttons" },
          this.another,
          this.redraw,
          el("label", { className: "check" }, this.sampled, el("span", { textContent: "Sample z (else z = μ)" })),
        ),
      ),
      this.note,
      this.flow,
    );
    this.flow.append(...this.tiles.map(({ item }) => item));
    this.another.addEventListener("click", () => callbacks.onTest());
    this.redraw.addEventListener("click", () => callbacks.onRedraw());
    this.sampled.addEventListener("change", () => callbacks.onSampled(this.sampled.checked));
    this.flow.addEventListener("animationend", (event) => {
      if (event.target === this.tiles[this.tiles.length - 1]!.button) this.flow.classList.remove("flowing");
    });
    this.open("z");
    if (typeof IntersectionObserver === "undefined") callbacks.onVisible(true);
    else new IntersectionObserver(([entry]) => callbacks.onVisible(entry!.isIntersecting)).observe(element);
  }

  update(data: WorksData): void {
    const before = this.drawn;
    this.drawn = data;
    for (const [source, radio] of this.radios) radio.checked = source === data.source;
    this.radios.get("drawing")!.disabled = !data.hasDrawing && data.source !== "drawing";
    this.another.hidden = data.source !== "test";
    this.another.disabled = !data.ready;
    this.redraw.disabled = !data.ready || !data.sampled;
    this.sampled.checked = data.sampled;
    this.badge.hidden = !data.live || !data.passage;
    this.note.hidden = data.passage !== undefined;
    this.note.textContent = data.ready
      ? "The activations appear as soon as there is a digit."
      : "The activations appear once the engine runs.";
    if (!data.passage || (data.passage === before?.passage && data.palette === before.palette)) return;
    for (const tile of this.tiles) this.drawTile(tile, data.passage, data.palette);
    this.detail?.view.update(data.passage, data.palette);
    if (data.passage !== before?.passage) this.flow.classList.add("flowing");
  }

  private tile(text: StageText, i: number): StageTile {
    const canvas = el("canvas", { className: "works-picture", attrs: { "aria-hidden": "true" } });
    const shape = el("span", { className: "works-shape number", textContent: "" });
    const summary = el("span", { className: "visually-hidden" });
    const tip = el("span", { className: "works-tip", id: `works-tip-${text.id}`, textContent: text.about });
    tip.setAttribute("role", "tooltip");
    const button = el(
      "button",
      {
        type: "button",
        className: "works-stage",
        attrs: { "aria-expanded": "false", "aria-describedby": tip.id },
      },
      el("span", { className: "works-name", textContent: text.name }),
      canvas,
      shape,
      summary,
    );
    button.style.setProperty("--i", String(i));
    const item = el("li", {}, el("span", { className: "works-part", textContent: text.part }), button, tip);
    item.dataset.part = text.part;
    button.addEventListener("click", () => (this.detail?.id === text.id ? this.close() : this.open(text.id)));
    button.addEventListener("keydown", (event) => {
      if (event.key === "Escape") item.classList.add("dismissed"); // the explanation, until the next visit
    });
    for (const leave of ["blur", "mouseleave"])
      button.addEventListener(leave, () => item.classList.remove("dismissed"));
    return { text, item, button, canvas, shape, summary };
  }

  private drawTile({ text, canvas, shape, summary }: StageTile, passage: Passage, palette: Palette): void {
    drawPicture(canvas, pictureOf(text.id, passage), palette);
    shape.textContent = shapeOf(text.id, passage);
    summary.textContent = `. ${summaryOf(text.id, passage)}`;
  }

  private open(id: string): void {
    this.close();
    const tile = this.tiles.find(({ text }) => text.id === id)!;
    const view = new WorksDetail(tile.text, this.snippets);
    const item = el("li", { className: "works-open" }, view.element);
    tile.item.after(item);
    tile.button.setAttribute("aria-expanded", "true");
    tile.button.setAttribute("aria-controls", view.element.id);
    this.detail = { id, item, view };
    if (this.drawn?.passage) view.update(this.drawn.passage, this.drawn.palette);
  }

  private close(): void {
    const { detail } = this;
    if (!detail) return;
    const button = this.tiles.find(({ text }) => text.id === detail.id)!.button;
    button.setAttribute("aria-expanded", "false");
    button.removeAttribute("aria-controls");
    detail.item.remove();
    this.detail = undefined;
  }
}
