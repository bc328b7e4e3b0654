import { Bridge } from "./bridge";
import { toEngineError } from "./failure";
import { loadRuntime, startEngine } from "./goruntime";
import { EngineMemory } from "./memory";
import type { FromReplica, ToReplica } from "./replica-protocol";
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

scope.onmessage = ({ data }) => {
  if (data.type === "start") {
    start(data.program).catch((error: unknown) => {
      scope.postMessage({ type: "broken", message: toEngineError(error).message }, []);
    });
  } else if (work) {
    scope.postMessage(...work.reply(data));
  }
};
