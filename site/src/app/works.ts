import type { ModelInfo } from "../engine/protocol";
import type { Palette } from "../views/palette";
import { type WorksSource, WorksView } from "../views/works";
import type { Passage } from "../views/works-stages";
import { Latest } from "./latest";
import type { EnginePort } from "./port";
import { snippets } from "./works-source";

export interface WorksOptions {
  engine: EnginePort;
  /** Where test digits come from, once they are loaded. */
  data: { loadData(): Promise<void> };
  onChange(): void;
  onError(error: unknown): void;
  onNews(text: string): void;
  random?: () => number;
}

export interface WorksWorld {
  ready: boolean; // there is a model
  live: boolean; // and a run trains it
  drawing: Uint8Array | undefined;
  palette: Palette;
}

const testDigits = 10_000;
/** While a model trains, the diagram takes its turn once in so many milliseconds. */
const trainingPause = 1000;

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** The digit that flows through the diagram: always the latest one and the latest model, while somebody can see it. */
export class Works {
  passage: Passage | undefined;
  private readonly view: WorksView;
  private readonly digits: Partial<Record<WorksSource, Uint8Array>> = {};
  private readonly latest: Latest<void>;
  private readonly random: () => number;
  private source: WorksSource = "map";
  private sampled = true;
  private eps = new Float32Array(0);
  private model: ModelInfo | undefined;
  private visible = false;
  private training = false;
  private announce = false;

  constructor(
    element: HTMLElement,
    private readonly options: WorksOptions,
  ) {
    this.random = options.random ?? Math.random;
    this.latest = new Latest(() => this.take().catch(options.onError));
    this.view = new WorksView(element, snippets(), {
      onSource: (source) => this.choose(source),
      onTest: () => void this.anotherTest().catch(options.onError),
      onRedraw: () => {
        this.drawEps();
        this.announce = true;
        this.refresh();
      },
      onSampled: (sampled) => {
        this.sampled = sampled;
        this.announce = true;
        this.refresh();
        options.onChange();
      },
      onVisible: (visible) => {
        this.visible = visible;
        this.refresh();
      },
    });
    options.engine.on((event) => {
      if (event.type === "step" || event.type === "epoch") this.refresh(); // it has learnt something
    });
  }

  modelChanged(model: ModelInfo): void {
    const other = model.config.latent !== this.model?.config.latent;
    this.model = model;
    if (other) this.drawEps();
    if (other) this.passage = undefined;
    this.refresh();
  }

  /** A digit of 784 bytes to show where its source is chosen, or none. */
  show(source: WorksSource, pixels: Uint8Array | undefined): void {
    if (pixels === this.digits[source]) return;
    if (pixels) this.digits[source] = pixels;
    else delete this.digits[source];
    if (source === this.source) this.refresh();
  }

  update({ ready, live, drawing, palette }: WorksWorld): void {
    this.training = live;
    this.show("drawing", drawing);
    const { passage, source, sampled } = this;
    this.view.update({ ready, passage, source, hasDrawing: drawing !== undefined, sampled, live, palette });
  }

  private choose(source: WorksSource): void {
    this.source = source;
    if (source === "test" && !this.digits.test) void this.anotherTest().catch(this.options.onError);
    this.refresh();
    this.options.onChange();
  }

  private async anotherTest(): Promise<void> {
    await this.options.data.loadData();
    const indices = [Math.floor(this.random() * testDigits)];
    const { pixels } = await this.options.engine.request("images", { set: "test", indices });
    this.show("test", pixels);
  }

  /** One standard normal for each latent axis (Box & Muller 1958). */
  private drawEps(): void {
    const normal = () => Math.sqrt(-2 * Math.log(1 - this.random())) * Math.cos(2 * Math.PI * this.random());
    this.eps = Float32Array.from({ length: this.model?.config.latent ?? 0 }, normal);
  }

  private refresh(): void {
    if (this.visible && this.model) this.latest.push();
  }

  private async take(): Promise<void> {
    const { model, digits, source, options } = this;
    const pixels = digits[source];
    if (!model || !pixels) return;
    const objective = model.metadata.objective === "seed" ? "seed" : "elbo";
    const eps = this.sampled ? this.eps : new Float32Array(this.eps.length);
    const layers = await options.engine.request("activations", { pixels: pixels.slice(), eps: eps.slice(), objective });
    if (model.config.latent !== this.model?.config.latent) return; // about another latent space
    this.passage = { pixels, eps, objective, layers };
    options.onChange();
    if (this.announce) this.tell(this.passage);
    if (this.training) await pause(trainingPause);
  }

  private tell({ layers }: Passage): void {
    this.announce = false;
    const z = Array.from(layers.z.subarray(0, 4), (x) => x.toFixed(2)).join(", ");
    this.options.onNews(`z is ${z}; reconstruction ${layers.reconstruction.toFixed(1)} nats.`);
  }
}
