import { drawSheet } from "./digits";
import { el, field } from "./element";
import type { Palette } from "./palette";

type Invert = "auto" | "yes" | "no";

export interface DataPanelData {
  ready: boolean; // the engine can take data
  running: boolean; // a run holds the data
  busy: boolean;
  used: { name: string; train: number; test: number } | undefined; // undefined: MNIST
  progress: { done: number; total: number } | undefined; // of reading; total 0 if unknown
  failure: string;
  own:
    | {
        name: string;
        pixels: Uint8Array; // the first ones, n × 784
        train: number;
        test: number;
        inverted: boolean;
        classes: boolean;
        hasTest: boolean;
        notes: string[];
      }
    | undefined; // read, and not in use yet
  invert: Invert;
  testShare: number;
  tile: number;
  palette: Palette;
}

export interface DataPanelCallbacks {
  onFiles(files: File[]): void;
  onInvert(invert: Invert): void;
  onTestShare(share: number): void;
  onTile(tile: number): void;
  onUse(): void;
  onCancel(): void;
  onMnist(): void;
}

const count = (n: number): string => n.toLocaleString("en");
const columns = 16;
const shares: [string, string][] = [
  ["0.1", "a tenth"],
  [String(1 / 6), "a sixth, as in MNIST"],
  ["0.25", "a quarter"],
];
const inverts: [Invert, string][] = [
  ["auto", "as the paper needs it"],
  ["yes", "yes: dark ink on light paper"],
  ["no", "no: light ink on dark paper"],
];

/** What is trained on, and the way to images of one's own. */
export class DataPanel {
  private readonly current = el("p", { className: "data-current" });
  private readonly files = el("button", { type: "button", textContent: "Choose files…" });
  private readonly folder = el("button", { type: "button", textContent: "Choose a folder…" });
  private readonly mnist = el("button", { type: "button", textContent: "Back to MNIST" });
  private readonly use = el("button", { type: "button", className: "primary", textContent: "Use these images" });
  private readonly cancel = el("button", { type: "button", textContent: "Cancel" });
  private readonly input = fileInput("Images of your own");
  private readonly folderInput = fileInput("A folder of images");
  private readonly drop = el(
    "div",
    { className: "drop" },
    el("p", { textContent: "Drop images, a zip or IDX files here" }),
    el("p", {
      className: "fine",
      textContent: "They never leave this tab: they are read, resized and trained on here.",
    }),
  );
  private readonly progress = el("progress", { hidden: true, attrs: { "aria-label": "Images read" } });
  private readonly failure = el("p", { className: "data-failure", attrs: { role: "alert" } });
  private readonly invert = el("select");
  private readonly share = el("select");
  private readonly shareField = field("Set aside as test set", this.share, "data-share");
  private readonly tile = el("input", { type: "number", min: "4", max: "1024", step: "1" });
  private readonly told = el("p");
  private readonly notes = el("p", { className: "fine" });
  private readonly canvas = el("canvas", { className: "digits", attrs: { role: "img" } });
  private readonly preview = el(
    "div",
    { className: "data-preview", hidden: true },
    this.told,
    el("figure", {}, this.canvas),
    this.notes,
  );
  private drawn: { pixels: Uint8Array; palette: Palette } | undefined;

