import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { meanText, noisy, noisySpread, significant, summarise } from "./statistics.js";
import { title, units } from "./subjects.js";

/** @typedef {import("./subjects.js").Kind} Kind */
/** @typedef {import("./statistics.js").Statistics} Statistics */
/** @typedef {{ name: string, version: string, device: string, workers?: number, build?: string }} SystemReport */
/** @typedef {{ system: string, workers?: number, kind: Kind, batch?: number, unit: string } & Statistics} Result */
/**
 * What is written and printed.
 * @typedef {object} Report
 * @property {string} cpu
 * @property {number} cores
 * @property {string} chromium
 * @property {string} date
 * @property {boolean} quick
 * @property {{ before: number, after: number }} load_average over a minute
 * @property {SystemReport[]} systems
 * @property {Result[]} results
 * @property {{ system: string, why: string }[]} skipped
 */

export const loadAverage = () => Number((loadavg()[0] ?? 0).toFixed(2));

/**
 * @param {import("./rounds.js").Measured[]} measured
 * @param {{ system: string, why: string }[]} skipped
 * @param {{ chromium: string, quick: boolean, loadBefore: number, cores: number }} run
 * @returns {Report}
 */
export function newReport(measured, skipped, { chromium, quick, loadBefore, cores }) {
  const systems = [...new Set(measured.map(({ subject }) => subject.system))];
  const missing = measured
    .filter(({ values }) => values.length === 0)
    .map(({ subject, out }) => ({ system: `${subject.system.name}, ${title(subject)}`, why: out }));
  return {
    cpu: cpus()[0]?.model.trim() ?? process.arch,
    cores,
    chromium,
    date: new Date().toISOString().slice(0, 10),
    quick,
    load_average: { before: loadBefore, after: loadAverage() },
    systems: systems.map(({ name, version, device, workers, build }) => ({
      name,
      version,
      device,
      ...(workers === undefined ? {} : { workers }),
      ...(build === undefined ? {} : { build }),
    })),
    results: measured
      .filter(({ values }) => values.length > 0)
      .map(({ subject: { system, kind, batch }, values }) => ({
        system: system.name,
        ...(system.workers === undefined ? {} : { workers: system.workers }),
        kind,
        ...(batch === undefined ? {} : { batch }),
        unit: units[kind].unit,
        ...rounded(summarise(values)),
      })),
    skipped: [...skipped, ...missing],
  };
}

/** Five digits say all there is to say. @param {Statistics} s @returns {Statistics} */
function rounded({ mean, sd, min, max, runs, values }) {
  const five = (/** @type {number} */ x) => Number(x.toPrecision(5));
  return { mean: five(mean), sd: five(sd), min: five(min), max: five(max), runs, values: values.map(five) };
}

/** @param {Report} report */
export function table(report) {
  const lines = [
    `machine   ${report.cpu}, ${report.cores} cores, load average ${report.load_average.before} before, ${report.load_average.after} after`,
    `browser   Chromium ${report.chromium}`,
  ];
  for (const { name, version, device } of unique(report.systems)) lines.push(`          ${name} ${version}: ${device}`);
  const order = report.results.map((r) => title(r)).filter((t, i, all) => all.indexOf(t) === i);
  const rows = [["", "workers", "mean ± σ", "min … max", "runs", ""]];
  for (const what of order.sort((a, b) => kindOrder(a) - kindOrder(b))) {
    const of = report.results.filter((r) => title(r) === what);
    rows.push([], [`${what}, ${of[0]?.unit}`]);
    for (const r of of) {
      const span = `${significant(r.min)} … ${significant(r.max)}`;
      const workers = r.workers === undefined ? "" : String(r.workers);
      rows.push([`  ${r.system}`, workers, meanText(r), span, String(r.runs), noisy(r) ? "noisy" : ""]);
    }
  }
  const widths = [0, 1, 2, 3, 4, 5].map((i) =>
    Math.max(...rows.filter((row) => row.length > 1).map((row) => row[i]?.length ?? 0)),
  );
  lines.push("");
  for (const row of rows) {
    const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0)));
    lines.push(cells.join("  ").trimEnd());
  }
  if (report.skipped.length > 0) lines.push("");
  for (const { system, why } of report.skipped) lines.push(`skipped: ${system}: ${why}`);
  const loud = report.results.filter(noisy);
  if (loud.length > 0) {
    lines.push(
      "",
      `warning: the machine was noisy, σ is above ${100 * noisySpread} % of the mean for ${loud.length} of ${report.results.length}. Close other programs and measure again.`,
    );
  }
  if (report.quick) lines.push("", "quick: few and short rounds, not for quoting");
  return `${lines.join("\n")}\n`;
}

const kinds = ["training", "decode one", "decode the", "encode"];
/** @param {string} what */
const kindOrder = (what) => kinds.findIndex((kind) => what.startsWith(kind));

/** One for each name: workers differ in nothing but their number. @param {SystemReport[]} systems */
function unique(systems) {
  return systems
    .filter(({ name }, i) => systems.findIndex((other) => other.name === name) === i)
    .map((system) => ({ ...system, device: system.device.replace(/, \d+ workers?$/, "") }));
}

/**
 * Writes the file whole or not at all.
 * @param {string} path
 * @param {string} text
 */
export function writeAtomically(path, text) {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, "w");
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
