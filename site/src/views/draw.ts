import { drawSheet } from "./digits";
import { DrawPad } from "./draw-pad";
import { el, field } from "./element";
import { axisName } from "./map-panel";
import type { Palette } from "./palette";

/** What the model makes of a drawing. */
export interface DrawingSeen {
  pixels: Uint8Array; // 784: the drawing as MNIST would have it
  mean: readonly number[];
  sigma: readonly number[];
  decoded: Uint8Array; // (1 + n) × 784: from μ, then from n samples of q(z|x)
  reconstruction: number; // nats, mean over the samples
  kl: number; // nats
}

/** How the drawing compares with test digits. */
export type DrawingScore =
  | { kind: "no data" }
  | { kind: "loading" }
  | { kind: "measuring"; done: number; total: number }
  | { kind: "ready"; share: number; digits: number }; // share of test digits with a lower ELBO

export interface Neighbours {
  pixels: Uint8Array; // n × 784
  labels: readonly number[];
  distances: readonly number[];
}

export interface DrawData {
  ready: boolean; // there is a model that can answer
  seen: DrawingSeen | undefined;
  score: DrawingScore;
  neighbours: Neighbours | undefined;
  live: boolean;
  palette: Palette;
}

export interface DrawCallbacks {
  /** The ink changed: 784 bytes, or undefined where there is none. */
  onDraw(image: Uint8Array | undefined): void;
  /** A test digit of this class is wanted on the paper. */
  onExample(label: number): void;
  onLoadData(): void;
  /** Pin the drawing's μ on the map. */
  onPin(): void;
  /** Add the drawing to the path between points. */
  onJoin(): void;
}

const shownAxes = 8;
const signed = (x: number): string => (x < 0 ? "−" : "") + Math.abs(x).toFixed(2);
const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** A pad, and what the encoder and the decoder make of what is drawn on it. */
export class DrawView {
  private readonly pad: DrawPad;
  private readonly badge = el("span", { className: "badge", textContent: "live", hidden: true });
  private readonly label = el("select");
  private readonly example = el("button", { type: "button", textContent: "Show one" });
  private readonly small = el("canvas", {
    className: "seen-digit",
    attrs: { role: "img", "aria-label": "The drawing as MNIST would have it" },
  });
  private readonly back = el("canvas", {
    className: "seen-digit",
    attrs: { role: "img", "aria-label": "What the decoder draws from μ" },
  });
  private readonly empty = el("p", { className: "draw-empty" });
  private readonly answer = el("div", { className: "draw-answer", hidden: true });
  private readonly posterior = el("p", { className: "number draw-posterior" });
  private readonly verdict = el("p", { className: "verdict" });
  private readonly meter = el(
    "div",
    {
      className: "meter",
      attrs: {
        role: "meter",
        "aria-label": "Share of test digits that are less digit-like",
        "aria-valuemin": "0",
        "aria-valuemax": "100",
      },
    },
    el("span"),
  );
  private readonly elbo = el("p", { className: "fine number" });
  private readonly load = el("button", { type: "button", textContent: "Load MNIST (11.6 MB)" });
  private readonly samples = el("canvas", { className: "digits", attrs: { role: "img" } });
  private readonly near = el("ol", { className: "neighbours" });
  private readonly nearNote = el("p", { className: "fine" });
  private drawn: DrawData | undefined;

  constructor(element: HTMLElement, callbacks: DrawCallbacks) {
    const paper = el("div", { className: "draw-paper" });
    this.pad = new DrawPad(paper, (image) => callbacks.onDraw(image));
    for (let label = 0; label < 10; label++) {
      this.label.append(el("option", { value: String(label), textContent: String(label) }));
    }
    this.label.value = "3";
    paper.append(el("div", { className: "example" }, field("Or a test digit", this.label, "draw-label"), this.example));
    const pin = el("button", { type: "button", textContent: "Pin on the map" });
    const join = el("button", { type: "button", textContent: "Add to the path" });
    const picture = (canvas: HTMLCanvasElement, caption: string) =>
      el("figure", { className: "seen" }, canvas, el("figcaption", { className: "fine", textContent: caption }));
    this.answer.append(
      el("div", { className: "seen-pair" }, picture(this.small, "in: as in MNIST"), picture(this.back, "out: from μ")),
      el(
        "div",
        { className: "draw-block draw-code" },
        el("h3", { textContent: "What the encoder says: μ ± σ" }),
        this.posterior,
        el("p", { className: "fine", textContent: "On the map: a cross at μ, ellipses of one and two σ." }),
        el("div", { className: "buttons" }, pin, join),
      ),
      el(
        "div",
        { className: "draw-block" },
        el("h3", { textContent: "How digit-like" }),
        this.verdict,
        this.meter,
        this.elbo,
        this.load,
      ),
      el(
        "div",
        { className: "draw-block draw-wide" },
        el("h3", { textContent: "Decoded from samples z ~ N(μ, σ²)" }),
        this.samples,
      ),
      el(
        "div",
        { className: "draw-block draw-wide" },
        el("h3", { textContent: "Nearest test digits in the latent space" }),
        this.near,
        this.nearNote,
      ),
    );
    element.append(
      el("div", { className: "card-head" }, el("h2", { id: "draw-title", textContent: "Draw a digit" }), this.badge),
      el("p", {
        className: "lead",
        textContent:
          "The encoder answers a drawing not with a point but with a normal distribution; the decoder draws it back.",
      }),
      el("div", { className: "draw-body" }, paper, el("div", { className: "draw-side" }, this.empty, this.answer)),
    );
    this.example.addEventListener("click", () => callbacks.onExample(Number(this.label.value)));
    this.load.addEventListener("click", () => callbacks.onLoadData());
    pin.addEventListener("click", () => callbacks.onPin());
    join.addEventListener("click", () => callbacks.onJoin());
  }

