import type { EnginePort } from "./port";

/** Where test digits come from: loaded once, by whoever needs them first. */
export interface TestData {
  readonly hasData: boolean;
  /** How many there are, once they are loaded; sets of one's own may be small. */
  readonly testCount?: number;
  loadData(): Promise<void>;
}

export interface Digit {
  index: number; // in the test set
  label: number;
  pixels: Uint8Array; // 784
}

/** How many test digits lie on the shelf. */
export const shelfSize = 500;

/** The first test digits, at hand by their class. */
export class DigitShelf {
  private digits: Promise<{ pixels: Uint8Array; labels: Uint8Array }> | undefined;
  private readonly turns = new Map<number, number>();

  constructor(
    private readonly engine: EnginePort,
    private readonly data: TestData,
  ) {}

  /** All of them: pixels n × 784 and labels. Loads the data if need be. */
  all(): Promise<{ pixels: Uint8Array; labels: Uint8Array }> {
    this.digits ??= this.take().catch((error: unknown) => {
      this.digits = undefined;
      throw error;
    });
    return this.digits;
  }

  /** A digit of this class, another one each time; undefined where there is none. */
  async next(label: number): Promise<Digit | undefined> {
    const { pixels, labels } = await this.all();
    const indices = [...labels.keys()].filter((i) => labels[i] === label);
    if (indices.length === 0) return undefined;
    const turn = this.turns.get(label) ?? 0;
    this.turns.set(label, turn + 1);
    const index = indices[turn % indices.length]!;
    return { index, label, pixels: pixels.slice(index * 784, (index + 1) * 784) };
  }

  /** The data was replaced. */
  clear(): void {
    this.digits = undefined;
    this.turns.clear();
  }

  private async take(): Promise<{ pixels: Uint8Array; labels: Uint8Array }> {
    await this.data.loadData();
    const indices = Array.from({ length: Math.min(shelfSize, this.data.testCount || shelfSize) }, (_, i) => i);
    return this.engine.request("images", { set: "test", indices });
  }
}
