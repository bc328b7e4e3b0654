import type { ModelInfo } from "../engine/protocol";
import type { PathKind } from "../views/between";
import { classMeans, shifted, traversal } from "../views/between-arithmetic";
import { type AroundData, axesShown, type Origin } from "../views/between-around";
import type { Point2 } from "../views/between-density";
import { densityPath, linearPath, type Way } from "../views/between-path";
import { mostStops } from "../views/between-stops";
import type { Points } from "../views/map-drawing";
import { encodedStops, firstStops, pointText, refitted, type Stop } from "./between-stops";
import { Latest } from "./latest";
import type { EnginePort } from "./port";

export interface BetweenCallbacks {
  onChange(): void;
  onError(error: unknown): void;
}

const perRow = 11;
const reach = 3;
/** Fewer encoded digits than this make no density and no class means. */
const fewestPoints = 500;

/** The path between stops and what lies around one point, decoded anew whenever a stop, a setting or the model changes. */
export class Between {
  stops: Stop[] = [];
  kind: PathKind = "line";
  frames = 16;
  origin = "pin";
  firstAxis = 0;
  plus = 7;
  minus = 3;
  /** The path as a line, for the map. */
  line: number[][] = [];
  film: Uint8Array | undefined;
  pictures = new Map<number, Uint8Array>();
  traversals: AroundData["traversals"];
  sum: AroundData["sum"];

  private model: ModelInfo | undefined;
  private points: Points | undefined;
  private pin: readonly number[] = [];
  private drawn: readonly number[] | undefined;
  private nextId = 3;
  private readonly latest: Latest<void>;

  constructor(
    private readonly engine: EnginePort,
    private readonly callbacks: BetweenCallbacks,
  ) {
    this.latest = new Latest(() => this.decodeAll().catch(callbacks.onError));
    engine.on((event) => {
      if (event.type === "epoch") this.refresh();
    });
  }

  /** Another model, or the same after a run. */
  modelChanged(model: ModelInfo): void {
    const { latent } = model.config;
    if (this.model?.config.latent !== latent) {
      this.stops = this.stops.length > 0 ? this.stops.map((stop) => refitted(stop, latent)) : firstStops(latent);
      this.points = this.drawn = this.traversals = this.sum = undefined;
      this.firstAxis = 0;
    }
    this.model = model;
    this.refresh();
  }

  /** The world around: encoded test digits, the map's pin and the drawing's μ. */
  update(points: Points | undefined, complete: boolean, pin: readonly number[], drawn: readonly number[] | undefined) {
    const moved = this.origin === "pin" && pin !== this.pin;
    const redrawn = this.origin === "drawing" && drawn !== this.drawn;
    this.pin = pin;
    this.drawn = drawn;
    if (this.origin === "drawing" && !drawn) this.origin = "pin";
    // A scatter that is still growing is taken now and then, not with each of its chunks.
    const grown = (points?.count ?? 0) >= 2 * (this.points?.count ?? fewestPoints / 2) || (complete && points);
    const news = points !== this.points && (points === undefined || grown);
    if (news) this.points = points;
    if (moved || redrawn || news) this.refresh();
  }

  add(stop: Omit<Stop, "id">): void {
    if (this.stops.length >= mostStops) return;
    this.stops = [...this.stops, { ...stop, id: this.nextId++ }];
    this.refresh();
  }

  addPoint(z: readonly number[]): void {
    this.add({ name: pointText(z), z: [...z] });
  }

  move(id: number, by: -1 | 1): void {
    const from = this.stops.findIndex((stop) => stop.id === id);
    const to = from + by;
    if (from < 0 || to < 0 || to >= this.stops.length) return;
    const stops = [...this.stops];
    [stops[from], stops[to]] = [stops[to]!, stops[from]!];
    this.stops = stops;
    this.refresh();
  }

  remove(id: number): void {
    this.stops = this.stops.filter((stop) => stop.id !== id);
    if (this.origin === String(id)) this.origin = "pin";
    this.refresh();
  }

