import { toEngineError } from "./failure";
import type { Advance, EndReason, EngineCalls, EngineEvent, ModelInfo, RunInfo } from "./protocol";
import { Rate } from "./rate";

// A run in the leader. While there are replicas they compute, and the leader only
// hands out and takes in. Otherwise it works itself, in slices, and gives a turn to
// the message queue in between, in which pause, stop and the eye's requests are answered.

/** Milliseconds of work between two turns of the message queue (at least one slice). */
const budget = 8;
/** Milliseconds between two step events. */
const reportEvery = 100;
/** Milliseconds that images per second look back. */
const rateSpan = 5000;
/** A validated image costs about a third of a trained one: it has no backward pass. */
const validationSpeedup = 3;

/** Those who compute in the leader's stead. */
export interface Helpers {
  readonly ready: boolean;
  /** Does a step or a part of a validation; undefined where it came to nothing. */
  advance(): Promise<Advance | undefined>;
  /** Makes a pending advance return undefined at once. */
  cancel(): void;
  /** The leader goes on by itself until the next step or epoch ends. */
  leave(): void;
}

export interface ScheduleOptions {
  calls: Pick<EngineCalls, "advance" | "stop">;
  helpers: Helpers;
  run: RunInfo;
  /** The model's parameters have changed. */
  changed: () => void;
  emit: (event: EngineEvent) => void;
  /** Called between slices, and when the run pauses; what it returns is waited for. */
  between?: (paused: boolean) => Promise<void> | undefined;
  /** Images that an interrupted run has trained and validated already. */
  from?: { trained: number; validated: number };
  /** Lets everything that waits in the message queue have its turn. */
  turn: () => Promise<void>;
  /** Milliseconds, from any origin. */
  now: () => number;
}

export class Schedule {
  /** Settles when the run has ended, after its "end" event. */
  readonly ended: Promise<void>;
  /** It was a fault of the program that ended it. */
  failed = false;
  private readonly training = new Rate(rateSpan);
  private readonly validation = new Rate(rateSpan);
  private wake: (() => void) | undefined; // set while paused
  private resumed: Promise<void> = Promise.resolve(); // settled by wake
  private stopped = false;
  private amid = false; // something that the leader has begun itself
  private running = 0; // milliseconds of running time up to `since`
  private since: number;
  private epochBegan = 0; // in running time
  private reported = Number.NEGATIVE_INFINITY; // when a step event was last sent, in running time
  private trained = 0; // images, in the whole run
  private validated = 0;
  private last: Advance["step"];

  constructor(private readonly options: ScheduleOptions) {
    this.since = options.now();
    this.trained = options.from?.trained ?? 0;
    this.validated = options.from?.validated ?? 0;
    this.training.restart(0);
    this.ended = this.loop();
  }

  get paused(): boolean {
    return this.wake !== undefined;
  }

  pause(): void {
    if (this.paused) return;
    this.running = this.clock();
    this.resumed = new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  resume(): void {
    if (!this.wake) return;
    this.since = this.options.now();
    this.wake();
    this.wake = undefined;
  }

  /** Ends the run before its next slice; settles when it has ended. */
  stop(): Promise<void> {
    this.stopped = true;
    this.resume();
    this.options.helpers.cancel();
    return this.ended;
  }

  /** Milliseconds of running time. */
  private clock(): number {
    return this.paused ? this.running : this.running + this.options.now() - this.since;
  }

  private async loop(): Promise<void> {
    const { calls, helpers, turn } = this.options;
    try {
      await turn(); // the answer to "train" goes out before the first event
      for (;;) {
        if (this.stopped) return this.end("stopped", calls.stop({}).model);
        if (this.paused) {
          await this.options.between?.(true);
          await this.resumed;
          continue;
        }
        const last = !this.amid && helpers.ready ? await this.withHelpers() : this.alone();
        if (last) return this.end(last.phase as EndReason, last.model!);
        await this.options.between?.(false);
        if (!helpers.ready || this.amid) await turn();
      }
    } catch (error) {
      this.abandon(error);
    }
  }

  /** Returns what ends the run, if anything does. */
  private async withHelpers(): Promise<Advance | undefined> {
    const part = await this.options.helpers.advance();
    if (part) this.take(part);
    return part && isLast(part) ? part : undefined;
  }

  /** The same, of a few milliseconds of the leader's own work. */
  private alone(): Advance | undefined {
    const { calls, helpers, changed, now } = this.options;
    if (!this.amid) helpers.leave();
    const began = now();
    do {
      const slice = calls.advance({});
      this.amid = !(slice.epoch || (slice.step && !slice.step.epochDone));
      if (slice.step) changed();
      this.take(slice);
      if (isLast(slice)) return slice;
    } while (now() - began < budget && !(helpers.ready && !this.amid));
    return undefined;
  }

  private take(slice: Advance): void {
    const at = this.clock();
    if (slice.step) {
      this.trained += slice.images;
      this.training.add(slice.images, at);
      this.last = slice.step;
      if (slice.step.epochDone) this.validation.restart(at);
      if (slice.step.epochDone || at - this.reported >= reportEvery) this.report(slice.step, at);
    } else if (slice.images > 0) {
      this.validated += slice.images;
      this.validation.add(slice.images, at);
    }
    if (slice.epoch) {
      this.options.emit({ type: "epoch", ...slice.epoch, seconds: (at - this.epochBegan) / 1000 });
      this.epochBegan = at;
      this.training.restart(at);
    }
  }

  private report(step: NonNullable<Advance["step"]>, at: number): void {
    const { run, emit } = this.options;
    this.reported = at;
    emit({
      type: "step",
      epoch: step.epoch,
      step: step.step,
      steps: run.steps,
      epochs: run.epochs,
      running: step.running,
      batch: step.batch,
      imagesPerSecond: this.training.perSecond,
      secondsLeft: this.secondsLeft(),
    });
  }

  /** Of the whole run, with the validations to come. */
  private secondsLeft(): number {
    const { run } = this.options;
    const training = this.training.perSecond;
    if (training === 0) return 0;
    const validation = this.validation.perSecond || training * validationSpeedup;
    const toTrain = run.epochs * run.images - this.trained;
    const toValidate = run.epochs * run.validation - this.validated;
    return toTrain / training + toValidate / validation;
  }

  /** A fault of the program in the middle of a run. */
  private abandon(error: unknown): void {
    const { calls, run, emit } = this.options;
    this.failed = true;
    let { model } = run;
    try {
      model = calls.stop({}).model;
    } catch {
      // The run ended with the fault, or the engine did: there is nothing left to stop.
    }
    emit({ type: "end", reason: "stopped", message: `Training stopped: ${toEngineError(error).message}`, model });
  }

  private end(reason: EndReason, model: ModelInfo): void {
    this.options.emit({ type: "end", reason, message: this.endMessage(reason), model });
  }

  private endMessage(reason: EndReason): string {
    const { run } = this.options;
    const where = this.last
      ? ` after step ${this.last.step} of epoch ${this.last.epoch + 1}`
      : " before the first step";
    switch (reason) {
      case "finished":
        return `Training finished: ${run.epochs} ${run.epochs === 1 ? "epoch" : "epochs"} of ${run.images} images.`;
      case "stopped":
        return `Training stopped${where}; the model keeps what it has learnt.`;
      case "diverged":
        return `Training stopped${where}: the loss was no longer a finite number. The model keeps its last good weights; try a lower learning rate.`;
    }
  }
}

const isLast = (slice: Advance): boolean => slice.phase === "finished" || slice.phase === "diverged";