  constructor(element: HTMLElement, callbacks: DataPanelCallbacks) {
    this.invert.append(...inverts.map(([value, textContent]) => el("option", { value, textContent })));
    this.share.append(...shares.map(([value, textContent]) => el("option", { value, textContent })));
    this.folderInput.setAttribute("webkitdirectory", "");
    element.append(
      el("div", { className: "card-head" }, el("h2", { id: "data-title", textContent: "The data" })),
      el("p", {
        className: "lead",
        textContent:
          "Train on MNIST or on pictures of your own: PNG, JPEG or WebP, a folder or zip of them, MNIST’s IDX files, or one picture cut into tiles. Each becomes 28×28 grey; folders named 0 to 9 give the classes.",
      }),
      this.current,
      this.drop,
      el("div", { className: "buttons" }, this.files, this.folder, this.mnist, this.input, this.folderInput),
      this.progress,
      this.failure,
      el(
        "div",
        { className: "data-options" },
        field("Invert", this.invert, "data-invert"),
        this.shareField,
        field("Tile of a sprite sheet, pixels", this.tile, "data-tile"),
      ),
      this.preview,
      el("div", { className: "buttons" }, this.use, this.cancel),
    );
    this.files.addEventListener("click", () => this.input.click());
    this.folder.addEventListener("click", () => this.folderInput.click());
    for (const input of [this.input, this.folderInput]) {
      input.addEventListener("change", () => {
        const files = [...(input.files ?? [])];
        input.value = ""; // so that the same files can be chosen again
        if (files.length > 0) callbacks.onFiles(files);
      });
    }
    this.mnist.addEventListener("click", () => callbacks.onMnist());
    this.use.addEventListener("click", () => callbacks.onUse());
    this.cancel.addEventListener("click", () => callbacks.onCancel());
    this.invert.addEventListener("change", () => callbacks.onInvert(this.invert.value as Invert));
    this.share.addEventListener("change", () => callbacks.onTestShare(Number(this.share.value)));
    this.tile.addEventListener("change", () => {
      const tile = Math.round(Number(this.tile.value));
      const valid = tile >= 4 && tile <= 1024;
      this.tile.setAttribute("aria-invalid", String(!valid));
      if (valid) callbacks.onTile(tile);
    });
    // What is dropped on this card is data; the page's own listener would take it for weights.
    element.addEventListener("dragover", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.drop.classList.add("over");
    });
    element.addEventListener("dragleave", () => this.drop.classList.remove("over"));
    element.addEventListener("drop", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.drop.classList.remove("over");
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length > 0 && !this.files.disabled) callbacks.onFiles(files);
    });
  }

  update(data: DataPanelData): void {
    const { used, own, progress } = data;
    this.current.textContent = used
      ? `In use: ${used.name}, ${count(used.train)} images for training and ${count(used.test)} for testing. A reload goes back to MNIST.`
      : "In use: MNIST, 60,000 digits for training and 10,000 for testing.";
    this.files.disabled = data.busy;
    this.folder.disabled = data.busy;
    this.mnist.hidden = used === undefined;
    this.mnist.disabled = data.busy || data.running;
    this.use.hidden = own === undefined;
    this.use.disabled = !data.ready || data.busy || data.running;
    this.cancel.hidden = own === undefined && progress === undefined;
    this.progress.hidden = progress === undefined;
    if (progress?.total) {
      this.progress.max = progress.total;
      this.progress.value = progress.done;
    } else this.progress.removeAttribute("value");
    if (this.failure.textContent !== data.failure) this.failure.textContent = data.failure;
    this.invert.value = data.invert;
    this.share.value = String(data.testShare);
    this.shareField.hidden = own?.hasTest ?? false;
    if (document.activeElement !== this.tile) this.tile.value = String(data.tile);
    this.preview.hidden = own === undefined;
    if (!own) return;
    this.told.textContent = `${own.name}: ${count(own.train)} images for training, ${count(own.test)} set aside.`;
    this.notes.textContent = [
      ...own.notes,
      own.inverted ? "Inverted, so that ink is light on dark as in MNIST." : "Not inverted.",
      own.classes ? "" : "They have no classes: the map draws them all as class 0.",
      data.running ? "A run is using the data: stop it first." : "",
    ]
      .join(" ")
      .trim();
    if (this.drawn?.pixels === own.pixels && this.drawn.palette === data.palette) return;
    this.drawn = { pixels: own.pixels, palette: data.palette };
    const n = own.pixels.length / 784;
    const wide = Math.min(columns, n);
    drawSheet(this.canvas, own.pixels, { columns: wide, rows: Math.ceil(n / wide), gap: 2 }, data.palette);
    this.canvas.setAttribute("aria-label", `The first ${n} images of ${own.name}, as training sees them`);
  }
}

const fileInput = (name: string): HTMLInputElement =>
  el("input", { type: "file", multiple: true, hidden: true, attrs: { "aria-label": name } });
