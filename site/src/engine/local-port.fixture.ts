import type { ReplicaPort } from "./lane";
import type { EngineMemory } from "./memory";
import type { EngineCalls } from "./protocol";
import type { FromReplica, ToReplica } from "./replica-protocol";
import { ReplicaWork } from "./replica-work";

// For tests: a replica that shares the thread with its leader.

export interface Instance {
  calls: EngineCalls;
  memory: EngineMemory;
}

/** What becomes of a job. */
export type Fate = "done" | "dies" | "hangs" | "dies after";

/** A port to an instance; `fate` says what becomes of each job that it gets. */
export class LocalPort implements ReplicaPort {
  onmessage: ReplicaPort["onmessage"] = null;
  onmessageerror: ReplicaPort["onmessageerror"] = null;
  onerror: ReplicaPort["onerror"] = null;
  private ended = false;
  private readonly work: ReplicaWork;

  constructor(
    { calls, memory }: Instance,
    private readonly fate: () => Fate,
  ) {
    this.work = new ReplicaWork(calls, memory);
    this.later(() => this.hear({ type: "ready" }, []));
  }

  postMessage(message: ToReplica, transfer: Transferable[]): void {
    const copy = structuredClone(message, { transfer });
    if (copy.type !== "job") return;
    this.later(() => {
      const fate = this.fate();
      if (fate === "hangs") return;
      if (fate === "dies") return this.die();
      const [reply, given] = this.work.reply(copy);
      if (fate === "dies after") return this.die();
      this.hear(reply, given);
    });
  }

  terminate(): void {
    this.ended = true;
  }

  private die(): void {
    this.onerror?.({ message: "killed" } as ErrorEvent);
  }

  private hear(reply: FromReplica, transfer: ArrayBuffer[]): void {
    const data = structuredClone(reply, { transfer });
    this.later(() => this.onmessage?.({ data } as MessageEvent<FromReplica>));
  }

  private later(what: () => void): void {
    setImmediate(() => {
      if (!this.ended) what();
    });
  }
}
