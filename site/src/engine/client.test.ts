import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Engine, type WorkerPort } from "./client";
import { EngineFailure } from "./failure";
import type { EngineEvent, FromWorker, ToWorker } from "./protocol";

class FakeWorker implements WorkerPort {
  sent: ToWorker[] = [];
  terminated = false;
  onmessage: WorkerPort["onmessage"] = null;
  onmessageerror: WorkerPort["onmessageerror"] = null;
  onerror: WorkerPort["onerror"] = null;
  postMessage(message: ToWorker) {
    this.sent.push(message);
  }
  terminate() {
    this.terminated = true;
  }
  say(message: FromWorker) {
    this.onmessage?.({ data: message } as MessageEvent<FromWorker>);
  }
  idOf(type: ToWorker["type"]): number {
    return this.sent.find((message) => message.type === type)!.id;
  }
}

let workers: FakeWorker[];
let engine: Engine;
const latest = () => workers[workers.length - 1]!;
const z = new Float32Array(2);

beforeEach(() => {
  workers = [];
  engine = new Engine(() => {
    workers.push(new FakeWorker());
    return latest();
  });
});
afterEach(() => engine.terminate());

function opened() {
  const open = engine.request("open", { baseUrl: "https://lab.example/" });
  latest().say({ id: latest().idOf("open"), ok: true, payload: { engine: "e", model: "m" } });
  return open;
}

test("answers find their requests in any order", async () => {
  await opened();
  const decode = engine.request("decode", { z });
  const save = engine.request("saveWeights", {});
  latest().say({ id: latest().idOf("saveWeights"), ok: true, payload: "saved" });
  latest().say({ id: latest().idOf("decode"), ok: true, payload: "decoded" });
  expect(await Promise.all([decode, save])).toEqual(["decoded", "saved"]);
});

test("a failure rejects with its kind, and the engine goes on", async () => {
  await opened();
  const decode = engine.request("decode", { z });
  latest().say({ id: latest().idOf("decode"), ok: false, error: { kind: "input", message: "z[1] is NaN" } });
  await expect(decode).rejects.toMatchObject({ kind: "input", message: "z[1] is NaN", constructor: EngineFailure });
  expect(latest().terminated).toBe(false);
});

test("nothing but open starts a worker", async () => {
  await expect(engine.request("decode", { z })).rejects.toMatchObject({ kind: "state" });
  expect(workers).toHaveLength(0);
});

test("events reach everybody who listens, until they stop", async () => {
  await opened();
  const heard: EngineEvent[] = [];
  const stop = engine.on((event) => heard.push(event));
  const event: EngineEvent = { type: "engine", received: 1, total: 2 };
  latest().say({ id: 0, event });
  stop();
  latest().say({ id: 0, event });
  expect(heard).toEqual([event]);
});

test("a lost worker fails everything pending with a clear message; open starts another", async () => {
  await opened();
  const onLost = vi.fn();
  engine.onLost(onLost);
  const decode = engine.request("decode", { z });
  const lost = latest();
  lost.onerror?.({ message: "Uncaught EngineFailure: The engine stopped unexpectedly (out of memory)." } as ErrorEvent);
  await expect(decode).rejects.toMatchObject({
    kind: "internal",
    message: "The engine stopped unexpectedly (out of memory).",
  });
  await expect(engine.request("decode", { z })).rejects.toMatchObject({ kind: "internal" });
  expect(lost.terminated).toBe(true);
  expect(onLost).toHaveBeenCalledTimes(1);
  await opened();
  expect(workers).toHaveLength(2);
});

test("a worker whose script did not load says so", async () => {
  const open = engine.request("open", { baseUrl: "https://lab.example/" });
  latest().onerror?.({} as ErrorEvent);
  await expect(open).rejects.toMatchObject({
    kind: "internal",
    message: expect.stringContaining("could not be loaded"),
  });
});

test("an open that failed is tried again in a fresh worker", async () => {
  const open = engine.request("open", { baseUrl: "https://lab.example/" });
  latest().say({ id: latest().idOf("open"), ok: false, error: { kind: "download", message: "offline" } });
  await expect(open).rejects.toMatchObject({ kind: "download" });
  expect(latest().terminated).toBe(true);
  await opened();
  expect(workers).toHaveLength(2);
});

test("a browser without module workers is told so", async () => {
  const old = new Engine(() => {
    throw new TypeError("no module workers");
  });
  await expect(old.request("open", { baseUrl: "https://lab.example/" })).rejects.toMatchObject({ kind: "unsupported" });
});
