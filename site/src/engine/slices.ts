/** Milliseconds of work after which everybody else in the message queue has a turn. */
const budget = 8;

export interface Pace {
  turn: () => Promise<void>;
  now: () => number;
}

/**
 * Calls part for [0, total) in slices of `size`, with turns in between. It is called at
 * least once, so that the engine can refuse what is empty. `check` runs after each turn.
 */
export async function inSlices<Part>(
  total: number,
  size: number,
  pace: Pace,
  part: (start: number, end: number) => Part,
  check: () => void,
): Promise<Part[]> {
  const parts: Part[] = [];
  let began = pace.now();
  let start = 0;
  do {
    const end = Math.min(total, start + size);
    parts.push(part(start, end));
    start = end;
    if (start < total && pace.now() - began >= budget) {
      await pace.turn();
      check();
      began = pace.now();
    }
  } while (start < total);
  return parts;
}

export function joinBytes(parts: Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function joinFloats(parts: Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
