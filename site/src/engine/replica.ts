import { Bridge } from "./bridge";
import { toEngineError } from "./failure";
import { loadRuntime, startEngine } from "./goruntime";
import { EngineMemory } from "./memory";
import { type FromReplica, handedOver, type JobAnswer, type JobMessage, type ToReplica } from "./replica-protocol";
import { ReplicaWork } from "./replica-work";
import type { Program } from "./start";

// The module worker that computes for the leader, with an engine of its own.

const scope = globalThis as unknown as {
  onmessage: (message: MessageEvent<ToReplica>) => void;
  postMessage(message: FromReplica, transfer: Transferable[]): void;
};

let work: ReplicaWork | undefined;

async function start({ module, runtimeUrl }: Program): Promise<void> {
  await loadRuntime(runtimeUrl);
  const bridge = new Bridge((failure) => scope.postMessage({ type: "broken", message: failure.message }, []));
  const memory = new EngineMemory(await startEngine(module, bridge), bridge);
  work = new ReplicaWork(bridge.calls, memory);
  scope.postMessage({ type: "ready" }, []);
}

function answer(message: JobMessage): void {
  const { id, buffers } = message;
  try {
    if (!work) throw new Error("the replica has not started");
    const answer = work.do(message);
    scope.postMessage({ type: "done", id, answer, buffers }, [...handedOver(buffers), ...arraysOf(answer)]);
  } catch (error) {
    scope.postMessage({ type: "failed", id, error: toEngineError(error), buffers }, handedOver(buffers));
  }
}

function arraysOf(answer: JobAnswer): ArrayBuffer[] {
  if (!answer) return [];
  return Object.values(answer).map((array: Uint8Array | Float32Array) => array.buffer as ArrayBuffer);
}

scope.onmessage = ({ data }) => {
  if (data.type === "job") return answer(data);
  start(data.program).catch((error: unknown) => {
    scope.postMessage({ type: "broken", message: toEngineError(error).message }, []);
  });
};
