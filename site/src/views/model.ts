import type { EngineInfo, ModelInfo } from "../engine/protocol";
import { el } from "./element";
import { layersOf } from "./layers";

export interface ModelData {
  model: ModelInfo | undefined;
  engine: EngineInfo | undefined;
  running: boolean; // a run holds the model: it can be saved, but not replaced
  busy: boolean;
}

export interface ModelCallbacks {
  onDownload(): void;
  onFile(file: File): void;
  onPretrained(): void;
}

const sources: Record<ModelInfo["source"], string> = {
  pretrained: "pretrained, shipped with this page",
  file: "from your file",
  trained: "trained in this tab",
  initial: "untrained (random weights)",
};

const builds: Record<EngineInfo["build"], string> = {
  fma: "SIMD with fused multiply-add (fastest)",
  simd: "SIMD",
  scalar: "no SIMD in this browser: the slower, scalar build is running",
};

const count = (n: number): string => n.toLocaleString("en");

/** Which weights are in use, what the network looks like and what it runs on. */
export class ModelView {
  private readonly facts = el("dl", { className: "facts" });
  private readonly allFacts = el("dl", { className: "facts" });
  private readonly everything = el(
    "details",
    { hidden: true },
    el("summary", { textContent: "All that the file says" }),
    this.allFacts,
  );
  private readonly engineFacts = el("dl", { className: "facts" });
  private readonly table = el("tbody");
  private readonly total = el("td", { className: "number" });
  private readonly download = el("button", { type: "button", className: "primary", textContent: "Download weights" });
  private readonly open = el("button", { type: "button", textContent: "Load a file…" });
  private readonly back = el("button", { type: "button", textContent: "Back to pretrained" });
  private readonly input = el("input", {
    type: "file",
    accept: ".safetensors",
    hidden: true,
    attrs: { "aria-label": "Weights file" },
  });
  private readonly drop: HTMLElement;
  private shown: ModelInfo | undefined;

  constructor(element: HTMLElement, callbacks: ModelCallbacks) {
    this.drop = el(
      "div",
      { className: "drop" },
      el("p", { textContent: "Drop a .safetensors file here" }),
      el("p", { className: "fine", textContent: "It is read in this tab and goes nowhere else." }),
    );
    element.append(
      el("div", { className: "card-head" }, el("h2", { id: "model-title", textContent: "The model" })),
      el(
        "div",
        { className: "model-body" },
        el(
          "div",
          {},
          el("h3", { textContent: "Weights" }),
          this.facts,
          this.everything,
          el("div", { className: "buttons" }, this.download, this.open, this.back, this.input),
          this.drop,
          el("h3", { textContent: "Engine" }),
          this.engineFacts,
        ),
        el(
          "div",
          {},
          el("h3", { textContent: "Layers" }),
          el(
            "div",
            { className: "table-scroll", tabIndex: 0, attrs: { role: "region", "aria-label": "Layers" } },
            el(
              "table",
              { className: "layers" },
              el(
                "thead",
                {},
                el(
                  "tr",
                  {},
                  ...["Layer", "Output", "Parameters"].map((h) => el("th", { scope: "col", textContent: h })),
                ),
              ),
              this.table,
              el("tfoot", {}, el("tr", {}, el("th", { scope: "row", textContent: "Total" }), el("td"), this.total)),
            ),
          ),
        ),
      ),
    );
    this.download.addEventListener("click", () => callbacks.onDownload());
    this.open.addEventListener("click", () => this.input.click());
    this.back.addEventListener("click", () => callbacks.onPretrained());
    this.input.addEventListener("change", () => {
      const file = this.input.files?.[0];
      this.input.value = ""; // so that the same file can be chosen again
      if (file) callbacks.onFile(file);
    });
    this.listenForDrops(callbacks);
  }

  update(data: ModelData): void {
    const { model, engine } = data;
    this.download.disabled = !model || data.busy;
    this.open.disabled = !engine || data.running || data.busy;
    this.back.disabled = this.open.disabled;
    this.back.hidden = model?.source === "pretrained";
    this.engineFacts.replaceChildren(
      ...(engine
        ? facts([
            ["Kernel", engine.kernel],
            ["Build", builds[engine.build]],
            ["Workers", count(engine.workers)],
            ["Version", engine.version],
          ])
        : facts([["State", data.busy ? "starting…" : "not running"]])),
    );
    if (model === this.shown) return;
    this.shown = model;
    if (!model) return;
    const told = toldOf(model.metadata);
    this.facts.replaceChildren(
      ...facts([
        ["Name", model.name],
        ["Origin", sources[model.source]],
        ["Latent size", String(model.config.latent)],
        ["Size", `${count(model.parameters)} parameters, ${((model.parameters * 4) / 1e6).toFixed(1)}\u00a0MB`],
        ...told,
      ]),
    );
    const all = Object.entries(model.metadata).sort(([a], [b]) => (a < b ? -1 : 1));
    this.everything.hidden = all.length === 0;
    this.allFacts.replaceChildren(...facts(all));
    const rows: Node[] = [];
    for (const layer of layersOf(model.config)) {
      if (layer.heading)
        rows.push(
          el("tr", { className: "part" }, el("th", { colSpan: 3, scope: "rowgroup", textContent: layer.heading })),
        );
      rows.push(
        el(
          "tr",
          {},
          el("th", { scope: "row", textContent: layer.name }),
          el("td", { className: "number", textContent: layer.output }),
          el("td", { className: "number", textContent: layer.parameters === 0 ? "" : count(layer.parameters) }),
        ),
      );
    }
    this.table.replaceChildren(...rows);
    this.total.textContent = count(model.parameters);
  }

  /** Files may be dropped anywhere: missing the box must not make the browser leave the page. */
  private listenForDrops(callbacks: ModelCallbacks): void {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    document.addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.drop.classList.add("over");
    });
    document.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) this.drop.classList.remove("over");
    });
    document.addEventListener("drop", (event) => {
      this.drop.classList.remove("over");
      if (!hasFiles(event)) return;
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file && !this.open.disabled) callbacks.onFile(file);
    });
  }
}

function facts(pairs: [string, string][]): Node[] {
  return pairs.map(([name, value]) => el("div", {}, el("dt", { textContent: name }), el("dd", { textContent: value })));
}

/** What a run's metadata says, in the order and words that people read; unknown keys are left to the full list. */
export function toldOf(metadata: Record<string, string>): [string, string][] {
  return (
    [
      ["objective", "Objective", (v) => ({ seed: "the book’s loss", elbo: "ELBO" })[v] ?? v],
      ["beta", "β"],
      ["optimizer", "Optimizer"],
      ["learning_rate", "Learning rate"],
      ["batch", "Batch"],
      ["seed", "Seed"],
      ["data", "Data"],
      ["train_images", "Images", (v) => (Number.isFinite(Number(v)) ? count(Number(v)) : v)],
      ["epochs", "Epochs"],
      ["loss", "Training loss"],
      ["val_loss", "Validation loss"],
    ] as [string, string, ((value: string) => string)?][]
  ).flatMap(([key, name, words]): [string, string][] => {
    const value = metadata[key];
    return value === undefined ? [] : [[name, words ? words(value) : value]];
  });
}
