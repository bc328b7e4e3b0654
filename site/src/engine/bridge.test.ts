import { expect, test, vi } from "vitest";
import { Bridge } from "./bridge";
import { EngineFailure } from "./failure";

type Raw = (request: unknown) => { result?: unknown; error?: Error } | undefined;

/** What golang-wasm does with the global object, without Go. */
function expose(bridge: Bridge, functions: Record<string, Raw>) {
  const scope: { __go_wasm__?: Record<string, unknown> } = {};
  bridge.install(scope);
  const object = scope.__go_wasm__!;
  const wrap = object.__wrapper__ as (raw: Raw) => unknown;
  for (const [name, raw] of Object.entries(functions)) object[name] = wrap(raw);
  object.__ready__ = true;
}

function failureOf(call: () => unknown): EngineFailure {
  try {
    call();
  } catch (error) {
    if (error instanceof EngineFailure) return error;
  }
  throw new Error("no EngineFailure was thrown");
}

test("results come out bare, and ready settles", async () => {
  const bridge = new Bridge();
  expose(bridge, { info: () => ({ result: { kernel: "k", lanes: 4, version: "1" } }) });
  await bridge.ready;
  expect(bridge.calls.info({})).toEqual({ kernel: "k", lanes: 4, version: "1" });
});

test("errors keep their kind, and the message may have several lines and colons", () => {
  const bridge = new Bridge();
  expose(bridge, { stop: () => ({ error: new Error("state: no training: start one\nfirst") }) });
  const failure = failureOf(() => bridge.calls.stop({}));
  expect(failure).toMatchObject({ kind: "state", message: "no training: start one\nfirst" });
});

test("an argument that golang-wasm cannot convert is an input failure", () => {
  const bridge = new Bridge();
  expose(bridge, { decode: () => ({ error: new Error("in field Z: invalid unmarshalling") }) });
  expect(failureOf(() => bridge.calls.decode({ z: new Float32Array() }))).toMatchObject({
    kind: "input",
    message: expect.stringContaining("in field Z"),
  });
});

test("after a trap every call fails, and the owner hears of it once", () => {
  const onClose = vi.fn();
  const bridge = new Bridge(onClose);
  const info = vi.fn(() => ({ result: {} }));
  expose(bridge, {
    advance: () => {
      throw new WebAssembly.RuntimeError("unreachable");
    },
    info,
  });
  expect(failureOf(() => bridge.calls.advance({}))).toMatchObject({
    kind: "internal",
    message: expect.stringContaining("unreachable"),
  });
  expect(failureOf(() => bridge.calls.info({})).kind).toBe("internal");
  expect(info).not.toHaveBeenCalled();
  expect(onClose).toHaveBeenCalledTimes(1);
});

test("a program that exits during a call fails that call", () => {
  const bridge = new Bridge();
  expose(bridge, {
    train: () => {
      bridge.close(new EngineFailure("internal", "exit code 2"));
      return undefined;
    },
  });
  expect(failureOf(() => bridge.calls.train({ settings: {} as never })).message).toBe("exit code 2");
});
