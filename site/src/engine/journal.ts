import type { RunEvent } from "./protocol";

type StepEvent = Extract<RunEvent, { type: "step" }>;

/** Steps that are kept; beyond it every second one is dropped. */
const mostSteps = 400;

/** The events of a run so far: every epoch, and enough steps for a chart. */
export class Journal {
  private entries: RunEvent[] = [];
  private steps = 0;
  private stride = 1; // keep one of so many steps
  private seen = 0;

  constructor(history: readonly RunEvent[] = []) {
    for (const event of history) this.add(event);
  }

  get history(): readonly RunEvent[] {
    return this.entries;
  }

  add(event: RunEvent): void {
    if (event.type === "epoch") {
      this.entries.push(event);
      return;
    }
    // What is not finite has no place in JSON, and ends the run anyway.
    if (this.seen++ % this.stride !== 0 || !areFinite(event)) return;
    this.entries.push(event);
    if (++this.steps <= mostSteps) return;
    let nth = 0;
    this.entries = this.entries.filter(({ type }) => type === "epoch" || nth++ % 2 === 0);
    this.steps = Math.ceil(this.steps / 2);
    this.stride *= 2;
  }
}

const areFinite = ({ batch, running }: StepEvent): boolean =>
  [...Object.values(batch), ...Object.values(running)].every(Number.isFinite);
