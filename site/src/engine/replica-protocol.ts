import type { Answers, EngineCalls, EngineError, ReplicaSetup } from "./protocol";
import type { Program } from "./start";

// The words that the leader and its replicas share. Arrays travel in buffers that
// belong to the leader: shared ones stay where they are, others are handed over with
// a job and come back with its reply, so that neither way allocates anything.

/** Room at the head of a gradient buffer for results: 64 pairs of float64. */
export const resultsRoom = 1024;

export type ReplicaJob =
  /** Shards first … first+count−1 of the block: results, then the sum of their gradients. */
  | { kind: "gradient"; first: number; count: number; blockBytes: number }
  /** Scores the block's images: a result per slice. */
  | { kind: "score"; slices: number; blockBytes: number }
  | { kind: "sample"; request: Parameters<EngineCalls["sample"]>[0] }
  | { kind: "decode"; request: Parameters<EngineCalls["decode"]>[0] }
  | { kind: "encode"; request: Parameters<EngineCalls["encode"]>[0] };

export type JobAnswer = undefined | Answers["sample"] | Answers["decode"] | Answers["encode"];

export interface Buffers {
  parameters?: ArrayBufferLike; // only where the replica's own are out of date
  block?: ArrayBufferLike;
  gradient?: ArrayBufferLike;
}

export interface JobMessage {
  type: "job";
  id: number;
  job: ReplicaJob;
  setup?: ReplicaSetup; // only where the replica's own is another
  buffers: Buffers;
}

export type ToReplica = { type: "start"; program: Program } | JobMessage;

export type FromReplica =
  | { type: "ready" }
  | { type: "broken"; message: string } // it can do no more
  | { type: "done"; id: number; answer: JobAnswer; buffers: Buffers }
  | { type: "failed"; id: number; error: EngineError; buffers: Buffers };

/** The buffers that are handed over with a message: all that are not shared. */
export function handedOver(buffers: Buffers): ArrayBuffer[] {
  const all = [buffers.parameters, buffers.block, buffers.gradient];
  return all.filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer);
}
