import { toEngineError } from "./failure";
import { LeaderHandlers } from "./handlers";
import type { ReplicaPort } from "./lane";
import type { FromWorker, ToWorker } from "./protocol";
import { openStorage } from "./storage";
import { messageTurns } from "./turn";

// The module worker that owns the engine: messages in, answers and events out.

const scope = globalThis as unknown as {
  onmessage: (message: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
};

function post(message: FromWorker): void {
  scope.postMessage(message, "ok" in message && message.ok ? buffersOf(message.payload) : []);
}

/** The buffers of an answer's typed arrays: they are handed over, not copied. */
function buffersOf(payload: unknown): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const value of Object.values(payload as object)) {
    const buffer: unknown = ArrayBuffer.isView(value) ? value.buffer : value;
    if (buffer instanceof ArrayBuffer) buffers.add(buffer);
  }
  return [...buffers];
}

const handlers = new LeaderHandlers({
  emit: (event) => post({ id: 0, event }),
  turn: messageTurns(),
  now: () => performance.now(),
  startReplica: () => new Worker(new URL("./replica.ts", import.meta.url), { type: "module" }) as ReplicaPort,
  openStore: () => openStorage(),
  // An uncaught error is what the page's side of a worker hears as its end. It is
  // thrown in a task of its own, after the answers that are on their way.
  onLost: (failure) => setTimeout(() => { throw failure; }), // biome-ignore format: one thought
});

scope.onmessage = async ({ data: { id, type, payload } }) => {
  try {
    const handler = handlers[type] as (payload: unknown) => unknown;
    post({ id, ok: true, payload: await handler.call(handlers, payload) });
  } catch (error) {
    post({ id, ok: false, error: toEngineError(error) });
  }
};