  /** Puts a digit of 784 bytes on the paper. */
  showDigit(pixels: Uint8Array): void {
    this.pad.showDigit(pixels);
  }

  update(data: DrawData): void {
    const { seen, palette } = data;
    const before = this.drawn;
    this.drawn = data;
    this.pad.update(palette);
    this.badge.hidden = !data.live || !seen;
    this.example.disabled = !data.ready;
    this.empty.hidden = seen !== undefined;
    this.answer.hidden = seen === undefined;
    this.empty.textContent = data.ready
      ? "Draw with a mouse, a finger or a pen, or put a test digit on the paper. What the model makes of it appears here with every stroke."
      : "Once the engine runs, what the model makes of a drawing appears here with every stroke.";
    if (!seen) return;
    const repaint = palette !== before?.palette;
    if (repaint || seen !== before?.seen) this.drawSeen(seen, palette);
    this.drawScore(data.score);
    if (repaint || data.neighbours !== before?.neighbours) this.drawNeighbours(data.neighbours, palette);
    const waiting = data.score.kind === "no data" || data.score.kind === "loading";
    this.nearNote.hidden = data.neighbours !== undefined;
    this.nearNote.textContent = waiting
      ? "They appear once MNIST is loaded."
      : "They appear once test digits have been encoded.";
  }

  private drawSeen(seen: DrawingSeen, palette: Palette): void {
    const one = { columns: 1, rows: 1, gap: 0 };
    drawSheet(this.small, seen.pixels, one, palette);
    drawSheet(this.back, seen.decoded.subarray(0, 784), one, palette);
    const n = seen.decoded.length / 784 - 1;
    drawSheet(this.samples, seen.decoded.subarray(784), { columns: n, rows: 1, gap: 2 }, palette);
    this.samples.setAttribute("aria-label", `${n} digits decoded from samples of the posterior`);
    const axes = seen.mean
      .slice(0, shownAxes)
      .map((mean, i) => `${axisName(i)} = ${signed(mean)} ± ${seen.sigma[i]!.toFixed(2)}`.replaceAll(" ", "\u00a0"));
    const more = seen.mean.length - shownAxes;
    this.posterior.textContent = axes.join("   ") + (more > 0 ? `   and ${more} more` : "");
    const elbo = -(seen.reconstruction + seen.kl);
    this.elbo.textContent = `ELBO ≈ −${Math.abs(elbo).toFixed(1)} nats: reconstruction ${seen.reconstruction.toFixed(1)}, KL ${seen.kl.toFixed(1)}`;
  }

  private drawScore(score: DrawingScore): void {
    this.load.hidden = score.kind !== "no data";
    this.meter.hidden = score.kind !== "ready";
    if (score.kind === "no data") this.verdict.textContent = "To compare it with test digits, MNIST is needed.";
    else if (score.kind === "loading") this.verdict.textContent = "MNIST is loading…";
    else if (score.kind === "measuring") {
      this.verdict.textContent = `Measuring test digits to compare with: ${score.done} of ${score.total}…`;
    } else {
      this.verdict.textContent = `More digit-like than ${percent(score.share)} of ${score.digits} test digits.`;
      this.meter.setAttribute("aria-valuenow", String(Math.round(score.share * 100)));
      this.meter.setAttribute("aria-valuetext", percent(score.share));
      (this.meter.firstElementChild as HTMLElement).style.width = `${score.share * 100}%`;
    }
  }

  private drawNeighbours(neighbours: Neighbours | undefined, palette: Palette): void {
    this.near.replaceChildren();
    neighbours?.labels.forEach((label, i) => {
      const canvas = el("canvas", { className: "digits", attrs: { "aria-hidden": "true" } });
      drawSheet(canvas, neighbours.pixels.subarray(i * 784, (i + 1) * 784), { columns: 1, rows: 1, gap: 0 }, palette);
      const distance = neighbours.distances[i]!.toFixed(2);
      const name = el("span", { textContent: String(label) });
      const away = el("span", { className: "visually-hidden", textContent: `, at a distance of ${distance}` });
      this.near.append(el("li", { title: `a ${label}, at a distance of ${distance}` }, canvas, name, away));
    });
  }
}
