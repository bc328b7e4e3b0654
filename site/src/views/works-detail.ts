import { el, field } from "./element";
import type { Palette } from "./palette";
import { drawPicture, gridOf } from "./works-drawing";
import { type Passage, pictureOf, type Snippet, type SnippetName, type StageText } from "./works-stages";
import { channelFacts, strongestChannel, summaryOf, tableOf } from "./works-summary";

/** The open stage: its channels and one of them enlarged, its values, its formulas beside their source. */
export class WorksDetail {
  readonly element: HTMLElement;
  private readonly all = el("canvas", {
    className: "works-large",
    attrs: { role: "img", "aria-label": "All channels of this layer" },
  });
  private readonly one = el("canvas", {
    className: "works-large",
    attrs: { role: "img", "aria-label": "One channel of this layer, enlarged" },
  });
  private readonly oneNote = el("p", { className: "fine number" });
  private readonly slider = el("input", { type: "range", min: "1", value: "1" });
  private readonly channelBox: HTMLElement;
  private readonly summary = el("p", { className: "number" });
  private readonly values = el("details", {}, el("summary", { textContent: "Values as a table" }));
  private readonly table = el("table");
  private channel: number | undefined;
  private shown: { passage: Passage; palette: Palette } | undefined;

  constructor(
    private readonly stage: StageText,
    snippets: Record<SnippetName, Snippet>,
  ) {
    this.channelBox = el(
      "div",
      { className: "works-channel" },
      this.one,
      field("Channel", this.slider, `works-channel-${stage.id}`),
      this.oneNote,
      el("p", {
        className: "fine",
        textContent: "Full colour is the layer’s highest value; shades go by the square root.",
      }),
    );
    const formulas = stage.formulas.map(({ text, code }) =>
      el(
        "div",
        { className: "works-formula" },
        el("p", { className: "formula", textContent: text }),
        ...code.map((name) => sourceOf(snippets[name])),
      ),
    );
    this.values.append(
      el(
        "div",
        { className: "works-table", tabIndex: 0, attrs: { role: "region", "aria-label": `${stage.name}: values` } },
        this.table,
      ),
    );
    this.element = el(
      "div",
      {
        className: "works-detail",
        id: `works-detail-${stage.id}`,
        attrs: { role: "region", "aria-label": stage.name },
      },
      el(
        "div",
        { className: "works-seen" },
        el("div", { className: "works-pictures" }, this.all, this.channelBox),
        this.summary,
        this.values,
      ),
      el("div", { className: "works-said" }, el("p", { textContent: stage.about }), ...formulas),
    );
    this.slider.addEventListener("input", () => {
      this.channel = Number(this.slider.value) - 1;
      this.redraw();
    });
    this.all.addEventListener("click", (event) => this.pick(event));
    this.values.addEventListener("toggle", () => this.redraw());
  }

  update(passage: Passage, palette: Palette): void {
    this.shown = { passage, palette };
    this.redraw();
  }

  private redraw(): void {
    if (!this.shown) return;
    const { passage, palette } = this.shown;
    const picture = pictureOf(this.stage.id, passage);
    const text = summaryOf(this.stage.id, passage);
    drawPicture(this.all, picture, palette);
    this.all.setAttribute("aria-label", `${this.stage.name}: ${text}`);
    this.summary.textContent = text;
    this.channelBox.hidden = picture.kind !== "maps";
    this.all.classList.toggle("works-pick", picture.kind === "maps");
    if (picture.kind === "maps") {
      const { maps } = picture;
      this.channel = Math.min(this.channel ?? strongestChannel(maps), maps.channels - 1);
      drawPicture(this.one, picture, palette, this.channel);
      const { peak, mean, active } = channelFacts(maps, this.channel);
      const facts = `highest ${peak.toFixed(2)}, mean ${mean.toFixed(2)}, ${Math.round(active * 100)} % active`;
      this.slider.max = String(maps.channels);
      this.slider.value = String(this.channel + 1);
      this.slider.setAttribute("aria-valuetext", `${this.channel + 1} of ${maps.channels}: ${facts}`);
      this.oneNote.textContent = `${this.channel + 1} of ${maps.channels}: ${facts}`;
      this.one.setAttribute("aria-label", `Channel ${this.channel + 1} enlarged: ${facts}`);
    }
    if (this.values.open) this.fillTable(passage);
  }

  private fillTable(passage: Passage): void {
    const { head, rows } = tableOf(this.stage.id, passage);
    const cells = (row: string[]) =>
      row.map((text, i) =>
        i === 0 ? el("th", { scope: "row", textContent: text }) : el("td", { className: "number", textContent: text }),
      );
    this.table.replaceChildren(
      el("thead", {}, el("tr", {}, ...head.map((text) => el("th", { scope: "col", textContent: text })))),
      el("tbody", {}, ...rows.map((row) => el("tr", {}, ...cells(row)))),
    );
  }

  /** A click on the grid picks the channel that lies there; the slider does the same from the keyboard. */
  private pick(event: MouseEvent): void {
    if (!this.shown) return;
    const picture = pictureOf(this.stage.id, this.shown.passage);
    if (picture.kind !== "maps") return;
    const box = this.all.getBoundingClientRect();
    const { columns, rows } = gridOf(picture.maps);
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    const channel = row * columns + column;
    if (channel < 0 || channel >= picture.maps.channels) return;
    this.channel = channel;
    this.redraw();
  }
}

const sourceOf = ({ where, code }: Snippet): HTMLElement =>
  el(
    "figure",
    { className: "works-source" },
    el("figcaption", { className: "fine", textContent: where }),
    el(
      "pre",
      { tabIndex: 0, attrs: { role: "region", "aria-label": `Go source: ${where}` } },
      el("code", { textContent: code }),
    ),
  );
