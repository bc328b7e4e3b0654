import { expect, test } from "vitest";
import type { EngineFailure } from "./failure";
import type { ReplicaPort } from "./lane";
import { ReplicaPool } from "./pool";
import type { ReplicaSetup } from "./protocol";
import { type FromReplica, handedOver, type JobMessage, resultsRoom, type ToReplica } from "./replica-protocol";
import type { Task } from "./task";

/** A worker that does nothing of itself: the test says when it is ready, answers or dies. */
class FakeReplica implements ReplicaPort {
  onmessage: ReplicaPort["onmessage"] = null;
  onmessageerror: ReplicaPort["onmessageerror"] = null;
  onerror: ReplicaPort["onerror"] = null;
  ended = false;
  jobs: JobMessage[] = [];

  postMessage(message: ToReplica, transfer: Transferable[]): void {
    if (message.type !== "job") return;
    expect(transfer).toEqual(handedOver(message.buffers));
    this.jobs.push(message);
  }
  terminate(): void {
    this.ended = true;
  }
  say(data: FromReplica): void {
    this.onmessage?.({ data } as MessageEvent<FromReplica>);
  }
  get job(): JobMessage {
    return this.jobs.at(-1)!;
  }
  answer(): void {
    this.say({ type: "done", id: this.job.id, answer: undefined, buffers: this.job.buffers });
  }
  die(): void {
    this.onerror?.({ message: "out of memory" } as ErrorEvent);
  }
}

class Bench {
  replicas: FakeReplica[] = [];
  losses: { left: number; message: string }[] = [];
  done: string[] = [];
  failures: EngineFailure[] = [];
  time = 0;
  cannotStart = false;
  ticking = false;
  tick = () => {};
  source = {
    setup: { group: 1 } as ReplicaSetup,
    version: 1,
    parameterBytes: 8,
    copied: 0,
    copyParameters: (target: Uint8Array) => {
      this.source.copied++;
      target.fill(this.source.version);
    },
  };
  pool: ReplicaPool;

  constructor(n: number, shared = false) {
    this.pool = new ReplicaPool({
      source: this.source,
      shared,
      now: () => this.time,
      start: () => {
        if (this.cannotStart) throw new Error("no workers here");
        const replica = new FakeReplica();
        this.replicas.push(replica);
        return replica;
      },
      everySecond: (tick) => {
        this.ticking = true;
        this.tick = tick;
        return () => {
          this.ticking = false;
        };
      },
      onLoss: (left, message) => this.losses.push({ left, message }),
    });
    this.pool.resize(n);
  }

  ready(): this {
    for (const replica of this.replicas) replica.say({ type: "ready" });
    return this;
  }

  task(name: string, images = 1): Task {
    return {
      images,
      block: () => new Uint8Array([1, 2, 3, 4]),
      job: (blockBytes) => ({ kind: "gradient", first: 0, count: 1, blockBytes }),
      done: () => this.done.push(name),
      failed: (failure) => this.failures.push(failure),
    };
  }

  submit(...names: string[]): void {
    for (const name of names) this.pool.submit(this.task(name));
  }
}

test("tasks wait for replicas to be ready, and go to whoever is idle, urgent ones first", () => {
  const bench = new Bench(2);
  bench.submit("a", "b", "c");
  expect(bench.pool.ready).toBe(0);
  bench.ready();
  expect(bench.pool.ready).toBe(2);
  expect(bench.pool.idle).toBe(0);
  bench.pool.submit(bench.task("now"), true);
  const [first, second] = bench.replicas as [FakeReplica, FakeReplica];
  second.answer();
  expect(bench.done).toEqual(["b"]);
  second.answer();
  expect(bench.done).toEqual(["b", "now"]);
  first.answer();
  second.answer();
  expect(bench.done).toEqual(["b", "now", "a", "c"]);
  expect(bench.pool.idle).toBe(2);
});

test("parameters go out once for each version, a setup once, and transferred buffers come back to be used again", () => {
  const bench = new Bench(1).ready();
  const [replica] = bench.replicas as [FakeReplica];
  bench.submit("a", "b");
  const first = replica.job;
  expect(first.setup).toBe(bench.source.setup);
  expect(first.buffers.parameters?.byteLength).toBe(8);
  expect(first.buffers.gradient?.byteLength).toBe(resultsRoom + 8);
  replica.answer();
  expect(replica.job.setup).toBeUndefined();
  expect(replica.job.buffers.parameters).toBeUndefined();
  expect(replica.job.buffers.block).toBe(first.buffers.block);
  expect(replica.job.buffers.gradient).toBe(first.buffers.gradient);
  replica.answer();
  bench.source.version++;
  bench.submit("c");
  expect(replica.job.buffers.parameters).toBe(first.buffers.parameters);
  expect(bench.source.copied).toBe(2);
});

test("shared parameters are published once for all, and nothing is handed over", () => {
  const bench = new Bench(2, true).ready();
  const [first, second] = bench.replicas as [FakeReplica, FakeReplica];
  bench.submit("a", "b");
  expect(first.job.buffers.parameters).toBeInstanceOf(SharedArrayBuffer);
  expect(second.job.buffers.parameters).toBe(first.job.buffers.parameters);
  expect(bench.source.copied).toBe(1);
  expect(handedOver(first.job.buffers)).toEqual([]);
  expect(second.job.buffers.gradient).not.toBe(first.job.buffers.gradient);
});

