import { blankInk, drawSegment, drawStroke, enlarged, type Ink, type InkPoint, type Stroke } from "./draw-ink";
import { mnistImage } from "./draw-mnist";
import { context2d, el, field } from "./element";
import type { Palette } from "./palette";

const side = 280;

/** Everything that undo takes back, one at a time. */
type Act = { kind: "stroke"; stroke: Stroke } | { kind: "digit"; pixels: Uint8Array } | { kind: "clear" };

/** Paper to draw a digit on, with its tools; tells after each move what MNIST would make of the ink. */
export class DrawPad {
  private readonly canvas = el("canvas", {
    className: "pad",
    width: side,
    height: side,
    attrs: { role: "img", "aria-label": "Drawing pad, empty" },
  });
  private readonly hint = el("p", { className: "pad-hint", textContent: "Draw a digit here" });
  private readonly pen = el("button", { type: "button", textContent: "Pen", attrs: { "aria-pressed": "true" } });
  private readonly eraser = el("button", { type: "button", textContent: "Eraser", attrs: { "aria-pressed": "false" } });
  private readonly undoButton = el("button", { type: "button", textContent: "Undo" });
  private readonly clearButton = el("button", { type: "button", textContent: "Clear" });
  private readonly width = el("input", { type: "range", min: "12", max: "44", step: "1", value: "26" });
  private acts: Act[] = [];
  private ink: Ink = blankInk(side);
  private tool: Stroke["tool"] = "pen";
  private drawing: { stroke: Stroke; pointer: number } | undefined;
  private palette: Palette | undefined;

  constructor(
    element: HTMLElement,
    private readonly onInk: (image: Uint8Array | undefined) => void,
  ) {
    element.append(
      el("div", { className: "pad-frame" }, this.canvas, this.hint),
      el(
        "div",
        { className: "buttons", attrs: { role: "group", "aria-label": "Drawing tools" } },
        this.pen,
        this.eraser,
        this.undoButton,
        this.clearButton,
      ),
      field("Width of the pen", this.width, "draw-width"),
    );
    this.listen();
    this.showActs();
  }

  update(palette: Palette): void {
    if (palette === this.palette) return;
    this.palette = palette;
    this.paint();
  }

  /** Puts a digit of 784 bytes on the paper, in place of what is there. */
  showDigit(pixels: Uint8Array): void {
    this.take({ kind: "digit", pixels });
  }

  private take(act: Act): void {
    this.acts.push(act);
    this.replay();
  }

  private undo(): void {
    this.acts.pop();
    this.replay();
  }

  /** Draws everything anew, from where the paper was last replaced. */
  private replay(): void {
    const from = Math.max(
      0,
      this.acts.findLastIndex(({ kind }) => kind !== "stroke"),
    );
    this.ink = blankInk(side);
    for (const act of this.acts.slice(from)) {
      if (act.kind === "digit") this.ink = enlarged(act.pixels, side);
      else if (act.kind === "stroke") drawStroke(this.ink, act.stroke);
    }
    this.showActs();
    this.paint();
    this.tell();
  }

  private tell(): void {
    const last = this.acts.at(-1);
    // A digit that nobody drew on needs no second scaling: it is what it was.
    const image = !this.drawing && last?.kind === "digit" ? last.pixels : mnistImage(this.ink);
    this.hint.hidden = image !== undefined;
    this.canvas.setAttribute("aria-label", image ? "Drawing pad, with ink" : "Drawing pad, empty");
    this.onInk(image);
  }

  private showActs(): void {
    this.undoButton.disabled = this.acts.length === 0;
    this.clearButton.disabled = this.acts.length === 0 || this.acts.at(-1)?.kind === "clear";
  }

  private paint(): void {
    const context = context2d(this.canvas);
    const { palette } = this;
    if (!context || !palette) return;
    const image = new ImageData(side, side);
    this.ink.levels.forEach((level, i) => {
      for (const c of [0, 1, 2] as const) {
        image.data[4 * i + c] = palette.paper[c] + ((palette.ink[c] - palette.paper[c]) * level) / 255;
      }
      image.data[4 * i + 3] = 255;
    });
    context.putImageData(image, 0, 0);
  }

  private at(event: PointerEvent): InkPoint {
    const box = this.canvas.getBoundingClientRect();
    const scale = side / (box.width || side);
    // Only pens know their pressure; a mouse says 0.5 and a finger anything.
    const press = event.pointerType === "pen" && event.pressure > 0 ? 0.5 + event.pressure : 1;
    return {
      x: (event.clientX - box.left) * scale,
      y: (event.clientY - box.top) * scale,
      radius: (Number(this.width.value) / 2) * press,
    };
  }

  private listen(): void {
    const choose = (tool: Stroke["tool"]) => {
      this.tool = tool;
      this.pen.setAttribute("aria-pressed", String(tool === "pen"));
      this.eraser.setAttribute("aria-pressed", String(tool === "eraser"));
    };
    this.pen.addEventListener("click", () => choose("pen"));
    this.eraser.addEventListener("click", () => choose("eraser"));
    this.undoButton.addEventListener("click", () => this.undo());
    this.clearButton.addEventListener("click", () => this.take({ kind: "clear" }));
    const eraserEnd = 32; // of a pen turned round, in `buttons`
    this.canvas.addEventListener("pointerdown", (event) => {
      if (this.drawing || (event.button > 0 && event.buttons !== eraserEnd)) return;
      event.preventDefault();
      this.canvas.setPointerCapture?.(event.pointerId);
      const tool = event.buttons === eraserEnd ? "eraser" : this.tool;
      this.drawing = { stroke: { tool, points: [] }, pointer: event.pointerId };
      this.extend([event]);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== this.drawing?.pointer) return;
      const all = event.getCoalescedEvents?.() ?? [];
      this.extend(all.length > 0 ? all : [event]);
    });
    const end = (event: PointerEvent) => {
      if (event.pointerId !== this.drawing?.pointer) return;
      const { stroke } = this.drawing;
      this.drawing = undefined;
      this.acts.push({ kind: "stroke", stroke });
      this.showActs();
      this.tell();
    };
    this.canvas.addEventListener("pointerup", end);
    this.canvas.addEventListener("pointercancel", end);
  }

  private extend(events: PointerEvent[]): void {
    const stroke = this.drawing!.stroke;
    for (const event of events) {
      const point = this.at(event);
      drawSegment(this.ink, stroke.tool, stroke.points.at(-1) ?? point, point);
      stroke.points.push(point);
    }
    this.paint();
    this.tell();
  }
}
