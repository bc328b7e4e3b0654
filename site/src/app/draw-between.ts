import type { ModelInfo } from "../engine/protocol";
import { BetweenView, type SavedAs } from "../views/between";
import type { Trail } from "../views/between-trail";
import { drawSheet } from "../views/digits";
import { DrawView } from "../views/draw";
import type { Posterior } from "../views/draw-posterior";
import type { Points } from "../views/map-drawing";
import type { DataStatus } from "../views/map-panel";
import type { Palette } from "../views/palette";
import { Between } from "./between";
import { encodeFilm, filmOf } from "./between-film";
import { Drawing } from "./draw";
import { DigitShelf, type TestData } from "./draw-digits";
import type { EnginePort } from "./port";
import { saveFile, savePng } from "./weights";

export interface DrawBetweenCallbacks {
  onChange(): void;
  onError(error: unknown): void;
  /** A sentence worth saying aloud. */
  onNews(text: string): void;
  /** Pin z on the map. */
  onPin(z: number[]): void;
}

/** The test digits, as far as they are loaded and encoded. */
export interface EncodedData extends TestData {
  readonly points: Points | undefined;
  readonly status: DataStatus;
}

/** What the page knows when it draws itself. */
export interface DrawBetweenWorld {
  ready: boolean; // there is a model that can answer
  pin: readonly number[]; // of latent length
  live: boolean;
  palette: Palette;
}

/** Joins the drawing and the path between points to their views, to the test digits and to each other. */
export class DrawBetween {
  private readonly drawing: Drawing;
  private readonly between: Between;
  private readonly drawView: DrawView;
  private readonly betweenView: BetweenView;
  private readonly shelf: DigitShelf;
  private model: ModelInfo | undefined;
  private world: DrawBetweenWorld | undefined;
  private trailShown: Trail | undefined;

  constructor(
    elements: { draw: HTMLElement; between: HTMLElement },
    engine: EnginePort,
    private readonly data: EncodedData,
    private readonly callbacks: DrawBetweenCallbacks,
  ) {
    this.shelf = new DigitShelf(engine, data);
    this.drawing = new Drawing(engine, data, this.shelf, callbacks);
    this.between = new Between(engine, callbacks);
    const { drawing, between } = this;
    this.drawView = new DrawView(elements.draw, {
      onDraw: (image) => drawing.draw(image),
      onExample: (label) => void this.withDigit(label, ({ pixels }) => this.drawView.showDigit(pixels)),
      // Where the load fails the map says why.
      onLoadData: () => void data.loadData().catch(() => {}),
      onPin: () => callbacks.onPin([...(drawing.seen?.mean ?? [])]),
      onJoin: () => this.join(),
    });
    this.betweenView = new BetweenView(elements.between, {
      onAddPin: () => between.addPoint(this.world?.pin ?? []),
      onAddDrawing: () => this.join(),
      onAddDigit: (label) =>
        void this.withDigit(label, ({ index, pixels }) =>
          between.add({ name: `a ${label}, test digit ${index}`, z: this.origin, image: pixels }),
        ),
      onMove: (id, by) => between.move(id, by),
      onRemove: (id) => between.remove(id),
      onKind: (kind) => between.set({ kind }),
      onFrames: (frames) => between.set({ frames }),
      onSave: (as, speed) => void this.save(as, speed).catch(callbacks.onError),
      onOrigin: (origin) => between.set({ origin }),
      onFirstAxis: (firstAxis) => between.set({ firstAxis }),
      onSum: (plus, minus) => between.set({ plus, minus }),
    });
  }

  /** For the map: q(z|x) of the drawing. */
  get posterior(): Posterior | undefined {
    return this.drawing.seen;
  }

  /** What is drawn: 784 bytes, or nothing. */
  get image(): Uint8Array | undefined {
    return this.drawing.image;
  }

  /** For the map: the path; undefined until somebody has chosen a stop. */
  get trail(): Trail | undefined {
    return this.trailShown;
  }

  modelChanged(model: ModelInfo): void {
    this.model = model;
    this.drawing.modelChanged(model);
    this.between.modelChanged(model);
  }

  /** The test digits were replaced. */
  dataChanged(): void {
    this.shelf.clear();
    this.drawing.dataChanged();
  }

  /** The model has learnt on: look at it again. */
  look(): void {
    this.drawing.seeAgain();
    this.between.refresh();
  }

  update(world: DrawBetweenWorld): void {
    this.world = world;
    const { drawing, between, drawView, betweenView } = this;
    const { ready, pin, live, palette } = world;
    const { points, status } = this.data;
    const latent = this.model?.config.latent ?? 2;
    const complete = status.kind === "ready";
    drawing.update(points, complete, live);
    between.update(points, complete, pin, drawing.seen?.mean);
    drawView.update({
      ready,
      seen: drawing.seen,
      score: drawing.score(status.kind === "loading"),
      neighbours: drawing.neighbours,
      live,
      palette,
    });
    betweenView.update({
      ready,
      stops: between.stops.map(({ id, name }) => ({ id, name, picture: between.pictures.get(id) })),
      hasDrawing: drawing.seen !== undefined,
      kind: between.kind,
      straightOnly: between.straightOnly(),
      frames: between.frames,
      film: between.film,
      live,
      latent,
      origins: between.origins(),
      origin: between.origin,
      traversals: between.traversals,
      plus: between.plus,
      minus: between.minus,
      sum: between.sum,
      palette,
    });
    const { line, stops } = between;
    // The two stops of the start say nothing yet that belongs on the map.
    const chosen = stops.some(({ id }) => id > 2) || between.kind === "density";
    if (!chosen) this.trailShown = undefined;
    else if (this.trailShown?.path !== line) this.trailShown = { path: line, stops: stops.map(({ z }) => z) };
  }

  private get origin(): number[] {
    return new Array<number>(this.model?.config.latent ?? 2).fill(0);
  }

  private join(): void {
    const { image, seen } = this.drawing;
    if (!image || !seen) return;
    this.between.add({ name: "a drawing", z: [...seen.mean], image });
    this.callbacks.onNews("The drawing is a point of the path now.");
  }

  private async withDigit(label: number, use: (digit: { index: number; pixels: Uint8Array }) => void): Promise<void> {
    try {
      const digit = await this.shelf.next(label);
      if (digit) use(digit);
      else this.callbacks.onNews(`There is no ${label} among the test digits.`);
    } catch (error) {
      // Where the data could not be loaded the map says so; anything else is news.
      if (this.data.hasData) this.callbacks.onError(error);
    }
  }

  private async save(as: SavedAs, framesPerSecond: number): Promise<void> {
    const { film } = this.between;
    const { world } = this;
    if (!film || !world) return;
    if (as === "png") {
      const strip = document.createElement("canvas");
      strip.style.backgroundColor = `rgb(${world.palette.paper.join()})`;
      drawSheet(strip, film, { columns: film.length / 784, rows: 1, gap: 2 }, world.palette);
      await savePng(strip, "vae-lab-path.png");
      return;
    }
    const blob = await encodeFilm(as, filmOf(film, world.palette, framesPerSecond));
    const name = as === "gif" ? "vae-lab-path.gif" : "vae-lab-path.apng";
    saveFile(name, blob);
    this.callbacks.onNews(`${name} is being saved.`);
  }
}
