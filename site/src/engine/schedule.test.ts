import { expect, test } from "vitest";
import { EngineFailure } from "./failure";
import type { Advance, EngineEvent, Losses, ModelInfo, RunInfo } from "./protocol";
import { Schedule } from "./schedule";

const losses = (loss: number): Losses => ({ loss, reconstruction: loss, kl: 0 });
const model = { name: "m" } as ModelInfo;
const stoppedModel = { name: "stopped" } as ModelInfo;

/** An engine that takes `sliceCost` ms a slice, two slices a step, and 10 images a validation slice. */
class FakeEngine {
  time = 0;
  advances = 0;
  turns = 0;
  stops = 0;
  events: EngineEvent[] = [];
  onTurn: () => void = () => {};
  divergeAtStep = Number.POSITIVE_INFINITY;
  failAtStep = Number.POSITIVE_INFINITY;
  private half = false;
  private step = 0;
  private epoch = 0;
  private toValidate = 0;

  constructor(
    readonly run: RunInfo,
    readonly batch: number,
    private readonly sliceCost: number,
  ) {}

  calls = {
    advance: (): Advance => {
      this.advances++;
      this.time += this.sliceCost;
      if (this.toValidate > 0) {
        this.toValidate -= 10;
        if (this.toValidate > 0) return { phase: "validate", images: 10 };
        const epoch = { epoch: this.epoch++, train: losses(2), validation: losses(3) };
        if (this.epoch < this.run.epochs) return { phase: "validate", images: 10, epoch };
        return { phase: "finished", images: 10, epoch, model };
      }
      this.half = !this.half;
      if (this.half) return { phase: "train", images: 0 };
      const step = (this.step % this.run.steps) + 1;
      this.step++;
      if (this.step === this.divergeAtStep) return { phase: "diverged", images: 0, model };
      if (this.step === this.failAtStep) throw new EngineFailure("internal", "index out of range");
      const epochDone = step === this.run.steps;
      if (epochDone) this.toValidate = this.run.validation;
      return {
        phase: "train",
        images: this.batch,
        step: { epoch: this.epoch, step, epochDone, running: losses(1), batch: losses(1) },
      };
    },
    stop: () => {
      this.stops++;
      return { model: stoppedModel };
    },
  };

  changes = 0;
  /** Two replicas that compute a step, or ten images of the validation, in the time of a slice; they may be away. */
  present = false;
  helped = 0;
  left = 0;
  onHelp: () => void = () => {};
  private cancelled = () => {};
  helpers = (() => {
    const engine = this;
    return {
      get ready() {
        return engine.present;
      },
      async advance(): Promise<Advance | undefined> {
        const cancelled = new Promise<boolean>((resolve) => {
          engine.cancelled = () => resolve(true);
        });
        engine.onHelp();
        if (await Promise.race([cancelled, new Promise((resolve) => setTimeout(resolve))])) return undefined;
        if (!engine.present) return undefined;
        engine.helped++;
        engine.advances--; // not the leader's
        if (engine.toValidate === 0) engine.half = true; // a whole step
        return engine.calls.advance();
      },
      cancel: () => engine.cancelled(),
      leave: () => {
        engine.left++;
      },
    };
  })();

  start(): Schedule {
    return new Schedule({
      calls: this.calls,
      helpers: this.helpers,
      changed: () => this.changes++,
      run: this.run,
      emit: (event) => this.events.push(event),
      now: () => this.time,
      turn: async () => {
        this.turns++;
        this.onTurn();
      },
    });
  }

  of<T extends EngineEvent["type"]>(type: T) {
    return this.events.filter((event): event is Extract<EngineEvent, { type: T }> => event.type === type);
  }
}

const run = (steps: number, epochs: number): RunInfo => ({
  steps,
  epochs,
  images: steps * 16,
  validation: 50,
  shards: 4,
  model,
});

test("a run reports epochs in order and ends finished", async () => {
  const engine = new FakeEngine(run(20, 3), 16, 4);
  await engine.start().ended;
  expect(engine.of("epoch").map((event) => event.epoch)).toEqual([0, 1, 2]);
  // 20 steps of two slices and 5 validation slices, 4 ms each
  expect(engine.of("epoch").map((event) => event.seconds)).toEqual([0.18, 0.18, 0.18].map((s) => expect.closeTo(s, 6)));
  expect(engine.events.at(-1)).toMatchObject({ type: "end", reason: "finished", model });
  expect(engine.advances).toBe(3 * 45);
});

test("a turn is given after about 8 ms of work, and after every slice that takes longer", async () => {
  const quick = new FakeEngine(run(20, 1), 16, 1);
  await quick.start().ended;
  expect(quick.turns).toBe(1 + Math.floor(45 / 8));
  const slow = new FakeEngine(run(20, 1), 16, 30);
  await slow.start().ended;
  expect(slow.turns).toBe(45); // before the first, and between
});

test("step events come about ten times a second, and at each epoch's last step", async () => {
  const engine = new FakeEngine(run(100, 2), 16, 5); // 10 ms a step
  await engine.start().ended;
  const steps = engine.of("step");
  expect(steps.filter((event) => event.step === 100)).toHaveLength(2);
  expect(steps.length).toBeGreaterThanOrEqual(20);
  expect(steps.length).toBeLessThanOrEqual(24);
});

