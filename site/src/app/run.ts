import type { EndReason, EngineEvent, TrainSettings } from "../engine/protocol";
import type { Phase, ProgressData } from "../views/training";
import { Curves } from "./curves";
import type { EnginePort } from "./port";

export interface RunCallbacks {
  onChange(): void;
  /** A sentence worth saying aloud. */
  onNews(text: string): void;
  onEnd(reason: EndReason, message: string): void;
  onError(error: unknown): void;
  /** About once a second while the model changes: draw what it can do now. */
  onLook(): Promise<void>;
}

/** Looking on must not slow the run by more than about this share. */
const lookShare = 0.12;
const lookEvery = 1000; // milliseconds, at most this often

/** "3 min 20 s", "45 s", "2 h 5 min". */
export function durationText(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 3600) return `${Math.round(s / 60)} min`;
  return `${Math.floor(s / 3600)} h ${Math.round((s % 3600) / 60)} min`;
}

type StepEvent = Extract<EngineEvent, { type: "step" }>;

/** What screen readers say at a run's end. */
export const endNews: Record<EndReason, string> = {
  finished: "Training is finished.",
  stopped: "Training is stopped.",
  diverged: "Training stopped: the loss exploded.",
};

/** One training run at a time: its phase, its progress and its curves. */
export class Run {
  phase: Phase = "idle";
  curves: Curves | undefined;
  progress: ProgressData | undefined;
  settings: TrainSettings | undefined;
  private looking = false;

  constructor(
    private readonly engine: EnginePort,
    private readonly callbacks: RunCallbacks,
  ) {
    engine.on((event) => this.hear(event));
  }

  get active(): boolean {
    return this.phase !== "idle" && this.phase !== "ended";
  }

  /** Loads the data if need be, then starts. */
  start(settings: TrainSettings, loadData: () => Promise<void>): Promise<void> {
    return this.begin(settings, loadData, async () => {
      await this.engine.request("train", { settings });
      return 0;
    });
  }

  /** Goes on with a run that was interrupted, with its curves so far. */
  goOn(settings: TrainSettings, loadData: () => Promise<void>): Promise<void> {
    return this.begin(settings, loadData, async () => {
      const { epoch, history } = await this.engine.request("recover", {});
      for (const event of history) {
        if (event.type === "step") this.curves?.addStep(event);
        else this.curves?.addEpoch(event);
      }
      return epoch;
    });
  }

  private async begin(
    settings: TrainSettings,
    loadData: () => Promise<void>,
    ask: () => Promise<number>, // answers how many epochs are complete
  ): Promise<void> {
    if (this.active) return;
    this.settings = structuredClone(settings);
    this.curves = new Curves(settings.objective, settings.epochs);
    this.progress = { done: 0, headline: "Getting the digits ready", detail: "" };
    this.set("preparing");
    try {
      await loadData();
      if (!this.is("preparing")) {
        this.reset(); // stopped before it began
        return;
      }
      const complete = await ask();
      if (!this.is("preparing")) {
        await this.ask("stop");
        return;
      }
      const epoch = Math.min(complete + 1, settings.epochs); // the last one may await its validation
      this.progress = {
        done: complete / settings.epochs,
        headline: `Epoch ${epoch} of ${settings.epochs}`,
        detail: "first steps…",
      };
      this.set("running");
      this.callbacks.onNews(complete > 0 ? "Training goes on." : "Training began.");
      void this.lookOn();
    } catch (error) {
      this.reset();
      this.callbacks.onError(error);
    }
  }

  private reset(): void {
    this.curves = undefined;
    this.progress = undefined;
    this.set("idle");
  }

  async pause(): Promise<void> {
    if (this.phase !== "running") return;
    this.set("pausing");
    if (!(await this.ask("pause"))) return;
    if (this.is("pausing")) this.set("paused");
    this.callbacks.onNews("Training is paused.");
  }

  async resume(): Promise<void> {
    if (this.phase !== "paused") return;
    if (!(await this.ask("resume"))) return;
    this.set("running");
    this.callbacks.onNews("Training goes on.");
    void this.lookOn();
  }

  async stop(): Promise<void> {
    if (!this.active || this.phase === "stopping") return;
    const hasBegun = this.phase !== "preparing";
    this.set("stopping");
    if (!hasBegun) return; // start() sees it
    await this.ask("stop"); // the "end" event tells the rest
  }

  /** The engine is gone, and the run with it. */
  lost(): void {
    if (this.active) this.set("ended");
  }

  private async ask(type: "pause" | "resume" | "stop"): Promise<boolean> {
    try {
      await this.engine.request(type, {});
      return true;
    } catch (error) {
      this.callbacks.onError(error);
      return false;
    }
  }

  private is(phase: Phase): boolean {
    return this.phase === phase;
  }

  private set(phase: Phase): void {
    this.phase = phase;
    this.callbacks.onChange();
  }

  private hear(event: EngineEvent): void {
    if (event.type === "step") {
      this.curves?.addStep(event);
      this.progress = progressOf(event, this.settings);
      this.callbacks.onChange();
    } else if (event.type === "epoch") {
      this.curves?.addEpoch(event);
      const loss = (value: number) => value.toFixed(this.settings?.objective === "seed" ? 4 : 2);
      this.callbacks.onNews(
        `Epoch ${event.epoch + 1}: training loss ${loss(event.train.loss)}, validation ${loss(event.validation.loss)}.`,
      );
      this.callbacks.onChange();
    } else if (event.type === "end") {
      const headline = { finished: "Finished", stopped: "Stopped", diverged: "Stopped: the loss exploded" }[
        event.reason
      ];
      if (this.progress) this.progress = { ...this.progress, headline };
      if (event.reason === "finished" && this.progress) this.progress.done = 1;
      this.set("ended");
      this.callbacks.onEnd(event.reason, event.message);
    }
  }

  /** Looks at the model while it learns, no more often than the run can afford. */
  private async lookOn(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      while (this.phase === "running") {
        const began = performance.now();
        await this.callbacks.onLook();
        const spent = performance.now() - began;
        const rest = Math.max(lookEvery - spent, spent * (1 / lookShare - 1));
        await new Promise((done) => setTimeout(done, Math.min(rest, 15_000)));
      }
    } catch (error) {
      this.callbacks.onError(error);
    } finally {
      this.looking = false;
    }
  }
}

export function progressOf(event: StepEvent, settings: TrainSettings | undefined): ProgressData {
  const perPixel = settings?.objective === "seed";
  const loss = event.running.loss.toFixed(perPixel ? 4 : 2);
  const speed = event.imagesPerSecond;
  return {
    done: (event.epoch + event.step / event.steps) / event.epochs,
    headline: `Epoch ${event.epoch + 1} of ${event.epochs}, step ${event.step.toLocaleString("en")} of ${event.steps.toLocaleString("en")}`,
    detail: [
      `loss ${loss}${perPixel ? "" : " nats"}`,
      `${speed < 10 ? speed.toFixed(1) : Math.round(speed)} images/s`,
      `${durationText(event.secondsLeft)} left`,
    ].join(" · "),
  };
}
