import type { CheckpointStore } from "./checkpoint-store";
import { EngineFailure } from "./failure";
import { Journal } from "./journal";
import type { EngineCalls, EngineEvent, InterruptedRun, RunEvent, RunInfo, TrainSettings } from "./protocol";
import { packRecord, type RunRecord, unpackRecord } from "./record";
import { StoreInUse } from "./storage";

/** Milliseconds between two checkpoints; an epoch's end has one too. */
const saveEvery = 15_000;

export interface AutosaveOptions {
  openStore: () => Promise<CheckpointStore>;
  emit: (event: EngineEvent) => void;
  /** Milliseconds, from any origin. */
  now: () => number;
}

/** Keeps the run of this tab where a reload, a crash or a closed tab does not reach it. */
export class Autosave {
  private last: Promise<unknown> = Promise.resolve(); // the store has one user at a time
  private saver: Saver | undefined;

  constructor(private readonly options: AutosaveOptions) {}

  /** The run that was interrupted, if any. */
  async find(): Promise<InterruptedRun | undefined> {
    const kept = this.saver ? undefined : await this.load();
    if (!kept) return undefined;
    const { history: _, ...run } = kept.record;
    return run;
  }

  /** Everything that is kept of it. */
  load(): Promise<ReturnType<typeof unpackRecord>> {
    return this.using(async (store) => {
      const packed = await store.load();
      const kept = packed && unpackRecord(packed);
      if (packed && !kept) await store.clear(); // of another version of the page: no one will ever read it
      return kept;
    }, undefined);
  }

  discard(): Promise<void> {
    return this.using((store) => store.clear(), undefined);
  }

  /** Begins to save a run. */
  begin(run: Omit<SaverRun, "store">): Saver {
    const saver = new Saver({ ...this.options, ...run, store: this.after(this.options.openStore) });
    this.saver = saver;
    this.last = saver.ended.then(() => {
      if (this.saver === saver) this.saver = undefined;
    });
    return saver;
  }

  /** Opens the store for one task; `otherwise` where it cannot be had. */
  private using<T>(task: (store: CheckpointStore) => Promise<T>, otherwise: T): Promise<T> {
    const done = this.after(async () => {
      let store: CheckpointStore;
      try {
        store = await this.options.openStore();
      } catch {
        return otherwise; // there is no storage, or another tab's run is in it: nothing of ours
      }
      try {
        return await task(store);
      } finally {
        store.close();
      }
    });
    this.last = done.catch(() => {});
    return done;
  }

  private after<T>(task: () => Promise<T>): Promise<T> {
    return this.last.then(task);
  }
}

interface SaverRun {
  store: Promise<CheckpointStore>;
  calls: Pick<EngineCalls, "checkpoint">;
  settings: TrainSettings;
  run: RunInfo;
  /** Of the run so far, if it goes on. */
  history: readonly RunEvent[];
}

/** Saves one run: hears its events, and is asked between its slices whether it is time. */
export class Saver {
  /** Settles when the store is free again. */
  readonly ended: Promise<void>;
  private readonly journal: Journal;
  private lastSaved: number;
  private wanted = false;
  private complained = false;
  private end!: () => void;

  constructor(private readonly options: AutosaveOptions & SaverRun) {
    const { history, now, store } = options;
    this.journal = new Journal(history);
    this.lastSaved = now();
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    store.catch((error: unknown) => this.complain(error));
  }

  hear(event: EngineEvent): void {
    if (event.type !== "step" && event.type !== "epoch") return;
    this.journal.add(event);
    if (event.type === "epoch") this.wanted = true;
  }

  /** The next turn is a good one. */
  soon(): void {
    this.wanted = true;
  }

  /** Saves if it is time. The run waits for it, and never fails with it. */
  between(paused: boolean): Promise<void> | undefined {
    if (!this.wanted && !paused && this.options.now() - this.lastSaved < saveEvery) return undefined;
    return this.save();
  }

  /** The run has ended: it is forgotten, unless a fault of the program ended it. */
  async finish(forget: boolean): Promise<void> {
    try {
      const store = await this.options.store;
      try {
        if (forget) await store.clear();
      } finally {
        store.close();
      }
    } catch {
      // What could not be opened was complained of; what cannot be removed is replaced by the next run.
    } finally {
      this.end();
    }
  }

  private async save(): Promise<void> {
    const { store, calls, settings, run, emit, now } = this.options;
    this.wanted = false;
    try {
      const opened = await store;
      const began = now();
      this.lastSaved = began;
      const { bytes, epoch, step } = calls.checkpoint({});
      const record: RunRecord = {
        settings,
        epoch,
        step,
        steps: run.steps,
        savedAt: Date.now(),
        history: this.journal.history,
      };
      await opened.save(packRecord(record, bytes));
      emit({ type: "saved", epoch, step, milliseconds: now() - began });
    } catch (error) {
      this.lastSaved = now();
      this.complain(error);
    }
  }

  /** Once: the run itself goes on. */
  private complain(error: unknown): void {
    if (this.complained) return;
    this.complained = true;
    this.options.emit({ type: "unsaved", message: reasonOf(error) });
  }
}

function reasonOf(error: unknown): string {
  const after = "Training goes on, but it would not survive a reload.";
  if (error instanceof StoreInUse) return `Another tab of this page is saving its own run. ${after}`;
  if (error instanceof EngineFailure) return `${error.message} ${after}`;
  const { name, message } = error as Error;
  if (name === "QuotaExceededError") {
    return `The browser’s storage is full. ${after} Free some space, and it is saved again.`;
  }
  return `This browser keeps nothing for the page, as in some private windows (${message || name}). ${after}`;
}
