import { drawSheet } from "./digits";
import { el, field } from "./element";
import { axisName } from "./map-panel";
import type { Palette } from "./palette";

/** Where traversals and arithmetic begin. */
export interface Origin {
  key: string;
  name: string;
}

export interface AroundData {
  latent: number;
  origins: readonly Origin[];
  origin: string; // a key
  /** Rows of digits: one axis at a time from −reach to reach. */
  traversals: { first: number; rows: number; perRow: number; reach: number; pixels: Uint8Array } | undefined;
  plus: number; // classes
  minus: number;
  /** Four digits: where it begins, the two class means, where it ends; or why there are none. */
  sum: { pixels: Uint8Array } | { missing: string } | undefined;
  palette: Palette;
}

export interface AroundCallbacks {
  onOrigin(key: string): void;
  onFirstAxis(first: number): void;
  onSum(plus: number, minus: number): void;
}

/** Rows of a traversal that are shown at a time. */
export const axesShown = 8;

const digitSelect = () => {
  const select = el("select");
  for (let label = 0; label < 10; label++) {
    select.append(el("option", { value: String(label), textContent: String(label) }));
  }
  return select;
};

/** What lies around a point: each axis by itself, and what the difference of two classes does to it. */
export class BetweenAround {
  private readonly origin = el("select");
  private readonly axes = el("select");
  private readonly axesField = field("Axes", this.axes, "between-axes");
  private readonly rows = el("div", { className: "traversals" });
  private readonly plus = digitSelect();
  private readonly minus = digitSelect();
  private readonly pictures: HTMLCanvasElement[] = [];
  private readonly equation: HTMLElement;
  private readonly missing = el("p", { className: "fine" });
  private readonly limits = el("p", { className: "fine" });
  private shown: AroundData | undefined;

  constructor(element: HTMLElement, callbacks: AroundCallbacks) {
    const term = (name: string) => {
      const canvas = el("canvas", { className: "term-digit", attrs: { role: "img", "aria-label": name } });
      this.pictures.push(canvas);
      return el("figure", {}, canvas, el("figcaption", { className: "fine", textContent: name }));
    };
    const sign = (text: string) => el("span", { className: "sign", textContent: text });
    this.equation = el(
      "div",
      { className: "equation" },
      ...[term("the point"), sign("+"), term("mean of A"), sign("−"), term("mean of B"), sign("="), term("the sum")],
    );
    element.append(
      el(
        "div",
        { className: "around-head" },
        el("h3", { textContent: "Around a point" }),
        field("Which point", this.origin, "between-origin"),
      ),
      el(
        "div",
        { className: "around-body" },
        el(
          "div",
          { className: "around-block" },
          el("h3", { textContent: "One axis at a time" }),
          this.axesField,
          this.rows,
        ),
        el(
          "div",
          { className: "around-block" },
          el("h3", { textContent: "Arithmetic with classes" }),
          el(
            "div",
            { className: "pair" },
            field("Add the mean of", this.plus, "between-plus"),
            field("Take away the mean of", this.minus, "between-minus"),
          ),
          this.equation,
          this.missing,
          this.limits,
        ),
      ),
    );
    this.origin.addEventListener("change", () => callbacks.onOrigin(this.origin.value));
    this.axes.addEventListener("change", () => callbacks.onFirstAxis(Number(this.axes.value)));
    const sum = () => callbacks.onSum(Number(this.plus.value), Number(this.minus.value));
    this.plus.addEventListener("change", sum);
    this.minus.addEventListener("change", sum);
  }

  update(data: AroundData): void {
    const before = this.shown;
    this.shown = data;
    const names = (origins: readonly Origin[] | undefined) => origins?.map(({ key, name }) => key + name).join("\n");
    if (names(before?.origins) !== names(data.origins)) {
      this.origin.replaceChildren(
        ...data.origins.map(({ key, name }) => el("option", { value: key, textContent: name })),
      );
    }
    this.origin.value = data.origin;
    this.plus.value = String(data.plus);
    this.minus.value = String(data.minus);
    if (before?.latent !== data.latent) this.drawChoices(data.latent);
    const repaint = data.palette !== before?.palette;
    if (repaint || data.traversals !== before?.traversals) this.drawTraversals(data);
    if (repaint || data.sum !== before?.sum) this.drawSum(data);
  }

  private drawChoices(latent: number): void {
    const firsts = Array.from({ length: Math.ceil(latent / axesShown) }, (_, i) => i * axesShown);
    this.axes.replaceChildren(
      ...firsts.map((first) =>
        el("option", {
          value: String(first),
          textContent: `${axisName(first)} to ${axisName(Math.min(latent, first + axesShown) - 1)}`,
        }),
      ),
    );
    this.axesField.hidden = latent <= axesShown;
    this.limits.textContent =
      latent > 2
        ? `A difference of class means keeps whatever style the other ${latent - 2} dimensions hold, as far as style and class are told apart there; nothing in training makes them so.`
        : "Do not expect style to survive here. In two dimensions classes are patches of one plane and no direction is left over for slant or thickness: the sum is merely the point moved by a fixed step, and it may land in another class or where there are no digits at all. Analogies of this kind need more dimensions, ten or so.";
  }

  private drawTraversals({ traversals, palette }: AroundData): void {
    this.rows.replaceChildren();
    if (!traversals) return;
    const { first, rows, perRow, reach, pixels } = traversals;
    for (let row = 0; row < rows; row++) {
      const name = axisName(first + row);
      const canvas = el("canvas", {
        className: "digits",
        attrs: {
          role: "img",
          "aria-label": `${perRow} digits: ${name} from −${reach} to ${reach}, the other axes stay`,
        },
      });
      const part = pixels.subarray(row * perRow * 784, (row + 1) * perRow * 784);
      drawSheet(canvas, part, { columns: perRow, rows: 1, gap: 2 }, palette);
      this.rows.append(el("span", { className: "number", textContent: name }), canvas);
    }
    this.rows.append(
      el("span"),
      el(
        "span",
        { className: "scale fine number", attrs: { "aria-hidden": "true" } },
        ...[`−${reach}`, "0", String(reach)].map((text) => el("span", { textContent: text })),
      ),
    );
  }

  private drawSum({ sum, palette, plus, minus }: AroundData): void {
    const pixels = sum && "pixels" in sum ? sum.pixels : undefined;
    this.equation.hidden = pixels === undefined;
    this.missing.hidden = !(sum && "missing" in sum);
    if (sum && "missing" in sum) this.missing.textContent = sum.missing;
    if (!pixels) return;
    const names = ["the point", `mean of ${plus}s`, `mean of ${minus}s`, "the sum"];
    this.pictures.forEach((canvas, i) => {
      drawSheet(canvas, pixels.subarray(i * 784, (i + 1) * 784), { columns: 1, rows: 1, gap: 0 }, palette);
      canvas.setAttribute("aria-label", `Decoded: ${names[i]}`);
      canvas.nextElementSibling!.textContent = names[i]!;
    });
  }
}
