import type { EngineError } from "./protocol";

/** A failure with a kind; `message` says what was wrong, where, and the way out. */
export class EngineFailure extends Error {
  override readonly name = "EngineFailure";

  constructor(
    readonly kind: EngineError["kind"],
    message: string,
  ) {
    super(message);
  }
}

/** What was thrown, whatever it is, as it travels to the page. */
export function toEngineError(thrown: unknown): EngineError {
  if (thrown instanceof EngineFailure) return { kind: thrown.kind, message: thrown.message };
  return { kind: "internal", message: thrown instanceof Error ? thrown.message : String(thrown) };
}