test("a replica that dies is replaced, and its task done again before what waits", () => {
  const bench = new Bench(1).ready();
  bench.submit("a", "b");
  bench.replicas[0]!.die();
  expect(bench.replicas[0]!.ended).toBe(true);
  expect(bench.losses).toEqual([{ left: 1, message: "A worker stopped (out of memory) and was replaced." }]);
  bench.replicas[0]!.answer(); // too late: it is not heard any more
  expect(bench.done).toEqual([]);
  const fresh = bench.replicas[1]!;
  fresh.say({ type: "ready" });
  expect(fresh.job.setup).toBe(bench.source.setup);
  expect(fresh.job.buffers.parameters).toBeDefined();
  expect(fresh.job.buffers.gradient).not.toBe(bench.replicas[0]!.job.buffers.gradient);
  fresh.answer();
  fresh.answer();
  expect(bench.done).toEqual(["a", "b"]);
});

test("a task is done again by another replica that is idle", () => {
  const bench = new Bench(2).ready();
  const [first, second] = bench.replicas as [FakeReplica, FakeReplica];
  bench.submit("a");
  first.say({ type: "broken", message: "it trapped" });
  expect(second.jobs).toHaveLength(1);
  second.answer();
  expect(bench.done).toEqual(["a"]);
});

test("a replica that does not answer in thirty seconds, or twenty times the usual, is replaced", () => {
  const bench = new Bench(1).ready();
  const wait = (seconds: number) => {
    for (let i = 0; i < seconds; i++) bench.tick();
  };
  bench.time = 0;
  bench.pool.submit(bench.task("slow", 10));
  bench.time = 20_000; // two seconds an image
  bench.replicas[0]!.answer();
  bench.pool.submit(bench.task("hangs", 2)); // 20 × 4 s
  wait(80);
  expect(bench.replicas).toHaveLength(1);
  wait(1);
  expect(bench.replicas).toHaveLength(2);
  bench.replicas[1]!.say({ type: "ready" });
  bench.replicas[1]!.answer();
  expect(bench.done).toEqual(["slow", "hangs"]);
  wait(1000); // idle ones may be silent
  expect(bench.replicas).toHaveLength(2);
});

test("one that does not start in a minute is replaced", () => {
  const bench = new Bench(1);
  for (let i = 0; i < 61; i++) bench.tick();
  expect(bench.replicas).toHaveLength(2);
});

test("after three losses in a row a place is given up; resize tries again", () => {
  const bench = new Bench(2).ready();
  const lose = () => bench.replicas.findLast((replica) => !replica.ended && replica !== bench.replicas[1])!.die();
  for (let i = 0; i < 3; i++) lose();
  expect(bench.pool.size).toBe(1);
  expect(bench.losses.at(-1)).toMatchObject({ left: 1, message: expect.stringContaining("not started again") });
  bench.submit("a");
  bench.replicas[1]!.answer();
  expect(bench.done).toEqual(["a"]);
  bench.pool.resize(2);
  expect(bench.pool.size).toBe(2);
});

test("where no worker can be started, what waits fails, and there is a message", () => {
  const bench = new Bench(0);
  bench.cannotStart = true;
  bench.pool.resize(2);
  bench.submit("a");
  expect(bench.pool.size).toBe(0);
  expect(bench.failures).toMatchObject([{ kind: "state" }]);
  expect(bench.losses.at(-1)).toMatchObject({ left: 0, message: expect.stringContaining("no workers here") });
});

test("input that is wrong is the task's failure; a fault of the program costs the replica", () => {
  const bench = new Bench(1).ready();
  const [replica] = bench.replicas as [FakeReplica];
  bench.submit("bad");
  const { id, buffers } = replica.job;
  replica.say({ type: "failed", id, buffers, error: { kind: "input", message: "z[1] is NaN" } });
  expect(bench.failures).toMatchObject([{ kind: "input", message: "z[1] is NaN" }]);
  expect(replica.ended).toBe(false);
  bench.submit("b");
  replica.say({ type: "failed", id: replica.job.id, buffers, error: { kind: "internal", message: "index" } });
  expect(replica.ended).toBe(true);
  bench.replicas[1]!.say({ type: "ready" });
  bench.replicas[1]!.answer();
  expect(bench.done).toEqual(["b"]);
});

test("a task that three replicas died of is not given to a fourth", () => {
  const bench = new Bench(3).ready();
  bench.submit("poison", "good");
  for (let i = 0; i < 3; i++) {
    bench.replicas.find((one) => one.jobs.length === 1 && !one.ended && one !== bench.replicas[1])!.die();
    bench.replicas.at(-1)!.say({ type: "ready" });
  }
  expect(bench.failures).toMatchObject([{ kind: "state" }]);
  expect(bench.pool.size).toBe(3);
  bench.replicas[1]!.answer();
  expect(bench.done).toEqual(["good"]);
});

test("cancelled tasks are not begun, or not heard of, and their replica goes on", () => {
  const bench = new Bench(1).ready();
  const running = bench.task("running");
  const waiting = bench.task("waiting");
  bench.pool.submit(running);
  bench.pool.submit(waiting);
  bench.pool.cancel(running);
  bench.pool.cancel(waiting);
  bench.submit("next");
  bench.replicas[0]!.answer();
  bench.replicas[0]!.answer();
  expect(bench.done).toEqual(["next"]);
});

test("fewer replicas: the task of one that is ended goes to another; none: no clock is left running", () => {
  const bench = new Bench(2).ready();
  bench.submit("a", "b");
  bench.pool.resize(1);
  expect(bench.replicas[1]!.ended).toBe(true);
  bench.replicas[0]!.answer();
  bench.replicas[0]!.answer();
  expect(bench.done).toEqual(["a", "b"]);
  expect(bench.losses).toEqual([]);
  bench.pool.resize(0);
  expect(bench.ticking).toBe(false);
});
