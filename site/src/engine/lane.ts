import type { EngineError } from "./protocol";
import { type Buffers, type FromReplica, handedOver, type JobAnswer, resultsRoom, type ToReplica } from "./replica-protocol"; // biome-ignore format: one line
import type { Source } from "./source";
import type { Task } from "./task";

/** What a lane needs of a Worker. */
export interface ReplicaPort {
  postMessage(message: ToReplica, transfer: Transferable[]): void;
  terminate(): void;
  onmessage: ((message: MessageEvent<FromReplica>) => void) | null;
  onmessageerror: ((message: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** The parameters as all lanes see them, where memory can be shared. */
export class SharedParameters {
  private buffer: SharedArrayBuffer | undefined;
  private version = -1;

  /** The source's parameters; no replica computes with another version of them when this is called. */
  publish(source: Source): SharedArrayBuffer {
    const bytes = source.parameterBytes;
    if (this.buffer?.byteLength !== bytes) {
      this.buffer = new SharedArrayBuffer(bytes);
      this.version = -1;
    }
    if (this.version !== source.version) {
      source.copyParameters(new Uint8Array(this.buffer));
      this.version = source.version;
    }
    return this.buffer;
  }
}

export interface LaneOptions {
  /** Starts a replica's worker; it answers "ready" in its own time. */
  start: () => ReplicaPort;
  source: Source;
  /** Where memory can be shared; all lanes' one. */
  shared: SharedParameters | undefined;
}

export interface LaneEvents {
  /** It can take a task. */
  ready(lane: Lane): void;
  done(lane: Lane, task: Task, answer: JobAnswer): void;
  failed(lane: Lane, task: Task, error: EngineError): void;
  /** The worker is of no use any more. */
  lost(lane: Lane, why: string): void;
}

/** A place for one replica, and the buffers that travel between it and the leader. */
export class Lane {
  state: "empty" | "starting" | "idle" | "busy" = "empty";
  /** What it is busy with. */
  task: Task | undefined;
  /** Seconds (ticks of the pool) in this state. */
  age = 0;
  /** Workers lost since a task was last done. */
  losses = 0;
  private port: ReplicaPort | undefined;
  private jobs = 0;
  private setup: Source["setup"] | undefined; // that the replica was made with
  private version = -1; // of the parameters that it holds
  private parameters: ArrayBufferLike | undefined;
  private block: ArrayBufferLike | undefined;
  private gradient: ArrayBufferLike | undefined;

  constructor(
    private readonly options: LaneOptions,
    private readonly events: LaneEvents,
  ) {}

  start(): void {
    this.clear();
    this.state = "starting";
    try {
      const port = this.options.start();
      this.port = port;
      const lost = (why: string) => {
        if (this.port === port) this.events.lost(this, why);
      };
      port.onmessage = ({ data }) => {
        if (this.port === port) this.hear(data);
      };
      port.onmessageerror = () => lost("a message could not be read");
      port.onerror = (event) => {
        event.preventDefault?.();
        lost(event.message || "its script could not be loaded");
      };
    } catch (error) {
      this.events.lost(this, error instanceof Error ? error.message : String(error));
    }
  }

  /** Ends the worker; returns the task that it had. */
  clear(): Task | undefined {
    const { task } = this;
    this.port?.terminate();
    this.port = undefined;
    this.state = "empty";
    this.task = undefined;
    this.age = 0;
    this.setup = undefined;
    this.version = -1;
    // Buffers that were handed over are gone, and shared ones may be written to until the worker has really ended.
    this.parameters = undefined;
    this.block = undefined;
    this.gradient = undefined;
    return task;
  }

  send(task: Task): void {
    this.state = "busy";
    this.task = task;
    this.age = 0;
    try {
      const { source } = this.options;
      const buffers: Buffers = {};
      const view = task.block?.();
      const blockBytes = view?.byteLength ?? 0;
      if (view) {
        this.block = this.room(this.block, blockBytes);
        new Uint8Array(this.block).set(view);
        buffers.block = this.block;
        this.gradient = this.room(this.gradient, resultsRoom + source.parameterBytes, true);
        buffers.gradient = this.gradient;
      }
      const renewed = this.setup !== source.setup;
      if (renewed || this.version !== source.version) buffers.parameters = this.publish();
      this.setup = source.setup;
      this.version = source.version;
      const message: ToReplica = {
        type: "job",
        id: ++this.jobs,
        job: task.job(blockBytes),
        ...(renewed ? { setup: source.setup } : {}),
        buffers,
      };
      this.port?.postMessage(message, handedOver(buffers));
    } catch (error) {
      this.events.lost(this, error instanceof Error ? error.message : String(error));
    }
  }

  /** The gradient buffer that came back with the task that was done last. */
  get result(): ArrayBufferLike | undefined {
    return this.gradient;
  }

  private publish(): ArrayBufferLike {
    const { source, shared } = this.options;
    if (shared) return shared.publish(source);
    this.parameters = this.room(this.parameters, source.parameterBytes, true);
    source.copyParameters(new Uint8Array(this.parameters));
    return this.parameters;
  }

  /** The buffer, or a new one where that is too small (or not of the exact size). */
  private room(buffer: ArrayBufferLike | undefined, bytes: number, exact = false): ArrayBufferLike {
    if (buffer && (exact ? buffer.byteLength === bytes : buffer.byteLength >= bytes)) return buffer;
    return this.options.shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  }

  private hear(message: FromReplica): void {
    switch (message.type) {
      case "ready":
        this.state = "idle";
        this.age = 0;
        this.events.ready(this);
        return;
      case "broken":
        this.events.lost(this, message.message);
        return;
    }
    const { task } = this;
    if (message.id !== this.jobs || !task) {
      this.events.lost(this, "it answered what it was not asked");
      return;
    }
    const { parameters, block, gradient } = message.buffers;
    if (!this.options.shared) {
      if (parameters) this.parameters = parameters;
      if (block) this.block = block;
      if (gradient) this.gradient = gradient;
    }
    this.state = "idle";
    this.task = undefined;
    if (message.type === "done") this.events.done(this, task, message.answer);
    else this.events.failed(this, task, message.error);
  }
}
