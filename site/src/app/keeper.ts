import type { EngineInfo, ModelInfo } from "../engine/protocol";
import type { MastheadData } from "../views/masthead";
import type { Notice } from "../views/notices";
import { type EnginePort, failureOf } from "./port";
import { fetchPretrained, pretrainedName, saveFile } from "./weights";

export interface KeeperCallbacks {
  onChange(): void;
  /** The engine holds another model. */
  onModel(model: ModelInfo): void;
  notify(notice: Notice): void;
  dismiss(id: string): void;
  onNews(text: string): void;
}

/** The engine's start, and the model that it holds: pretrained, from a file, or trained here. */
export class Keeper {
  engineInfo: EngineInfo | undefined;
  model: ModelInfo | undefined;
  state: MastheadData["engine"] = { kind: "starting", fraction: undefined };
  busy = true;
  private readonly openListeners: (() => void)[] = [];

  constructor(
    private readonly engine: EnginePort,
    private readonly callbacks: KeeperCallbacks,
  ) {
    engine.on((event) => {
      if (event.type === "engine" && this.state.kind === "starting") {
        this.state = { kind: "starting", fraction: event.total > 0 ? event.received / event.total : undefined };
        callbacks.onChange();
      } else if ((event.type === "model" || event.type === "end") && this.model) {
        this.take(event.model);
      }
    });
  }

  /** Hears that the engine is open with a model, the first time and after each loss. */
  onOpen(listener: () => void): void {
    this.openListeners.push(listener);
  }

  /** Starts the engine with the pretrained weights; both downloads run at once. */
  async open(): Promise<void> {
    const { callbacks } = this;
    this.state = { kind: "starting", fraction: undefined };
    this.busy = true;
    callbacks.onChange();
    const weights = fetchPretrained().then(
      (bytes) => ({ bytes }),
      (error: unknown) => ({ error }),
    );
    try {
      const { engine, model } = await this.engine.request("open", { baseUrl: new URL("./", document.baseURI).href });
      this.engineInfo = engine;
      const slow = engine.build === "scalar";
      this.state = { kind: "ready", text: slow ? "no SIMD: slower engine" : engine.kernel, slow };
      if (slow) {
        callbacks.notify({
          id: "simd",
          kind: "warning",
          title: "This browser has no WebAssembly SIMD",
          text: "A slower build of the engine is running: everything works, but training takes several times as long. A current Chrome, Edge, Firefox or Safari has it.",
        });
      }
      await this.settle(await weights, model);
      for (const listener of this.openListeners) listener();
    } catch (error) {
      this.state = { kind: "failed" };
      this.busy = false;
      this.reportStart(error);
    }
    callbacks.onChange();
  }

  /** The worker is gone: says so, and offers a fresh one. */
  lost(message: string): void {
    this.state = { kind: "failed" };
    this.busy = false;
    this.callbacks.notify({
      id: "engine",
      kind: "error",
      title: "The engine stopped",
      text: `${message} A fresh engine starts with the pretrained weights; what was not downloaded is lost.`,
      action: { label: "Start again", run: () => this.restart() },
    });
  }

  private restart(): void {
    this.callbacks.dismiss("engine");
    void this.open();
  }

  async backToPretrained(): Promise<void> {
    await this.working(async () => {
      const bytes = await fetchPretrained();
      if (!bytes) throw new Error("This copy of the page comes without pretrained weights.");
      await this.load(bytes, pretrainedName, "pretrained");
    }, "The pretrained weights could not be loaded");
  }

  async openFile(file: File): Promise<void> {
    await this.working(
      async () => this.load(await file.arrayBuffer(), file.name, "file"),
      `${file.name} could not be loaded; the current model stays`,
    );
  }

  async download(): Promise<void> {
    await this.working(async () => {
      const { bytes, name } = await this.engine.request("saveWeights", {});
      saveFile(name, new Blob([bytes], { type: "application/octet-stream" }));
      this.callbacks.onNews(`${name} is being saved.`);
    }, "The weights could not be saved");
  }

  private async settle(weights: { bytes: ArrayBuffer | undefined } | { error: unknown }, initial: ModelInfo) {
    const { callbacks } = this;
    const untrained = "The model starts from random weights: train it below, or load a weights file.";
    try {
      if ("error" in weights) throw weights.error;
      if (weights.bytes) {
        await this.load(weights.bytes, pretrainedName, "pretrained");
        return;
      }
      callbacks.notify({
        id: "weights",
        kind: "info",
        title: "No pretrained weights here",
        text: `This copy of the page comes without them. ${untrained}`,
      });
    } catch (error) {
      const retry = () => {
        callbacks.dismiss("weights");
        void this.backToPretrained();
      };
      callbacks.notify({
        id: "weights",
        kind: "error",
        title: "The pretrained weights could not be loaded",
        text: `${failureOf(error).message} ${untrained}`,
        action: { label: "Try again", run: retry },
      });
    } finally {
      this.busy = false;
    }
    this.take(initial);
  }

  private async load(bytes: ArrayBuffer, name: string, source: ModelInfo["source"]): Promise<void> {
    const { model } = await this.engine.request("loadWeights", { bytes, name, source });
    this.callbacks.dismiss("weights");
    this.callbacks.dismiss("file");
    if (source === "file") this.callbacks.onNews(`${name} is loaded.`);
    this.take(model);
  }

  private take(model: ModelInfo): void {
    this.model = model;
    this.callbacks.onModel(model);
  }

  private async working(task: () => Promise<void>, title: string): Promise<void> {
    this.busy = true;
    this.callbacks.onChange();
    try {
      await task();
    } catch (error) {
      this.callbacks.notify({ id: "file", kind: "error", title, text: failureOf(error).message });
    } finally {
      this.busy = false;
      this.callbacks.onChange();
    }
  }

  private reportStart(error: unknown): void {
    const { kind, message } = failureOf(error);
    this.callbacks.notify({
      id: "engine",
      kind: "error",
      title: kind === "download" ? "The engine could not be downloaded" : "The engine did not start",
      text: message,
      ...(kind === "unsupported" ? {} : { action: { label: "Try again", run: () => this.restart() } }),
    });
  }
}
