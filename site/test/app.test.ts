import { describe, expect, it, vi } from "vitest";
import { Explorer } from "../src/app/explorer";
import type { EnginePort } from "../src/app/port";
import { Run } from "../src/app/run";
import { bookSettings, defaultState } from "../src/app/state";
import type { EngineEvent, Requests } from "../src/engine/protocol";

/** An engine whose answers a test decides. */
function stage(answer: (type: keyof Requests, payload: never) => unknown) {
  const listeners: ((event: EngineEvent) => void)[] = [];
  const asked: (keyof Requests)[] = [];
  const port = {
    request: async (type: keyof Requests, payload: never) => {
      asked.push(type);
      return answer(type, payload);
    },
    on: (listener: (event: EngineEvent) => void) => listeners.push(listener),
  } as unknown as EnginePort;
  const emit = (event: EngineEvent) => {
    for (const listener of listeners) listener(event);
  };
  return { port, emit, asked };
}

const soon = () => new Promise((done) => setTimeout(done, 5));

describe("the explorer", () => {
  const callbacks = () => ({ onChange: vi.fn(), onDigit: vi.fn(), onError: vi.fn() });

  it("decodes the map in one request, row by row, and drops an answer for another latent size", async () => {
    const requests: Float32Array[] = [];
    const { port } = stage((_type, { z }: { z: Float32Array }) => {
      requests.push(z);
      return { pixels: new Uint8Array(784) };
    });
    const explorer = new Explorer(port, callbacks());
    explorer.modelChanged(2);
    explorer.drawMap(defaultState().map);
    explorer.modelChanged(3); // before the answer
    await soon();
    expect(requests.map((z) => z.length)).toEqual([15 * 15 * 2]);
    expect(explorer.manifold).toBeUndefined();
    explorer.drawMap(defaultState().map);
    await soon();
    expect(explorer.manifold?.n).toBe(15);
  });

  it("asks for the data once, adds up its files, and can try again after a failure", async () => {
    let fail = true;
    const { port, emit, asked } = stage(() => {
      if (fail) throw Object.assign(new Error("no network"), { kind: "download" });
      return { train: 60000, test: 10000 };
    });
    const explorer = new Explorer(port, callbacks());
    const both = [explorer.loadData(), explorer.loadData()];
    emit({ type: "data", file: "a", received: 1, total: 10 });
    emit({ type: "data", file: "b", received: 2, total: 20 });
    expect(explorer.status).toEqual({ kind: "loading", received: 3, total: 30 });
    for (const load of both) await expect(load).rejects.toThrow("no network");
    expect(asked).toHaveLength(1);
    emit({ type: "data", file: "b", received: 3, total: 20 }); // a file that goes on after the failure
    expect(explorer.status).toEqual({ kind: "failed", message: "no network" });
    fail = false;
    await explorer.loadData();
    expect(explorer.hasData).toBe(true);
    expect(asked).toHaveLength(2);
  });

  it("encodes the test digits in chunks, from the beginning again when the model changes", async () => {
    const ranges: [number, number][] = [];
    const { port } = stage((type, { start, count }: { start: number; count: number }) => {
      if (type === "loadData") return {};
      ranges.push([start, count]);
      if (ranges.length === 3) explorer.modelChanged(2);
      return { mean: new Float32Array(count * 2).fill(start), labels: new Uint8Array(count).fill(7) };
    });
    const explorer = new Explorer(port, callbacks());
    explorer.modelChanged(2);
    await explorer.loadData();
    await explorer.encodeTest();
    expect(ranges[3]![0]).toBe(0);
    let next = 0;
    for (const [start, count] of ranges.slice(3)) {
      expect(start).toBe(next);
      next += count;
    }
    expect(next).toBe(5000);
    expect(explorer.points).toMatchObject({ count: 5000 });
    expect(explorer.status).toEqual({ kind: "ready", digits: 5000 });
  });
});

describe("a run", () => {
  const setUp = (answer: (type: keyof Requests) => unknown = () => ({})) => {
    const { port, emit, asked } = stage(answer);
    const calls = {
      onChange: vi.fn(),
      onNews: vi.fn(),
      onEnd: vi.fn(),
      onError: vi.fn(),
      onLook: vi.fn(async () => {}),
    };
    return { run: new Run(port, calls), emit, asked, calls };
  };
  const model = { source: "trained", name: "", config: bookSettings.model, parameters: 1, metadata: {} } as const;

  it("goes from preparing to running, paused, running, ended", async () => {
    const { run, emit, calls } = setUp();
    const started = run.start(bookSettings, soon as () => Promise<void>);
    expect(run.phase).toBe("preparing");
    await started;
    expect(run.phase).toBe("running");
    expect(calls.onLook).toHaveBeenCalledOnce();
    await run.pause();
    expect(run.phase).toBe("paused");
    await run.resume();
    expect(run.phase).toBe("running");
    await run.stop();
    expect(run.phase).toBe("stopping");
    emit({ type: "end", reason: "stopped", message: "", model });
    expect(run.phase).toBe("ended");
    expect(run.progress?.headline).toBe("Stopped");
    expect(calls.onEnd).toHaveBeenCalledExactlyOnceWith("stopped", "");
  });

  it("can be stopped while it waits for the data, and then never begins", async () => {
    const { run, asked } = setUp();
    const started = run.start(bookSettings, soon as () => Promise<void>);
    await run.stop();
    await started;
    expect(asked).toEqual([]);
    expect(run.phase).toBe("idle");
  });

  it("that cannot begin leaves the page as it was", async () => {
    const { run, calls } = setUp(() => {
      throw new Error("refused");
    });
    await run.start(bookSettings, async () => {});
    expect(run.phase).toBe("idle");
    expect(run.curves).toBeUndefined();
    expect(calls.onError).toHaveBeenCalledOnce();
  });

  it("tells each epoch to screen readers", async () => {
    const { run, emit, calls } = setUp();
    await run.start(bookSettings, async () => {});
    const losses = { loss: 0.2109, reconstruction: 165, kl: 4 };
    emit({ type: "epoch", epoch: 0, train: losses, validation: { ...losses, loss: 0.1966 }, seconds: 51 });
    expect(calls.onNews).toHaveBeenLastCalledWith("Epoch 1: training loss 0.2109, validation 0.1966.");
    expect(run.curves?.lastEpoch?.epoch).toBe(0);
  });
});
