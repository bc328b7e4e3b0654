import { Autosave, type Saver } from "./autosave";
import type { CheckpointStore } from "./checkpoint-store";
import { EngineFailure } from "./failure";
import type {
  Answers,
  EngineCalls,
  EngineEvent,
  InterruptedRun,
  ModelInfo,
  Requests,
  RunEvent,
  RunInfo,
  TrainSettings,
} from "./protocol";
import { Schedule } from "./schedule";
import type { Staff } from "./staff";

export interface RunsOptions {
  emit: (event: EngineEvent) => void;
  turn: () => Promise<void>;
  now: () => number;
  /** Opens what runs are saved in. */
  openStore: () => Promise<CheckpointStore>;
  /** The engine holds another model. */
  onModel: (model: ModelInfo) => void;
}

interface Position {
  epoch: number; // completed
  step: number; // done in the one after them
  history: readonly RunEvent[];
}

/** The leader's runs: one at a time, from the start or from where it was interrupted. */
export class Runs {
  private current: { schedule: Schedule; saver: Saver } | undefined;
  private readonly autosave: Autosave;

  constructor(private readonly options: RunsOptions) {
    this.autosave = new Autosave(options);
  }

  /** There is a run, be it paused. */
  get active(): boolean {
    return this.current !== undefined;
  }

  /** A run is computing. */
  get busy(): boolean {
    return this.current !== undefined && !this.current.schedule.paused;
  }

  train(calls: EngineCalls, staff: Staff, { settings }: Requests["train"]): Answers["train"] {
    const run = calls.train({ settings }); // refuses a second run
    this.begin(calls, staff, settings, run);
    return { steps: run.steps };
  }

  interrupted(): Promise<InterruptedRun | undefined> {
    return this.autosave.find();
  }

  async recover(calls: EngineCalls, staff: Staff): Promise<Answers["recover"]> {
    const kept = this.current ? undefined : await this.autosave.load();
    if (!kept) throw new EngineFailure("state", "There is no interrupted run any more: start a new one.");
    const { settings, history } = kept.record;
    const { run, epoch, step } = calls.recover({ bytes: kept.checkpoint, images: settings.images });
    this.begin(calls, staff, settings, run, { epoch, step, history });
    return { steps: run.steps, settings, epoch, history: [...history] };
  }

  discard(): Promise<void> {
    return this.autosave.discard();
  }

  save(): void {
    this.current?.saver.soon();
  }

  pause(): void {
    this.current?.schedule.pause(); // a run that has just ended does not go on either
  }

  resume(): void {
    if (!this.current) throw new EngineFailure("state", "There is no training to resume: start one.");
    this.current.schedule.resume();
  }

  async stop(): Promise<void> {
    await this.current?.schedule.stop();
  }

  /** Sets a run going that the engine has prepared. */
  private begin(calls: EngineCalls, staff: Staff, settings: TrainSettings, run: RunInfo, from?: Position): void {
    const { emit, turn, now, onModel } = this.options;
    onModel(run.model);
    emit({ type: "model", model: run.model });
    const saver = this.autosave.begin({ calls, settings, run, history: from?.history ?? [] });
    const schedule = new Schedule({
      calls,
      helpers: staff.team({ settings }, run),
      run,
      changed: () => staff.source.changed(),
      emit: (event) => {
        saver.hear(event);
        emit(event);
      },
      between: (paused) => saver.between(paused),
      from: from ? doneOf(from, settings, run) : { trained: 0, validated: 0 },
      turn,
      now,
    });
    const current = { schedule, saver };
    this.current = current;
    void schedule.ended.then(() => {
      if (this.current === current) this.current = undefined;
      return saver.finish(!schedule.failed);
    });
  }
}

/** Images that were trained and validated before the interruption. */
function doneOf({ epoch, step, history }: Position, settings: TrainSettings, run: RunInfo) {
  const epochs = history.filter(({ type }) => type === "epoch").length; // one more may await its validation
  return { trained: epoch * run.images + step * settings.batch, validated: epochs * run.validation };
}
