import type { EngineMemory } from "./memory";
import type { ModelConfig, ReplicaSetup } from "./protocol";

/** What replicas copy: the leader's parameters, and what they are parameters of. */
export interface Source {
  /** Another object whenever replicas must be made anew. */
  readonly setup: ReplicaSetup;
  /** Rises whenever the parameters change. */
  readonly version: number;
  readonly parameterBytes: number;
  copyParameters(target: Uint8Array): void;
}

export class LeaderSource implements Source {
  version = 0;
  private current: ReplicaSetup | undefined;

  constructor(private readonly memory: EngineMemory) {}

  get setup(): ReplicaSetup {
    if (!this.current) throw new Error("there is no model yet");
    return this.current;
  }

  get parameterBytes(): number {
    return 4 * this.memory.enter((x) => x.parameterCount());
  }

  copyParameters(target: Uint8Array): void {
    target.set(this.memory.at((x) => x.parameters(), target.byteLength));
  }

  /** The model was replaced by one of the given config. */
  hold(config: ModelConfig): void {
    this.version++;
    if (JSON.stringify(config) === JSON.stringify(this.current?.config)) return;
    this.current = { config, group: 1, seed: 0, objective: "", beta: 0 };
  }

  /** What replicas are to compute changes; the parameters do not. */
  assign(setup: ReplicaSetup): void {
    this.current = setup;
  }

  /** The parameters changed. */
  changed(): void {
    this.version++;
  }
}
