import type { EngineFailure } from "./failure";
import type { JobAnswer, ReplicaJob } from "./replica-protocol";

/** Something for any replica to do. It is handed out again when a replica is lost. */
export interface Task {
  /** Images that go through the model: what time the job may take depends on them. */
  readonly images: number;
  /** Makes the batch's block, for each time the task is handed out, and returns a view of it. A task with a block has a gradient buffer too. */
  readonly block?: () => Uint8Array;
  readonly job: (blockBytes: number) => ReplicaJob;
  /** Hears of its end: what the replica answered and wrote into the gradient buffer … */
  done(answer: JobAnswer, gradient: ArrayBufferLike | undefined): void;
  /** … or why it cannot be done: its input is wrong, or there are no replicas left. */
  failed(failure: EngineFailure): void;
}
