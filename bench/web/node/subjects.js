/** @typedef {import("../pages/timing").Timed} Timed */
/** @typedef {"train" | "decode" | "manifold" | "encode"} Kind */

/**
 * One thing to measure on one system. `share` of a figure is in `unit`.
 * @typedef {object} Subject
 * @property {System} system
 * @property {Kind} kind
 * @property {number} [batch]
 * @property {() => Promise<Timed>} run
 */

/**
 * Somebody who computes: our engine in one build and number of workers, or a peer.
 * @typedef {object} System
 * @property {string} name
 * @property {string} version
 * @property {string} device
 * @property {number} [workers] of ours
 * @property {string} [build] of ours
 * @property {import("../pages/api").Measurements} does
 * @property {Budget} [budget] of a peer
 * @property {() => Promise<void>} close
 */

/** Units, and how a time becomes a figure. */
export const units = /** @type {Record<Kind, { unit: string, of: (t: Timed) => number }>} */ ({
  train: { unit: "images/s", of: ({ count, ms }) => (1000 * count) / ms },
  decode: { unit: "ms", of: ({ count, ms }) => ms / count },
  manifold: { unit: "ms", of: ({ count, ms }) => ms / count },
  encode: { unit: "s", of: ({ count, ms }) => (10 * ms) / count }, // for 10,000 digits
});

/** @param {{ kind: Kind, batch?: number | undefined }} subject */
export function title({ kind, batch }) {
  switch (kind) {
    case "train":
      return `training, batch ${batch}`;
    case "decode":
      return "decode one z";
    case "manifold":
      return "decode the 20×20 manifold";
    case "encode":
      return "encode 10,000 digits";
  }
}

/** Milliseconds that a peer may take in all; who has used them up is not asked again. */
export class Budget {
  /** @param {number} ms */
  constructor(ms) {
    this.ms = ms;
    this.left = ms;
  }

  /**
   * Waits for the work, but not beyond what is left.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async spend(work) {
    const began = performance.now();
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new OutOfTime()), Math.max(0, this.left));
    });
    try {
      return await /** @type {Promise<T>} */ (Promise.race([work(), late]));
    } finally {
      clearTimeout(timer);
      this.left -= performance.now() - began;
    }
  }
}

export class OutOfTime extends Error {}

/**
 * What is measured on a system.
 * @param {System} system
 * @param {{ batches: number[], sliceMs: number, digits: number }} plan `digits` to encode
 * @returns {Subject[]}
 */
export function subjectsOf(system, { batches, sliceMs, digits }) {
  const { does } = system;
  return [
    ...batches.map((batch) => ({
      system,
      kind: /** @type {Kind} */ ("train"),
      batch,
      run: () => does.train(batch, sliceMs),
    })),
    { system, kind: "decode", run: () => does.decode(sliceMs / 4) },
    { system, kind: "manifold", run: () => does.manifold(sliceMs / 4) },
    { system, kind: "encode", run: () => does.encode(digits) },
  ];
}
