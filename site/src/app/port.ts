import type { Answers, EngineError, EngineEvent, Requests } from "../engine/protocol";

/** What the page asks of the engine: requests with one answer each, and events in between. */
export interface EnginePort {
  request<K extends keyof Requests>(type: K, payload: Requests[K]): Promise<Answers[K]>;
  on(listener: (event: EngineEvent) => void): unknown;
}

/** The kind and message of whatever a request failed with. */
export function failureOf(error: unknown): EngineError {
  const { kind, message } = (error ?? {}) as Partial<EngineError>;
  return { kind: kind ?? "internal", message: message || String(error) };
}
