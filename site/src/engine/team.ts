import type { EngineFailure } from "./failure";
import type { EngineMemory } from "./memory";
import type { ReplicaPool } from "./pool";
import type { Advance, EngineCalls, Losses, ReplicaSetup, RunInfo } from "./protocol";
import { resultsRoom } from "./replica-protocol";
import type { LeaderSource } from "./source";
import type { Task } from "./task";

/** Images of a validation that a replica scores at a time: a multiple of core.ScoreSlice, at most 64 slices. */
const scoreRange = 32;
/** Ranges per replica between two turns of the run. */
const rangesEach = 4;

export interface TeamOptions {
  pool: ReplicaPool;
  memory: EngineMemory;
  source: LeaderSource;
  calls: Pick<EngineCalls, "stop" | "endEpoch">;
  run: RunInfo;
  batch: number; // images
  /** Of the run; the group is the team's to choose. */
  setup: Omit<ReplicaSetup, "group">;
}

/**
 * The steps of a run whose shards replicas compute. The leader hands out groups of
 * neighbouring shards, takes their gradients and losses in, and updates the parameters.
 */
export class Team {
  private group = 0; // that replicas have room for
  private validated = -1; // images of the validation done, −1 when there is none
  private giveUp: (() => void) | undefined; // ends the wait for what is being computed

  constructor(private readonly options: TeamOptions) {}

  /** Whether there is anybody to compute. */
  get ready(): boolean {
    return this.options.pool.ready > 0;
  }

  /** Forgets what is being computed, at once: advance returns undefined. */
  cancel(): void {
    this.giveUp?.();
  }

  /**
   * Does a step, or a part of the validation at an epoch's end. Returns undefined where it
   * came to nothing, because it was cancelled or the replicas were lost: the same can be done again.
   */
  async advance(): Promise<Advance | undefined> {
    return this.validated >= 0 ? this.validate() : this.step();
  }

  /** The leader goes on by itself: it validates from the start, if it is validating. */
  leave(): void {
    this.validated = -1;
  }

  private async step(): Promise<Advance | undefined> {
    const { memory, run, pool, source, calls } = this.options;
    memory.run((x) => x.stepBegin());
    const group = memory.enter((x) => x.groupSize(pool.ready));
    if (group > this.group) {
      this.group = group;
      source.assign({ ...this.options.setup, group });
    }
    const groups: ((heard: Heard) => Task)[] = [];
    for (let first = 0; first < run.shards; first += group) {
      groups.push((heard) => this.groupTask(first, Math.min(group, run.shards - first), heard));
    }
    if (!(await this.all(groups))) return undefined;
    const status = memory.run((x) => x.stepFinish(group));
    if (status === 2) return { phase: "diverged", images: 0, model: calls.stop({}).model };
    source.changed();
    const [epoch, step, images, done, ...losses] = memory.floats((x) => x.stepReport(), 10);
    const epochDone = done === 1;
    if (epochDone) this.validated = 0;
    return {
      phase: "train",
      images: images!,
      step: { epoch: epoch!, step: step!, epochDone, running: lossesOf(losses, 0), batch: lossesOf(losses, 3) },
    };
  }

  private groupTask(first: number, count: number, heard: Heard): Task {
    const { memory, source, run, batch } = this.options;
    return {
      images: Math.ceil((batch * count) / run.shards),
      block: () => this.block(),
      job: (blockBytes) => ({ kind: "gradient", first, count, blockBytes }),
      failed: heard.failed,
      done: (_, buffer) =>
        heard.done(() => {
          const bytes = source.parameterBytes;
          memory.at((x) => x.gradient(first), bytes).set(new Uint8Array(buffer!, resultsRoom, bytes));
          memory.setResults(count, buffer!);
          memory.run((x) => x.stepAccept(first, count));
        }),
    };
  }

  private async validate(): Promise<Advance | undefined> {
    const { run, pool, calls } = this.options;
    const first = this.validated;
    const end = Math.min(run.validation, first + pool.ready * rangesEach * scoreRange);
    const ranges: ((heard: Heard) => Task)[] = [];
    for (let lo = first; lo < end; lo += scoreRange) {
      ranges.push((heard) => this.rangeTask(lo, Math.min(end, lo + scoreRange), heard));
    }
    if (!(await this.all(ranges))) return undefined;
    this.validated = end;
    if (end < run.validation) return { phase: "validate", images: end - first };
    this.validated = -1;
    return { ...calls.endEpoch({}), images: end - first };
  }

  private rangeTask(lo: number, hi: number, heard: Heard): Task {
    const { memory } = this.options;
    const slices = Math.ceil((hi - lo) / 4);
    return {
      images: hi - lo,
      block: () => {
        memory.run((x) => x.validationBlock(lo, hi));
        return this.block();
      },
      job: (blockBytes) => ({ kind: "score", slices, blockBytes }),
      failed: heard.failed,
      done: (_, buffer) =>
        heard.done(() => {
          memory.setResults(slices, buffer!);
          memory.run((x) => x.validationAccept(lo, hi));
        }),
    };
  }

  /** The block that Go has made last. */
  private block(): Uint8Array {
    const { memory } = this.options;
    const bytes = memory.enter((x) => x.blockBytes());
    return memory.at((x) => x.blockStart(), bytes);
  }

  /** Has every task done; false where they were cancelled or cannot be. */
  private all(make: ((heard: Heard) => Task)[]): Promise<boolean> {
    const { pool } = this.options;
    return new Promise((resolve, reject) => {
      let left = make.length;
      const tasks: Task[] = [];
      const end = (settle: () => void) => {
        this.giveUp = undefined;
        for (const task of tasks) pool.cancel(task);
        settle();
      };
      this.giveUp = () => end(() => resolve(false));
      const heard: Heard = {
        done: (take) => {
          try {
            take();
          } catch (error) {
            return end(() => reject(error));
          }
          if (--left === 0) end(() => resolve(true));
        },
        failed: (failure) => end(() => (failure.kind === "state" ? resolve(false) : reject(failure))),
      };
      for (const one of make) tasks.push(one(heard));
      for (const task of tasks) pool.submit(task, true);
    });
  }
}

interface Heard {
  /** The task's results are there: take them in. */
  done(take: () => void): void;
  failed(failure: EngineFailure): void;
}

const lossesOf = (values: number[], at: number): Losses => ({
  loss: values[at]!,
  reconstruction: values[at + 1]!,
  kl: values[at + 2]!,
});