  set(changed: Partial<Pick<Between, "kind" | "frames" | "origin" | "firstAxis" | "plus" | "minus">>): void {
    Object.assign(this, changed);
    this.refresh();
  }

  /** Why the path cannot follow the data, where it cannot. */
  straightOnly(): string | undefined {
    const latent = this.model?.config.latent ?? 2;
    if (latent !== 2) return "A path along the data’s density needs exactly two latent dimensions.";
    if (!this.hasPoints) return "A path along the data’s density needs encoded test digits: load MNIST on the map.";
    return undefined;
  }

  origins(): Origin[] {
    const stops = this.stops.map(({ id, name }, i) => ({ key: String(id), name: `point ${i + 1}: ${name}` }));
    const drawing = this.drawn ? [{ key: "drawing", name: "the drawing" }] : [];
    return [{ key: "pin", name: "the map’s pin" }, ...drawing, ...stops];
  }

  /** Decodes everything again: the latest state, once. */
  refresh(): void {
    if (this.model) this.latest.push();
    this.callbacks.onChange();
  }

  private get hasPoints(): boolean {
    return (this.points?.count ?? 0) >= fewestPoints;
  }

  private originPoint(latent: number): number[] {
    const stop = this.stops.find(({ id }) => String(id) === this.origin);
    const z = stop?.z ?? (this.origin === "drawing" ? this.drawn : undefined) ?? this.pin;
    return Array.from({ length: latent }, (_, i) => z[i] ?? 0);
  }

  private pathOf(stops: readonly Stop[]): Way {
    const { points } = this;
    const frames = Math.max(this.frames, stops.length);
    const ends = stops.map(({ z }) => z);
    return this.kind === "density" && this.straightOnly() === undefined
      ? densityPath(ends as unknown as Point2[], points!.mean, points!.count, frames)
      : linearPath(ends, frames);
  }

  private async decodeAll(): Promise<void> {
    const { model, stops: asked } = this;
    if (!model) return;
    const { latent } = model.config;
    const stops = await encodedStops(this.engine, model, asked);
    // Whoever changed something meanwhile has asked again.
    if (model !== this.model || asked !== this.stops) return;
    this.stops = stops;
    const path = this.pathOf(stops);
    const origin = this.originPoint(latent);
    const first = Math.min(this.firstAxis, latent - 1);
    const rows = Math.min(axesShown, latent - first);
    const sum = this.sumPoints(origin, latent);
    const z = [
      path.points.flat(),
      stops.flatMap((stop) => stop.z),
      ...Array.from({ length: rows }, (_, row) => [...traversal(origin, first + row, perRow, reach)]),
      "missing" in sum ? [] : sum.points.flat(),
    ];
    const { pixels } = await this.engine.request("decode", { z: Float32Array.from(z.flat()) });
    if (model !== this.model || asked.length !== this.stops.length) return;
    let at = 0;
    const take = (n: number) => {
      at += n * 784;
      return pixels.slice(at - n * 784, at);
    };
    this.line = path.line;
    this.film = take(path.points.length);
    this.pictures = new Map(stops.map(({ id }) => [id, take(1)]));
    this.traversals = { first, rows, perRow, reach, pixels: take(rows * perRow) };
    this.sum = "missing" in sum ? sum : { pixels: take(4) };
    this.callbacks.onChange();
  }

  private sumPoints(origin: number[], latent: number): { points: number[][] } | { missing: string } {
    if (!this.points || !this.hasPoints) {
      return { missing: "Class means come from encoded test digits: load MNIST on the map." };
    }
    const means = classMeans(this.points, latent);
    const [plus, minus] = [means[this.plus], means[this.minus]];
    if (!plus || !minus) {
      const absent = plus ? this.minus : this.plus;
      return { missing: `There is no ${absent} among the test digits that are encoded so far.` };
    }
    return { points: [origin, plus, minus, shifted(origin, plus, minus)] };
  }
}
