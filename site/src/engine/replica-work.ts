import { toEngineError } from "./failure";
import type { EngineMemory } from "./memory";
import type { EngineCalls } from "./protocol";
import { type FromReplica, handedOver, type JobAnswer, type JobMessage, resultsRoom } from "./replica-protocol";

/** What a replica does with a job, given an engine of its own. */
export class ReplicaWork {
  constructor(
    private readonly calls: EngineCalls,
    private readonly memory: EngineMemory,
  ) {}

  /** Does the job; returns what to send, and what of that to hand over. */
  reply(message: JobMessage): [FromReplica, ArrayBuffer[]] {
    const { id, buffers } = message;
    try {
      const answer = this.do(message);
      return [{ type: "done", id, answer, buffers }, [...handedOver(buffers), ...arraysOf(answer)]];
    } catch (error) {
      return [{ type: "failed", id, error: toEngineError(error), buffers }, handedOver(buffers)];
    }
  }

  private do({ job, setup, buffers }: JobMessage): JobAnswer {
    const { calls, memory } = this;
    if (setup) calls.makeReplica(setup);
    if (buffers.parameters) {
      const bytes = buffers.parameters.byteLength;
      memory.at((x) => x.replicaParameters(), bytes).set(new Uint8Array(buffers.parameters));
      memory.enter((x) => x.replicaChanged());
    }
    switch (job.kind) {
      case "sample":
        return calls.sample(job.request);
      case "decode":
        return calls.decode(job.request);
      case "encode":
        return calls.encode(job.request);
    }
    const { block, gradient } = buffers;
    if (!block || !gradient) throw new Error("a job came without its buffers");
    memory.at((x) => x.replicaBlock(job.blockBytes), job.blockBytes).set(new Uint8Array(block, 0, job.blockBytes));
    const out = new Uint8Array(gradient);
    if (job.kind === "score") {
      memory.run((x) => x.replicaScore());
      out.set(memory.results(job.slices));
    } else {
      memory.run((x) => x.replicaGradient(job.first, job.count));
      out.set(memory.results(job.count));
      out.set(
        memory.at((x) => x.replicaSum(), out.byteLength - resultsRoom),
        resultsRoom,
      );
    }
    return undefined;
  }
}

function arraysOf(answer: JobAnswer): ArrayBuffer[] {
  if (!answer) return [];
  return Object.values(answer).map((array: Uint8Array | Float32Array) => array.buffer as ArrayBuffer);
}
