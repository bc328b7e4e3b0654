import { launch, openPage } from "./browsers.js";
import { builtLeader } from "./server.js";
import { Budget, OutOfTime } from "./subjects.js";

/** @typedef {import("./subjects.js").System} System */
/** @typedef {import("../pages/api").EngineSubject} EngineSubject */
/** @typedef {import("../pages/api").PeerSubject} PeerSubject */
/** @typedef {import("../pages/api").Reference} Reference */
/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Browser} Browser */

export const builds = ["fma", "simd", "scalar"];

/** @type {{ library: string, backend: string, browser: "cpu" | "gpu" }[]} */
export const peers = [
  { library: "TF.js", backend: "cpu", browser: "cpu" },
  { library: "TF.js", backend: "wasm", browser: "cpu" },
  { library: "jax-js", backend: "wasm", browser: "cpu" },
  { library: "TF.js", backend: "webgl", browser: "gpu" },
  { library: "TF.js", backend: "webgpu", browser: "gpu" },
];

/** Errors that rounding and another order of sums explain; a shifted pixel does not stay below. */
const tolerance = { pixel: 0.004, mean: 0.002 };

/** Calls a method of the page's subject. @param {Page} page @returns {(method: string, ...args: unknown[]) => Promise<any>} */
const caller =
  (page) =>
  (method, ...args) =>
    page.evaluate(
      ([name, given]) =>
        /** @type {any} */ (window.subject)[/** @type {string} */ (name)](.../** @type {any} */ (given)),
      [method, args],
    );

/** @param {ReturnType<typeof caller>} call @returns {import("../pages/api").Measurements} */
const measurements = (call) => ({
  train: (batch, ms) => call("train", batch, ms),
  decode: (ms) => call("decode", ms),
  manifold: (ms) => call("manifold", ms),
  encode: (images) => call("encode", images),
});

/**
 * The built page's engine, in one of its builds, with that many workers.
 * @param {Browser} browser @param {string} url @param {string} build @param {number} workers
 * @returns {Promise<System & { reference: (n: number) => Promise<Reference> }>}
 */
export async function openEngine(browser, url, build, workers) {
  const page = await openPage(browser, url, "engine", build);
  const call = caller(page);
  const info = await call("open", builtLeader(), workers);
  if (info.build !== build) throw new Error(`the engine runs as "${info.build}", want "${build}"`);
  if (!info.isolated) throw new Error("the page is not cross-origin isolated: workers could not share memory");
  return {
    name: `VAE Lab (${build})`,
    version: info.version,
    device: `${info.kernel}, ${workers} ${workers === 1 ? "worker" : "workers"}`,
    workers,
    build,
    does: measurements(call),
    reference: (n) => call("reference", n),
    close: () => page.context().close(),
  };
}

/**
 * A peer, in a browser of its own: when it is left out in the middle of its work, its
 * processes end with it. The graphics process would go on computing for others' time.
 * The peer has shown that it runs the same model; otherwise the answer is why not.
 * @param {Browser} browser @param {string} url @param {typeof peers[number]} peer
 * @param {Reference} reference @param {number} seconds that it may take in all
 * @returns {Promise<System | { skipped: string }>}
 */
export async function openPeer(browser, url, { library, backend }, reference, seconds) {
  const page = await openPage(browser, url, "peers");
  const close = () => browser.close();
  const call = caller(page);
  const budget = new Budget(1000 * seconds);
  try {
    const opened = await budget.spend(() => call("open", library, backend));
    if ("unavailable" in opened) {
      await close();
      return { skipped: opened.unavailable };
    }
    const errors = await budget.spend(() => call("errors", reference));
    if (!(errors.pixel <= tolerance.pixel && errors.mean <= tolerance.mean)) {
      await close();
      return { skipped: `not the same model: off by ${errors.pixel} in a pixel and ${errors.mean} in a mean` };
    }
    const { version, device } = opened;
    return { name: `${library} ${backend}`, version, device, does: measurements(call), budget, close };
  } catch (error) {
    await close();
    if (error instanceof OutOfTime) return { skipped: `it was not ready after ${seconds} s (--peer-seconds)` };
    const message = error instanceof Error ? error.message : String(error);
    return { skipped: `it failed: ${message.split("\n")[0]}` };
  }
}

/** Browsers, to be closed together. @param {string} executable */
export function browsers(executable) {
  /** @type {Browser[]} */
  const started = [];
  return {
    /** @param {"cpu" | "gpu"} kind */
    async start(kind) {
      const browser = await launch(kind, executable);
      started.push(browser);
      return browser;
    },
    async close() {
      for (const browser of started) await browser.close();
    },
  };
}
