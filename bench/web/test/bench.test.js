// @ts-nocheck: its stand-ins for systems are not whole
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseOptions, UsageError, workerCounts } from "../node/options.js";
import { newReport, table, writeAtomically } from "../node/report.js";
import { measure } from "../node/rounds.js";
import { noisy, significant, summarise } from "../node/statistics.js";
import { Budget, subjectsOf, units } from "../node/subjects.js";
import { grid, readSafetensors, transposed } from "../pages/model.ts";

/** A system that notes what it is asked for; training takes `ms` for 16 images. */
function system(name, log, { ms = 1000, ...rest } = {}) {
  const does = {};
  for (const kind of ["train", "decode", "manifold", "encode"]) {
    does[kind] = async () => {
      log.push(`${name} ${kind}`);
      return { count: kind === "train" ? 16 : 1, ms };
    };
  }
  return { name, version: "1", device: "a device", does, close: async () => log.push(`${name} closed`), ...rest };
}
const plan = { batches: [16], sliceMs: 0, digits: 100 };
const silent = () => {};

test("statistics", () => {
  const s = summarise([1, 2, 3]);
  expect(s).toMatchObject({ mean: 2, sd: 1, min: 1, max: 3, runs: 3 });
  expect(noisy(s)).toBe(true);
  expect(noisy(summarise([100, 101]))).toBe(false);
  expect(summarise([5]).sd).toBe(0);
  expect([0.012345, 1.6, 99.96, 1234.5].map(significant)).toEqual(["0.0123", "1.6", "100", "1,235"]);
});

test("figures from times", () => {
  expect(units.train.of({ count: 500, ms: 2000 })).toBe(250);
  expect(units.decode.of({ count: 4, ms: 2 })).toBe(0.5);
  expect(units.encode.of({ count: 5000, ms: 4000 })).toBe(8);
});

test("subjects take turns, each warmed up once", async () => {
  const log = [];
  const subjects = [system("a", log), system("b", log)].map((s) => subjectsOf(s, plan)[0]);
  const measured = await measure(subjects, 2, silent);
  expect(log.join(" ")).toBe("a train a train b train b train a train b train");
  expect(measured.map(({ values }) => values)).toEqual([[16, 16], [16, 16]]); // biome-ignore format: pairs
});

test("a peer that is too slow or fails is left out, and the report says why", async () => {
  const log = [];
  const slow = system("slow", log, { budget: new Budget(50) });
  slow.does.train = () => new Promise(() => {});
  const broken = system("broken", log, { budget: new Budget(1000) });
  broken.does.decode = async () => Promise.reject(new Error("no such kernel\nand more"));
  const measured = await measure(
    [slow, broken].flatMap((s) => subjectsOf(s, plan)),
    2,
    silent,
  );
  const report = newReport(measured, [], { chromium: "1", quick: false, loadBefore: 0, cores: 2 });
  expect(log).toContain("slow closed");
  expect(report.skipped).toContainEqual({ system: "slow, training, batch 16", why: "its time is used up" });
  expect(report.skipped).toContainEqual({ system: "broken, decode one z", why: "no such kernel" });
  expect(report.results.map(({ system: of, kind, runs }) => [of, kind, runs])).toEqual([["broken", "train", 1]]);
});

test("our own engine's failure ends the benchmark", async () => {
  const ours = system("ours", []);
  ours.does.train = async () => Promise.reject(new Error("the worker died"));
  await expect(measure(subjectsOf(ours, plan), 1, silent)).rejects.toThrow("the worker died");
});

test("the table", async () => {
  const ours = system("VAE Lab (fma)", [], { workers: 2, build: "fma", ms: 20 });
  const measured = await measure(subjectsOf(ours, plan), 2, silent);
  measured[0].values = [400, 800];
  const skipped = [{ system: "TF.js webgpu", why: "no adapter" }];
  const text = table(newReport(measured, skipped, { chromium: "156", quick: true, loadBefore: 1, cores: 2 }));
  for (const want of ["600 ± 283", "400 … 800", "noisy", "TF.js webgpu: no adapter", "not for quoting", "for 1 of 4"]) {
    expect(text).toContain(want);
  }
});

test("options", () => {
  expect(parseOptions(["--quick", "--no-peers", "--workers", "1,4"])).toMatchObject({ quick: true, peers: false, workers: [1, 4] }); // biome-ignore format: one thought
  expect([1, 2, 3, 8, 64].map(workerCounts)).toEqual([[1], [1, 2], [1, 2, 3], [1, 2, 4, 8], [1, 2, 4, 8]]);
  for (const args of [["--workers", "0"], ["--builds", "fast"], ["--peer-seconds", "-1"], ["--no-such"]]) {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(args[0]);
  }
});

test("results are written whole, over old ones, with nothing left beside them", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-web-"));
  const file = join(folder, "results.json");
  writeAtomically(file, "old");
  writeAtomically(file, "new");
  expect(readFileSync(file, "utf8")).toBe("new");
  expect(() => writeAtomically(folder, "x")).toThrow();
  expect(readdirSync(folder)).toEqual(["results.json"]);
  rmSync(folder, { recursive: true });
});

test("what peers share", () => {
  const t = transposed({ shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) }, [1, 0]);
  expect([t.shape, [...t.values]]).toEqual([[3, 2], [1, 4, 2, 5, 3, 6]]); // biome-ignore format: a pair
  expect([...grid(2)]).toEqual([-2, -2, 2, -2, -2, 2, 2, 2]);
  const header = new TextEncoder().encode('{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}');
  const file = new Uint8Array(8 + header.length + 8);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  file.set(new Uint8Array(Float32Array.of(1.5, -2).buffer), 8 + header.length);
  expect([...readSafetensors(file.buffer).get("w").values]).toEqual([1.5, -2]);
});
