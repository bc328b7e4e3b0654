import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

/** What the engine starts at most. */
const maxWorkers = 8;

export const usage = `usage: node bench.js [options]

Measures the engine of the built page (site/dist) in headless Chromium, in each build
and with 1 to as many workers as the machine has cores, and TF.js and jax-js beside it.

  --quick              few and short rounds: a smoke test
  --no-peers           the engine only
  --workers LIST       numbers of workers, 1–${maxWorkers} (1, 2, 4, … and the cores)
  --builds LIST        of fma, simd, scalar (all)
  --peer-seconds N     what each peer may take in all (60)
  --out FILE           raw results as JSON (results.json beside this program)
  --chromium PATH      the browser (/usr/bin/chromium)
  --help               this text
`;

/** A mistake in the command line. */
export class UsageError extends Error {}

/** @param {string[]} args */
export function parseOptions(args) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        quick: { type: "boolean", default: false },
        "no-peers": { type: "boolean", default: false },
        workers: { type: "string" },
        builds: { type: "string", default: "fma,simd,scalar" },
        "peer-seconds": { type: "string", default: "60" },
        out: { type: "string", default: join(import.meta.dirname, "../results.json") },
        chromium: { type: "string", default: "/usr/bin/chromium" },
        help: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const cores = availableParallelism();
  return {
    quick: values.quick,
    peers: !values["no-peers"],
    workers: values.workers === undefined ? workerCounts(cores) : parseWorkers(values.workers),
    builds: parseBuilds(values.builds),
    peerSeconds: parseSeconds(values["peer-seconds"]),
    out: values.out,
    chromium: values.chromium,
    help: values.help,
    cores,
  };
}

/**
 * 1, 2, 4, … and the number of cores, as far as the engine goes.
 * @param {number} cores
 */
export function workerCounts(cores) {
  const most = Math.min(maxWorkers, cores);
  return [1, 2, 4, 8].filter((n) => n < most).concat(most);
}

/** @param {string} list */
function parseWorkers(list) {
  const counts = list.split(",").map(Number);
  if (counts.every((n) => Number.isInteger(n) && n >= 1 && n <= maxWorkers)) return [...new Set(counts)];
  throw new UsageError(`--workers ${list}: want numbers from 1 to ${maxWorkers}, for instance --workers 1,2`);
}

/** @param {string} list */
function parseBuilds(list) {
  const builds = list.split(",");
  const unknown = builds.find((build) => !["fma", "simd", "scalar"].includes(build));
  if (unknown === undefined) return [...new Set(builds)];
  throw new UsageError(`--builds ${list}: there is no build "${unknown}": want some of fma,simd,scalar`);
}

/** @param {string} text */
function parseSeconds(text) {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 3600) return seconds;
  throw new UsageError(`--peer-seconds ${text}: want a number of seconds, above 0 and up to 3600`);
}
