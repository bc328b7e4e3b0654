/** @typedef {{ mean: number, sd: number, min: number, max: number, runs: number, values: number[] }} Statistics */

/** The relative standard deviation above which a figure is not to be relied on. */
export const noisySpread = 0.1;

/**
 * Describes values, of which there is at least one; sd is the sample's (n − 1), 0 for a single value.
 * @param {number[]} values
 * @returns {Statistics}
 */
export function summarise(values) {
  const n = values.length;
  const mean = values.reduce((sum, v) => sum + v, 0) / n;
  const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  const sd = n > 1 ? Math.sqrt(squares / (n - 1)) : 0;
  return { mean, sd, min: Math.min(...values), max: Math.max(...values), runs: n, values };
}

/** @param {Statistics} s */
export const noisy = (s) => s.sd > noisySpread * s.mean;

/**
 * Three significant digits; whole numbers with commas.
 * @param {number} x
 */
export function significant(x) {
  if (x >= 100) return Math.round(x).toLocaleString("en-GB");
  return x === 0 ? "0" : String(Number(x.toPrecision(3)));
}

/** @param {Statistics} s */
export const meanText = (s) => `${significant(s.mean)} ± ${significant(s.sd)}`;
