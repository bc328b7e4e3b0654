import type { InterruptedRun, TrainSettings } from "../engine/protocol";
import { RecoveryView } from "../views/recovery";
import type { EnginePort } from "./port";
import { durationText } from "./run";

export interface RecoveryCallbacks {
  onError(error: unknown): void;
  /** Goes on with a run; an error that prevents it is told there. */
  goOn(settings: TrainSettings): Promise<void>;
}

/** The run that a reload, a crash or a closed tab interrupted, offered until it is dealt with. */
export class Recovery {
  private readonly view: RecoveryView;
  private found: InterruptedRun | undefined;
  private active = false;
  private busy = false;

  constructor(
    element: HTMLElement,
    private readonly engine: EnginePort,
    private readonly callbacks: RecoveryCallbacks,
    private readonly now: () => number = Date.now,
  ) {
    this.view = new RecoveryView(element, { onGoOn: () => void this.goOn(), onDiscard: () => void this.discard() });
  }

  /** Looks whether there is one. */
  async look(): Promise<void> {
    // Without an engine there is nothing to go on with, and a new one is asked again.
    const answer = await this.engine.request("interrupted", {}).catch(() => undefined);
    this.found = this.active ? undefined : answer?.run;
    this.show();
  }

  /** A run is active, or none is: it takes the place of the one that was interrupted, if it comes to anything. */
  update(active: boolean): void {
    if (active === this.active) return;
    this.active = active;
    this.found = undefined;
    this.show();
    if (!active) void this.look();
  }

  private async goOn(): Promise<void> {
    if (this.found) await this.callbacks.goOn(this.found.settings);
  }

  private async discard(): Promise<void> {
    this.busy = true;
    this.show();
    try {
      await this.engine.request("discard", {});
      this.found = undefined;
    } catch (error) {
      this.callbacks.onError(error);
    }
    this.busy = false;
    this.show();
  }

  private show(): void {
    this.view.update(this.found && { text: describe(this.found, this.now()), busy: this.busy });
  }
}

/** "Epoch 3 of 10, step 120 of 3,750: the book's loss on 60,000 images, saved 5 min 3 s ago. …" */
export function describe({ settings, epoch, step, steps, savedAt }: InterruptedRun, now: number): string {
  const { epochs, images, objective } = settings;
  const where =
    epoch === epochs // the last epoch awaits its validation
      ? `All ${epochs} epochs were trained`
      : `It was in epoch ${epoch + 1} of ${epochs}, at step ${step.toLocaleString("en")} of ${steps.toLocaleString("en")}`;
  const loss = objective === "seed" ? "the book’s loss" : "the ELBO";
  const ago = durationText((now - savedAt) / 1000);
  return `${where} (${loss}, ${images.toLocaleString("en")} images), saved ${ago} ago. It goes on exactly where it was; a new run would take its place.`;
}