test("images per second and the time left include validation and exclude pauses", async () => {
  const engine = new FakeEngine(run(100, 2), 16, 5); // 1,600 images/s; a validation of 5 × 5 ms = 2,000 images/s
  const schedule = engine.start();
  let pausedOnce = false;
  engine.onTurn = () => {
    if (pausedOnce || engine.time < 500) return;
    pausedOnce = true;
    schedule.pause();
    engine.time += 60_000;
    setTimeout(() => schedule.resume());
  };
  await schedule.ended;
  expect(pausedOnce).toBe(true);
  const steps = engine.of("step");
  for (const event of steps) expect(event.imagesPerSecond).toBeCloseTo(1600, 0);
  // Before the first validation its speed is guessed: 100 images at three times 1,600/s.
  const firstLast = steps.find((event) => event.step === 100)!;
  expect(firstLast.secondsLeft).toBeCloseTo(1600 / 1600 + 100 / 4800, 3);
  expect(steps.at(-1)!.secondsLeft).toBeCloseTo(50 / 2000, 3);
  expect(engine.of("epoch")[0]!.seconds).toBeCloseTo(1.025, 6);
});

test("nothing is computed while paused", async () => {
  const engine = new FakeEngine(run(50, 1), 16, 10);
  const schedule = engine.start();
  await new Promise<void>((resolve) => {
    engine.onTurn = () => {
      if (engine.advances === 10) {
        schedule.pause();
        resolve();
      }
    };
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(engine.advances).toBe(10);
  expect(schedule.paused).toBe(true);
  engine.onTurn = () => {};
  schedule.resume();
  await schedule.ended;
  expect(engine.events.at(-1)).toMatchObject({ reason: "finished" });
});

test.each([false, true])("stop ends the run before its next slice (paused: %s)", async (paused) => {
  const engine = new FakeEngine(run(50, 1), 16, 10);
  const schedule = engine.start();
  let settled = Promise.resolve();
  await new Promise<void>((resolve) => {
    engine.onTurn = () => {
      if (engine.advances !== 7) return;
      engine.onTurn = () => {};
      if (paused) schedule.pause();
      settled = schedule.stop();
      resolve();
    };
  });
  await settled;
  expect(engine.advances).toBe(7);
  expect(engine.stops).toBe(1);
  expect(engine.events.at(-1)).toMatchObject({ type: "end", reason: "stopped", model: stoppedModel });
  expect(engine.of("end")[0]!.message).toContain("step 3 of epoch 1");
});

test("a run that diverges says so and what to do", async () => {
  const engine = new FakeEngine(run(50, 1), 16, 10);
  engine.divergeAtStep = 5;
  await engine.start().ended;
  expect(engine.events.at(-1)).toMatchObject({ type: "end", reason: "diverged", model });
  expect(engine.of("end")[0]!.message).toMatch(/after step 4 of epoch 1.*lower learning rate/);
});

test("a fault of the engine ends the run with its message", async () => {
  const engine = new FakeEngine(run(50, 1), 16, 10);
  engine.failAtStep = 3;
  await engine.start().ended;
  expect(engine.of("end")).toEqual([
    { type: "end", reason: "stopped", message: "Training stopped: index out of range", model: stoppedModel },
  ]);
});

test("replicas compute all that they can, and the leader nothing", async () => {
  const engine = new FakeEngine(run(20, 2), 16, 4);
  engine.present = true;
  await engine.start().ended;
  expect(engine.helped).toBe(2 * 25);
  expect(engine.advances).toBe(0);
  expect(engine.of("epoch").map((event) => event.epoch)).toEqual([0, 1]);
  expect(engine.events.at(-1)).toMatchObject({ type: "end", reason: "finished", model });
});

test("replicas that come late take over between steps, and never in the middle of a validation", async () => {
  const engine = new FakeEngine(run(20, 2), 16, 30);
  engine.onTurn = () => {
    if (engine.advances === 3) engine.present = true; // in the middle of the second step
  };
  await engine.start().ended;
  expect(engine.advances).toBe(4);
  expect(engine.helped).toBe(2 * 25 - 2);
  expect(engine.changes).toBe(2); // the leader's own steps

  const late = new FakeEngine(run(20, 2), 16, 30);
  late.onTurn = () => {
    if (late.advances === 42) late.present = true; // 40 slices of training and 2 of validation are done
  };
  await late.start().ended;
  expect(late.advances).toBe(45);
  expect(late.helped).toBe(25);
});

test("the leader goes on when the replicas are lost, and repeats what they have not finished", async () => {
  const engine = new FakeEngine(run(20, 1), 16, 4);
  engine.present = true;
  engine.onHelp = () => {
    if (engine.helped === 10) engine.present = false;
  };
  await engine.start().ended;
  expect(engine.helped).toBe(10);
  expect(engine.advances).toBe(2 * 10 + 5);
  expect(engine.left).toBeGreaterThan(0);
  expect(engine.events.at(-1)).toMatchObject({ reason: "finished" });
  expect(engine.of("epoch")).toHaveLength(1);
});

test("stop does not wait for what replicas are computing; pause does", async () => {
  const engine = new FakeEngine(run(20, 1), 16, 4);
  engine.present = true;
  const schedule = engine.start();
  let stopped = Promise.resolve();
  engine.onHelp = () => {
    if (engine.helped === 5) schedule.pause();
    if (engine.helped === 7) stopped = schedule.stop();
  };
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(schedule.paused).toBe(true);
  expect(engine.helped).toBe(6);
  schedule.resume();
  await schedule.ended;
  await stopped;
  expect(engine.helped).toBe(7);
  expect(engine.of("end")).toMatchObject([{ reason: "stopped" }]);
});
