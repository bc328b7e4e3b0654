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

/** Those who take parts over. */
export interface Lender<Part> {
  /** How many could begin at once; 0 while they have better to do. */
  free(): number;
  /** Calculates a part elsewhere; undefined where that came to nothing. */
  lend(start: number, end: number): Promise<Part | undefined>;
}

/**
 * As inSlices, but hands parts of `lentSize` to whoever is free, and calculates here
 * only while nobody is.
 */
export async function inShares<Part>(
  total: number,
  size: number,
  lentSize: number,
  pace: Pace,
  part: (start: number, end: number) => Part,
  lender: Lender<Part>,
  check: () => void,
): Promise<Part[]> {
  if (total <= size) return [part(0, total)];
  const parts = new Map<number, Part[]>(); // by where they start
  let next = 0;
  let out = 0;
  let failure: { error: unknown } | undefined;
  const back: [number, number][] = []; // came to nothing elsewhere
  let wake = () => {};
  let began = pace.now();
  while (next < total || out > 0 || back.length > 0) {
    while (next < total && lender.free() > 0) {
      const start = next;
      const end = Math.min(total, start + lentSize);
      next = end;
      out++;
      lender
        .lend(start, end)
        .then(
          (lent) => {
            if (lent === undefined) back.push([start, end]);
            else parts.set(start, [lent]);
          },
          (error: unknown) => {
            failure ??= { error };
          },
        )
        .finally(() => {
          out--;
          wake();
        });
    }
    const mine =
      back.pop() ?? (next < total && out === 0 ? ([next, Math.min(total, next + size)] as const) : undefined);
    if (!mine) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      began = pace.now();
    } else {
      const [start, end] = mine;
      next = Math.max(next, end);
      parts.set(start, await inSlices(end - start, size, pace, (lo, hi) => part(start + lo, start + hi), check));
      if (pace.now() - began >= budget) {
        await pace.turn();
        began = pace.now();
      }
    }
    if (failure) throw failure.error;
    check();
  }
  return [...parts.keys()].sort((a, b) => a - b).flatMap((start) => parts.get(start)!);
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
