import { EngineFailure } from "./failure";
import type { Answers, EngineEvent, FromWorker, Requests, ToWorker } from "./protocol";

/** What the client needs of a Worker. */
export interface WorkerPort {
  postMessage(message: ToWorker): void;
  terminate(): void;
  onmessage: ((message: MessageEvent<FromWorker>) => void) | null;
  onmessageerror: ((message: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

interface Pending {
  type: keyof Requests;
  resolve: (answer: never) => void;
  reject: (failure: EngineFailure) => void;
}

const startLeader = (): WorkerPort =>
  new Worker(new URL("./leader.ts", import.meta.url), { type: "module" }) as WorkerPort;

/**
 * The page's side of the leader worker. Requests are answered in whatever order
 * they are done; a failure is an EngineFailure. When the worker is lost, everything
 * pending fails, and a request "open" starts a new one.
 */
export class Engine {
  private worker: WorkerPort | undefined;
  private lost: EngineFailure | undefined;
  private nextId = 1;
  private readonly pending = new Map<number, Pending>();
  private readonly listeners = new Set<(event: EngineEvent) => void>();
  private readonly lostListeners = new Set<(failure: EngineFailure) => void>();

  constructor(private readonly start: () => WorkerPort = startLeader) {}

  request<K extends keyof Requests>(type: K, payload: Requests[K]): Promise<Answers[K]> {
    return new Promise((resolve, reject) => {
      if (!this.worker) {
        if (type !== "open") {
          reject(this.lost ?? new EngineFailure("state", "The engine is not open yet."));
          return;
        }
        try {
          this.connect();
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          reject(
            new EngineFailure("unsupported", `This browser cannot start a module worker (${why}): use a newer one.`),
          );
          return;
        }
      }
      const id = this.nextId++;
      this.pending.set(id, { type, resolve: resolve as Pending["resolve"], reject });
      this.worker?.postMessage({ id, type, payload } as ToWorker);
    });
  }

  /** Hears every event; returns a function that ends it. */
  on(listener: (event: EngineEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Hears that the worker is gone, and with it the model and any run; returns a function that ends it. */
  onLost(listener: (failure: EngineFailure) => void): () => void {
    this.lostListeners.add(listener);
    return () => this.lostListeners.delete(listener);
  }

  /** Ends the worker; whatever is pending fails. */
  terminate(): void {
    this.disconnect(new EngineFailure("state", "The engine was closed."));
  }

  private connect(): void {
    const worker = this.start();
    this.worker = worker;
    this.lost = undefined;
    worker.onmessage = ({ data }) => this.hear(data);
    worker.onmessageerror = () => this.lose("a message could not be read");
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.lose(event.message ?? "");
    };
  }

  private hear(message: FromWorker): void {
    if ("event" in message) {
      for (const listener of this.listeners) listener(message.event);
      return;
    }
    const request = this.pending.get(message.id);
    if (!request) return;
    this.pending.delete(message.id);
    if (message.ok) {
      request.resolve(message.payload as never);
      return;
    }
    const failure = new EngineFailure(message.error.kind, message.error.message);
    request.reject(failure);
    // A worker keeps a script that failed to load failed for ever: the next "open" gets a fresh one.
    if (request.type === "open" && failure.kind !== "state") this.disconnect(failure);
  }

  private lose(why: string): void {
    const bare = why.replace(/^Uncaught (?:EngineFailure|Error): /, "");
    const message = bare.startsWith("The engine stopped")
      ? bare
      : `The engine's worker failed (${bare || "its script could not be loaded"}). Reload the page to start it again.`;
    const failure = new EngineFailure("internal", message);
    this.disconnect(failure);
    for (const listener of this.lostListeners) listener(failure);
  }

  private disconnect(failure: EngineFailure): void {
    this.worker?.terminate();
    this.worker = undefined;
    this.lost = failure;
    const pending = [...this.pending.values()];
    this.pending.clear();
    for (const { reject } of pending) reject(failure);
  }
}
