import type { TrainSettings } from "../engine/protocol";
import { DataPanel, type DataPanelData } from "../views/data";
import type { Palette } from "../views/palette";
import { type Chosen, readOwn } from "./data-files";
import { type Invert, isInverted, type OwnImages, preview, sizes, split } from "./data-split";
import { type EnginePort, failureOf } from "./port";

const previewed = 64;

export interface OwnDataCallbacks {
  onChange(): void;
  /** A sentence worth saying aloud. */
  onNews(text: string): void;
  /** The engine holds other sets: one's own, or MNIST again. */
  onReplaced(counts: { train: number; test: number }, own: boolean): void;
}

/** What is trained on: MNIST, or images of one's own, from the choice of files to the engine. */
export class OwnData {
  private readonly view: DataPanel;
  private own: OwnImages | undefined; // read, be it in use or not
  private used: { name: string; train: number; test: number } | undefined;
  private shown: Uint8Array | undefined; // the first images, as training would see them
  private invert: Invert = "auto";
  private testShare = 1 / 6;
  private tile = 28;
  private files: File[] = [];
  private progress: { done: number; total: number } | undefined;
  private failure = "";
  private busy = false;
  private reading = new AbortController();

  constructor(
    element: HTMLElement,
    private readonly engine: EnginePort,
    private readonly callbacks: OwnDataCallbacks,
  ) {
    this.view = new DataPanel(element, {
      onFiles: (files) => void this.choose(files),
      onInvert: (invert) => this.set(() => (this.invert = invert)),
      onTestShare: (share) => this.set(() => (this.testShare = share)),
      onTile: (tile) => {
        if (tile === this.tile) return; // leaving the field is no change
        this.tile = tile;
        if (this.files.length === 1 && this.own) void this.choose(this.files);
      },
      onUse: () => void this.use(),
      onCancel: () => this.cancel(),
      onMnist: () => void this.backToMnist(),
    });
  }

  /** The settings of a run on these images: no more of them than there are. */
  fit(settings: TrainSettings): TrainSettings {
    if (!this.used) return settings;
    const images = Math.min(settings.images, this.used.train);
    return { ...settings, images, batch: Math.min(settings.batch, images) };
  }

  /** The engine was lost, and the images with it. */
  engineLost(): void {
    this.used = undefined;
  }

  update(world: { ready: boolean; running: boolean; palette: Palette }): void {
    const { own, used, progress, failure, busy } = this;
    this.view.update({
      ...world,
      busy,
      used,
      progress,
      failure,
      own: own && this.told(own),
      invert: this.invert,
      testShare: this.testShare,
      tile: this.tile,
    });
  }

  private told(own: OwnImages): NonNullable<DataPanelData["own"]> {
    this.shown ??= preview(own, this.invert, previewed);
    return {
      name: own.name,
      pixels: this.shown,
      ...sizes(own, this.testShare),
      inverted: isInverted(own, this.invert),
      classes: own.labels !== undefined,
      hasTest: own.testFrom !== undefined,
      notes: own.notes,
    };
  }

  private set(change: () => void): void {
    change();
    this.shown = undefined;
    this.callbacks.onChange();
  }

  private async choose(files: File[]): Promise<void> {
    this.reading.abort();
    const reading = new AbortController();
    this.reading = reading;
    this.files = files;
    this.own = undefined;
    this.failure = "";
    this.progress = { done: 0, total: 0 };
    this.callbacks.onChange();
    try {
      const own = await readOwn(files.map(chosenOf), {
        tile: this.tile,
        signal: reading.signal,
        onProgress: (done, total) => {
          if (this.reading !== reading) return;
          this.progress = { done, total };
          this.callbacks.onChange();
        },
      });
      if (this.reading !== reading) return;
      this.own = own;
      this.callbacks.onNews(`${own.name}: ${(own.pixels.length / 784).toLocaleString("en")} images are read.`);
    } catch (error) {
      if (this.reading !== reading || reading.signal.aborted) return;
      this.failure = failureOf(error).message;
    }
    this.progress = undefined;
    this.set(() => {});
  }

  private cancel(): void {
    this.reading.abort();
    this.reading = new AbortController();
    this.progress = undefined;
    this.own = undefined;
    this.failure = "";
    this.callbacks.onChange();
  }

  private async use(): Promise<void> {
    const { own } = this;
    if (!own) return;
    await this.working(async () => {
      const { invert, testShare } = this;
      const counts = await this.engine.request("setData", { name: own.name, ...split(own, { invert, testShare }) });
      this.used = { name: own.name, ...counts };
      this.own = undefined;
      this.callbacks.onNews(`Training uses ${own.name} now.`);
      this.callbacks.onReplaced(counts, true);
    });
  }

  private async backToMnist(): Promise<void> {
    await this.working(async () => {
      const baseUrl = new URL("./data/", document.baseURI).href;
      const counts = await this.engine.request("loadData", { baseUrl, replace: true });
      this.used = undefined;
      this.callbacks.onNews("Training uses MNIST again.");
      this.callbacks.onReplaced(counts, false);
    });
  }

  private async working(task: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.failure = "";
    this.callbacks.onChange();
    try {
      await task();
    } catch (error) {
      this.failure = failureOf(error).message;
    }
    this.busy = false;
    this.set(() => {});
  }
}

const chosenOf = (file: File): Chosen => ({
  path: file.webkitRelativePath || file.name,
  size: file.size,
  bytes: async () => new Uint8Array(await file.arrayBuffer()),
});
