// Measures the built engine in headless Chromium: what a second replica brings, what
// requests cost beside a run, and that neither the number of replicas nor their
// transport changes a bit of the weights.
//
//   node bench/workers.mjs [--dist DIR] [--rounds N] [--seconds N] [--workers 1,2] [--batches 16,128] [--no-idle] [--no-bits] [--chromium PATH] [--json]
//
// The digits are made up: the time of a step does not depend on them.
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { install } from "./workers-page.mjs";

const { values: flags } = parseArgs({
  options: {
    dist: { type: "string", default: join(import.meta.dirname, "../dist") },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
    workers: { type: "string", default: "1,2" },
    batches: { type: "string", default: "16,128" },
    "no-idle": { type: "boolean", default: false },
    "no-bits": { type: "boolean", default: false },
    chromium: { type: "string", default: "/usr/bin/chromium" },
    json: { type: "boolean", default: false },
  },
});
const numbers = (list) => list.split(",").map(Number);
const [rounds, seconds] = [Number(flags.rounds), Number(flags.seconds)];

const trainImages = 4096;
const testImages = 10_000;

function idx(magic, dimensions, n, fill) {
  const bytes = Buffer.alloc(4 + 4 * dimensions.length + n);
  bytes.writeUInt32BE(magic);
  for (const [i, size] of dimensions.entries()) bytes.writeUInt32BE(size, 4 + 4 * i);
  for (let i = 0; i < n; i++) bytes[4 + 4 * dimensions.length + i] = fill(i);
  return gzipSync(bytes, { level: 1 });
}
const stripes = (i) => (i % (13 + (Math.floor(i / 784) % 31)) < 4 ? 200 : 0);
const digits = {};
for (const [name, n] of [
  ["train", trainImages],
  ["t10k", testImages],
]) {
  digits[`/data/${name}-images-idx3-ubyte.gz`] = idx(0x803, [n, 28, 28], n * 784, stripes);
  digits[`/data/${name}-labels-idx1-ubyte.gz`] = idx(0x801, [n], n, (i) => i % 10);
}

const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".json": "application/json",
};

/** Serves the built site, the digits, and an empty page; isolated from other origins or not. */
async function serve(isolated) {
  const server = createServer(({ url }, response) => {
    const path = normalize(new URL(url, "http://localhost").pathname);
    if (isolated) {
      response.setHeader("cross-origin-opener-policy", "same-origin");
      response.setHeader("cross-origin-embedder-policy", "require-corp");
    }
    response.setHeader("content-type", types[extname(path)] ?? "application/octet-stream");
    if (path === "/empty.html") return response.end("<!doctype html><title>bench</title><link rel=icon href=data:,>");
    try {
      response.end(digits[path] ?? readFileSync(join(flags.dist, path)));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

async function open(browser, isolated, workers) {
  const server = await serve(isolated);
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(error.message));
  page.on("console", (message) => message.type() === "error" && console.error(message.text()));
  await page.goto(`${server.url}empty.html`);
  const leader = readdirSync(join(flags.dist, "assets")).find((name) => name.startsWith("leader-"));
  if (!leader) throw new Error(`${flags.dist} holds no built page: run make site first`);
  if ((await page.evaluate(install, leader)) !== isolated)
    throw new Error("the page is not as isolated as it should be");
  const engine = await page.evaluate((n) => window.bench.open(n), workers);
  return { page, engine, close: () => page.close().then(() => server.close()) };
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const browser = await chromium.launch({ executablePath: flags.chromium, args: ["--no-sandbox", "--disable-gpu"] });
try {
  const report = { training: [], idle: [], bits: [] };
  const lab = await open(browser, true, Math.max(...numbers(flags.workers)));
  report.engine = lab.engine;
  const cells = numbers(flags.batches).flatMap((batch) =>
    numbers(flags.workers).map((workers) => ({ batch, workers, runs: [] })),
  );
  for (let round = 0; round < rounds; round++) {
    for (const cell of cells) {
      const { batch, workers } = cell;
      const run = await lab.page.evaluate(([w, b, s]) => window.bench.train(w, b, s), [workers, batch, seconds]);
      cell.runs.push(run);
      console.error(`round ${round + 1}, batch ${batch}, ${workers} workers: ${run.perSecond.toFixed(0)} images/s`);
    }
  }
  for (const { batch, workers, runs } of rounds > 0 ? cells : []) {
    const of = (name) => median(runs.map((run) => run[name]));
    report.training.push({
      batch,
      workers,
      imagesPerSecond: of("perSecond"),
      all: runs.map((run) => Math.round(run.perSecond)),
      fastest: Math.max(...runs.map((run) => run.fastest)),
      decodeMs: of("decode"),
      decodeWorstMs: of("decodeWorst"),
      pauseMs: of("pause"),
    });
  }
  for (const workers of flags["no-idle"] ? [] : numbers(flags.workers)) {
    report.idle.push({
      workers,
      ...(await lab.page.evaluate(([w, e]) => window.bench.idle(w, e), [workers, workers > 1])),
    });
  }
  report.losses = await lab.page.evaluate(() => window.bench.losses);
  if (!flags["no-bits"]) {
    for (const isolated of [true, false]) {
      const one = isolated ? lab : await open(browser, false, 1);
      for (const workers of numbers(flags.workers)) {
        report.bits.push({
          isolated,
          workers,
          bits: await one.page.evaluate((w) => window.bench.bits(w, 128), workers),
        });
      }
      if (one !== lab) await one.close();
    }
  }
  await lab.close();
  if (flags.json) console.log(JSON.stringify(report, null, 2));
  else print(report);
  if (new Set(report.bits.map(({ bits }) => bits)).size > 1) throw new Error("the weights depend on who computed them");
} finally {
  await browser.close();
}

function print({ engine, training, idle, bits, losses }) {
  console.log(`engine: ${engine.kernel}, ${engine.build} build`);
  for (const cell of training) {
    const { batch, workers, all } = cell;
    const one = training.find((other) => other.batch === batch && other.workers === 1);
    const figure = (name) =>
      `${cell[name].toFixed(0)} images/s${one && one !== cell ? ` (${(cell[name] / one[name]).toFixed(2)} × one)` : ""}`;
    console.log(
      `batch ${batch}, ${workers} workers: ${figure("imagesPerSecond")} of ${all.join(", ")}; fastest half second ${figure("fastest")};` +
        ` beside it a decode takes ${cell.decodeMs.toFixed(1)} ms (worst ${cell.decodeWorstMs.toFixed(0)}), a pause ${cell.pauseMs.toFixed(1)} ms`,
    );
  }
  for (const { workers, one, manifold, encode } of idle) {
    console.log(
      `idle, ${workers} workers: one z ${one.toFixed(2)} ms, 20×20 manifold ${manifold.toFixed(0)} ms` +
        `${encode ? `, 10,000 images encoded in ${(encode / 1000).toFixed(1)} s` : ""}`,
    );
  }
  for (const one of bits)
    console.log(`bits with ${one.workers} workers, ${one.isolated ? "shared" : "transferred"}: ${one.bits}`);
  for (const loss of losses) console.log(`lost: ${loss}`);
}
