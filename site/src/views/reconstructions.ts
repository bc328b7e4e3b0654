import { drawSheet } from "./digits";
import { el } from "./element";
import type { Palette } from "./palette";

export interface ReconstructionsData {
  originals: Uint8Array; // n × 784
  decoded: Uint8Array; // n × 784
  palette: Palette;
}

/** Test digits over what the model makes of them: encoded to the mean of q(z|x), then decoded. */
export class ReconstructionsView {
  private readonly canvas = el("canvas", { className: "digits", attrs: { role: "img" } });
  private readonly figure: HTMLElement;

  private drawn: ReconstructionsData | undefined;

  constructor(element: HTMLElement) {
    this.figure = el(
      "figure",
      { className: "strip", hidden: true },
      el("figcaption", { textContent: "Test digits (above) and what the model makes of them (below)" }),
      this.canvas,
    );
    element.append(this.figure);
  }

  update(data: ReconstructionsData | undefined): void {
    this.figure.hidden = data === undefined;
    if (!data || (data.decoded === this.drawn?.decoded && data.palette === this.drawn.palette)) return;
    this.drawn = data;
    const n = data.originals.length / 784;
    const both = new Uint8Array(data.originals.length * 2);
    both.set(data.originals);
    both.set(data.decoded, data.originals.length);
    drawSheet(this.canvas, both, { columns: n, rows: 2, gap: 2 }, data.palette);
    this.canvas.setAttribute("aria-label", `${n} test digits and their reconstructions`);
  }
}
