import type { Bridge } from "./bridge";
import type { EngineExports } from "./protocol";

/** A float64 pair: sums of reconstruction and KL. */
const resultBytes = 16;

/**
 * The engine's memory and the exports that need no conversion. Views of the memory
 * end when it grows: use one at once, and make another after the next call.
 */
export class EngineMemory {
  constructor(
    readonly exports: EngineExports,
    private readonly bridge: Pick<Bridge, "enter" | "calls">,
  ) {}

  /** Calls an export; throws an EngineFailure where its status says that it failed, else returns what it returned. */
  run(call: (exports: EngineExports) => number): number {
    const status = this.enter(call);
    if (status === 1) this.bridge.calls.fault({});
    return status;
  }

  /** The bytes from the pointer that an export returns. */
  at(pointer: (exports: EngineExports) => number, bytes: number): Uint8Array {
    return new Uint8Array(this.exports.mem.buffer, this.enter(pointer) >>> 0, bytes);
  }

  /** The results of the last replicaGradient or replicaScore. */
  results(count: number): Uint8Array {
    return this.at((x) => x.results(count), count * resultBytes);
  }

  /** Puts results, from the head of a gradient buffer, where stepAccept or validationAccept finds them. */
  setResults(count: number, from: ArrayBufferLike): void {
    this.results(count).set(new Uint8Array(from, 0, count * resultBytes));
  }

  floats(pointer: (exports: EngineExports) => number, count: number): Float64Array {
    return new Float64Array(this.exports.mem.buffer, this.enter(pointer) >>> 0, count);
  }

  /** Calls an export that has no status. */
  enter<Result>(call: (exports: EngineExports) => Result): Result {
    return this.bridge.enter(() => call(this.exports));
  }
}
