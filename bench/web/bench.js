import { parseOptions, UsageError, usage } from "./node/options.js";
import { loadAverage, newReport, table, writeAtomically } from "./node/report.js";
import { measure } from "./node/rounds.js";
import { startServer } from "./node/server.js";
import { subjectsOf } from "./node/subjects.js";
import { browsers, openEngine, openPeer, peers } from "./node/systems.js";

/** How much is measured. A peer's slice is one step: it takes seconds. */
const plans = {
  full: { rounds: 5, sliceMs: 2000, encodeMs: 8000, batches: [16, 128], peerBatch: 16 },
  quick: { rounds: 2, sliceMs: 300, encodeMs: 500, batches: [16, 128], peerBatch: 4 },
};
const testDigits = 10_000;

/** Shows what is going on, where somebody may be looking. @param {string} text */
function news(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** @param {ReturnType<typeof parseOptions>} options */
async function run(options) {
  const plan = options.quick ? plans.quick : plans.full;
  const loadBefore = loadAverage();
  const server = await startServer();
  const running = browsers(options.chromium);
  try {
    const browser = await running.start("cpu");
    const subjects = [];
    const skipped = [];
    let reference;
    for (const build of options.builds) {
      for (const workers of options.workers) {
        news(`starting the ${build} build with ${workers} of workers`);
        const engine = await openEngine(browser, server.url, build, workers);
        reference ??= options.peers ? await engine.reference(8) : undefined;
        const { count, ms } = await engine.does.encode(64); // how many digits fit into the time
        const digits = Math.max(64, Math.min(testDigits, Math.round((count / ms) * plan.encodeMs)));
        subjects.push(...subjectsOf(engine, { batches: plan.batches, sliceMs: plan.sliceMs, digits }));
      }
    }
    for (const peer of reference ? peers : []) {
      const name = `${peer.library} ${peer.backend}`;
      news(`starting ${name}`);
      const peerBrowser = await running.start(peer.browser);
      const opened = await openPeer(peerBrowser, server.url, peer, /** @type {any} */ (reference), options.peerSeconds);
      if ("skipped" in opened) skipped.push({ system: name, why: opened.skipped });
      else subjects.push(...subjectsOf(opened, { batches: [plan.peerBatch], sliceMs: 0, digits: 16 }));
    }
    const measured = await measure(subjects, plan.rounds, news);
    news("");
    const chromium = browser.version();
    return newReport(measured, skipped, { chromium, quick: options.quick, loadBefore, cores: options.cores });
  } finally {
    await running.close();
    server.stop();
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(usage);
  } else {
    const report = await run(options);
    process.stdout.write(table(report));
    writeAtomically(options.out, `${JSON.stringify(report, null, 1)}\n`);
  }
} catch (error) {
  news("");
  console.error(`bench-web: ${error instanceof Error ? error.message : error}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
