import { EngineFailure } from "./failure";
import { Lane, type LaneEvents, type LaneOptions, SharedParameters } from "./lane";
import type { EngineError } from "./protocol";
import type { JobAnswer } from "./replica-protocol";
import type { Task } from "./task";

export interface PoolOptions extends Omit<LaneOptions, "shared"> {
  /** Whether memory can be shared (cross-origin isolation). */
  shared: boolean;
  /** Calls tick every second until the function that it returns is called. */
  everySecond: (tick: () => void) => () => void;
  now: () => number; // milliseconds
  /** Replicas were lost: how many are left, and what happened. */
  onLoss: (left: number, message: string) => void;
}

/** Losses in a row, with no task done in between, after which a place stays empty. */
const patience = 3;
/** Seconds that a start may take, and a task; more where its images usually take longer. */
const startLimit = 60;
const taskLimit = 30;
const slowdown = 20;
/** Milliseconds that an image may take as long as nothing is known: a phone without SIMD. */
const slowest = 1000;

/**
 * Replicas, and what they have to do. Who does a task changes nothing in its result,
 * so a replica that dies or hangs is replaced and its task handed out again.
 */
export class ReplicaPool {
  private readonly lanes: Lane[] = [];
  private readonly queue: Task[] = [];
  private readonly unwanted = new WeakSet<Task>();
  private readonly handed = new WeakMap<Task, { at: number; times: number }>();
  private readonly laneOptions: LaneOptions;
  private msPerImage = 0; // the slowest task so far
  private endTicks: (() => void) | undefined;

  constructor(private readonly options: PoolOptions) {
    const { start, source, shared } = options;
    this.laneOptions = { start, source, shared: shared ? new SharedParameters() : undefined };
  }

  /** Replicas that are at work or could be. */
  get ready(): number {
    return this.count("idle") + this.count("busy");
  }

  get idle(): number {
    return this.count("idle");
  }

  /** Replicas that are ready or starting. */
  get size(): number {
    return this.lanes.length - this.count("empty");
  }

  /** Starts or ends replicas until there are n; places that were given up are tried again. */
  resize(n: number): void {
    for (const lane of this.lanes.splice(n)) this.again(lane.clear());
    while (this.lanes.length < n) this.lanes.push(new Lane(this.laneOptions, this.events));
    if (n > 0) {
      this.endTicks ??= this.options.everySecond(() => this.tick());
    } else {
      this.endTicks?.();
      this.endTicks = undefined;
    }
    for (const lane of [...this.lanes]) {
      if (lane.state !== "empty") continue;
      lane.losses = 0;
      lane.start();
    }
    this.pump();
  }

  /** Queues a task; an urgent one before the others. */
  submit(task: Task, urgent = false): void {
    if (urgent) this.queue.unshift(task);
    else this.queue.push(task);
    this.pump();
  }

  /** The task hears nothing more. A replica that has begun it goes on to its end. */
  cancel(task: Task): void {
    const at = this.queue.indexOf(task);
    if (at >= 0) this.queue.splice(at, 1);
    else this.unwanted.add(task);
  }

  private count(state: Lane["state"]): number {
    let n = 0;
    for (const lane of this.lanes) if (lane.state === state) n++;
    return n;
  }

  private readonly events: LaneEvents = {
    ready: () => this.pump(),
    done: (lane, task, answer) => this.done(lane, task, answer),
    failed: (lane, task, error) => this.failed(lane, task, error),
    lost: (lane, why) => this.lose(lane, why),
  };

  /** Hands out what waits. */
  private pump(): void {
    for (const lane of this.lanes) {
      if (this.queue.length === 0) return;
      if (lane.state !== "idle") continue;
      const task = this.queue.shift()!;
      const handed = this.handed.get(task) ?? { at: 0, times: 0 };
      handed.at = this.options.now();
      handed.times++;
      this.handed.set(task, handed);
      lane.send(task);
    }
    if (this.size > 0) return;
    for (const task of this.queue.splice(0)) task.failed(new EngineFailure("state", "There are no workers."));
  }

  /** Hands a lost task out once more, unless it seems to be what replicas die of. */
  private again(task: Task | undefined): void {
    if (!task || this.unwanted.has(task)) return;
    const { times } = this.handed.get(task)!;
    if (times < patience) this.queue.unshift(task);
    else task.failed(new EngineFailure("state", `${times} workers stopped while they did the same task.`));
  }

  private done(lane: Lane, task: Task, answer: JobAnswer): void {
    lane.losses = 0;
    const took = this.options.now() - this.handed.get(task)!.at;
    this.msPerImage = Math.max(this.msPerImage, took / task.images);
    if (!this.unwanted.has(task)) task.done(answer, lane.result);
    this.pump();
  }

  private failed(lane: Lane, task: Task, error: EngineError): void {
    if (error.kind === "input") {
      if (!this.unwanted.has(task)) task.failed(new EngineFailure(error.kind, error.message));
      this.pump();
    } else {
      this.again(task);
      this.lose(lane, error.message); // a fault of the program: perhaps a fresh one has it not
    }
  }

  private lose(lane: Lane, why: string): void {
    this.again(lane.clear());
    lane.losses++;
    if (lane.losses < patience) {
      lane.start();
      if (lane.losses === 1) this.options.onLoss(this.size, `A worker stopped (${why}) and was replaced.`);
    } else {
      this.options.onLoss(this.size, `A worker stopped ${patience} times (${why}) and is not started again.`);
    }
    this.pump();
  }

  private tick(): void {
    for (const lane of [...this.lanes]) {
      lane.age++;
      if (lane.state === "starting" && lane.age > startLimit) this.lose(lane, `it did not start in ${startLimit} s`);
      else if (lane.task && lane.age > this.limit(lane.task)) this.lose(lane, `it did not answer in ${lane.age} s`);
    }
  }

  /** Seconds. The leader's own ticks are counted, so that a computer that slept has not used them up. */
  private limit(task: Task): number {
    const perImage = this.msPerImage > 0 ? this.msPerImage * slowdown : slowest;
    return Math.max(taskLimit, (perImage * task.images) / 1000);
  }
}
