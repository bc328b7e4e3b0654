import type { EngineEvent, Losses, ObjectiveName } from "../engine/protocol";
import type { ChartData, Quantity, TableRow } from "../views/loss-chart";
import type { LossUnit } from "./state";

/** What the book's own run printed for its listing, per pixel, epochs 1 to 10. */
export const bookCurve = {
  train: [0.2109, 0.1933, 0.1886, 0.1858, 0.184, 0.1827, 0.1816, 0.1807, 0.18, 0.1794],
  validation: [0.1966, 0.1899, 0.1862, 0.1851, 0.183, 0.1816, 0.1813, 0.1827, 0.1806, 0.1801],
};

const pixels = 784;
const mostLivePoints = 500;
export const quantities: Quantity[] = ["loss", "reconstruction", "kl"];

type StepEvent = Extract<EngineEvent, { type: "step" }>;
type EpochEvent = Extract<EngineEvent, { type: "epoch" }>;

/** The losses of one run, as they come in, and the series that charts draw from them. */
export class Curves {
  private readonly live: { x: number; losses: Losses }[] = [];
  private readonly epochs: EpochEvent[] = [];
  private smooth: Losses | undefined;
  private stride = 1; // keep one of so many smoothed steps
  private seen = 0;
  /** Rises with everything that is added. */
  version = 0;

  constructor(
    readonly objective: ObjectiveName,
    private readonly epochCount: number,
  ) {}

  addStep(event: StepEvent): void {
    const { batch } = event;
    this.version++;
    if (![batch.loss, batch.reconstruction, batch.kl].every(Number.isFinite)) return;
    // A single batch is noisy: an average that forgets over about twenty reports.
    const keep = this.smooth ? Math.max(0.95 - 1 / (this.seen + 1), 0) : 0;
    const mix = (name: Quantity) => keep * (this.smooth?.[name] ?? 0) + (1 - keep) * batch[name];
    this.smooth = { loss: mix("loss"), reconstruction: mix("reconstruction"), kl: mix("kl") };
    if (this.seen++ % this.stride !== 0) return;
    this.live.push({ x: event.epoch + event.step / event.steps, losses: this.smooth });
    if (this.live.length <= mostLivePoints) return;
    for (let i = 1; i < this.live.length; i++) this.live.splice(i, 1);
    this.stride *= 2;
  }

  addEpoch(event: EpochEvent): void {
    this.epochs.push(event);
    this.version++;
  }

  /** The latest smoothed loss of training, in the objective's own units. */
  get latest(): Losses | undefined {
    return this.smooth;
  }

  get lastEpoch(): EpochEvent | undefined {
    return this.epochs.at(-1);
  }

  private scale(quantity: Quantity, unit: LossUnit): number {
    // The seed's loss is reported per pixel, everything else in nats.
    const isPerPixel = quantity === "loss" && this.objective === "seed";
    if (unit === "pixel") return isPerPixel ? 1 : 1 / pixels;
    return isPerPixel ? pixels : 1;
  }

  chart(quantity: Quantity, unit: LossUnit): ChartData {
    const scale = this.scale(quantity, unit);
    const rows = new Map<
      number,
      Partial<Record<"live" | "train" | "validation" | "bookTrain" | "bookValidation", number>>
    >();
    const put = (x: number, values: object) => rows.set(x, Object.assign(rows.get(x) ?? {}, values));
    for (const { x, losses } of this.live) put(x, { live: losses[quantity] * scale });
    for (const { epoch, train, validation } of this.epochs) {
      put(epoch + 1, { train: train[quantity] * scale, validation: validation[quantity] * scale });
    }
    const showBook = quantity === "loss" && this.objective === "seed";
    if (showBook) {
      const last = Math.min(bookCurve.train.length, Math.max(this.epochCount, 2));
      for (let i = 0; i < last; i++) {
        put(i + 1, { bookTrain: bookCurve.train[i]! * scale, bookValidation: bookCurve.validation[i]! * scale });
      }
    }
    const xs = [...rows.keys()].sort((a, b) => a - b);
    const series = (name: "live" | "train" | "validation" | "bookTrain" | "bookValidation") =>
      xs.map((x) => rows.get(x)?.[name] ?? null);
    return {
      x: xs,
      live: series("live"),
      train: series("train"),
      validation: series("validation"),
      bookTrain: showBook ? series("bookTrain") : undefined,
      bookValidation: showBook ? series("bookValidation") : undefined,
      epochs: this.epochCount,
    };
  }

  table(unit: LossUnit): TableRow[] {
    return this.epochs.map(({ epoch, train, validation, seconds }) => ({
      epoch: epoch + 1,
      seconds,
      values: quantities.flatMap((q) => [train[q] * this.scale(q, unit), validation[q] * this.scale(q, unit)]),
    }));
  }
}
