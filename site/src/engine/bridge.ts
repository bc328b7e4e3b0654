import { EngineFailure } from "./failure";
import type { EngineCalls } from "./protocol";

// The JavaScript half of github.com/teamortix/golang-wasm/wasm. That Go package
// looks for one global object, __go_wasm__, as soon as it starts; it puts each
// function that Go exposes there, wrapped by __wrapper__, and sets __ready__.

interface Wrapped {
  result?: unknown;
  error?: Error;
}
type RawFunction = (request: unknown) => Wrapped | undefined;

/** Thrown failures read "kind: message"; anything else was refused by golang-wasm's conversion of the argument. */
function failureOf(error: Error): EngineFailure {
  const [, kind, message] = /^(input|state|internal): (.*)$/s.exec(error.message) ?? [];
  if (message === undefined)
    return new EngineFailure("input", `The engine does not understand the request: ${error.message}`);
  return new EngineFailure(kind as EngineFailure["kind"], message);
}

export class Bridge {
  /** Settles once Go has exposed everything. */
  readonly ready: Promise<void>;
  /** What Go has exposed; complete once ready. Each call returns its answer or throws an EngineFailure. */
  readonly calls: EngineCalls;
  private dead: EngineFailure | undefined;

  /** @param onClose hears once why the engine is gone */
  constructor(private readonly onClose: (failure: EngineFailure) => void = () => {}) {
    let isReady = () => {};
    this.ready = new Promise((resolve) => {
      isReady = resolve;
    });
    const exposed = {
      __wrapper__: (raw: RawFunction) => (request: unknown) => this.call(raw, request),
      set __ready__(value: unknown) {
        if (value === true) isReady();
      },
    };
    this.calls = exposed as unknown as EngineCalls;
  }

  /** Puts the object where Go looks for it. One engine per global scope. */
  install(scope: object): void {
    Object.defineProperty(scope, "__go_wasm__", { value: this.calls, configurable: true });
  }

  /** The program has ended or trapped: every later call fails with `failure`. */
  close(failure: EngineFailure): void {
    if (this.dead) return;
    this.dead = failure;
    this.onClose(failure);
  }

  /** Runs what goes into Go by another way than `calls`; throws an EngineFailure once the engine is gone. */
  enter<Result>(run: () => Result): Result {
    if (this.dead) throw this.dead;
    let result: Result;
    try {
      result = run();
    } catch (error) {
      // Only a trap of the WebAssembly machine gets here; its memory is no longer to be trusted.
      this.close(crashed(error instanceof Error ? error.message : String(error)));
      throw this.dead;
    }
    // Go's runtime may also have ended the program during the call, out of memory.
    if (this.dead) throw this.dead;
    return result;
  }

  private call(raw: RawFunction, request: unknown): unknown {
    const answer = this.enter(() => raw(request));
    if (answer?.error) throw failureOf(answer.error);
    return answer?.result;
  }
}

export function crashed(why: string): EngineFailure {
  return new EngineFailure(
    "internal",
    `The engine stopped unexpectedly (${why}). Reload the page to start it again; a smaller batch or model needs less memory.`,
  );
}
