export type Rgb = readonly [number, number, number];

/** Colours that canvases need; the rest of the page takes them from CSS. */
export interface Palette {
  ink: Rgb; // a pixel of 1
  paper: Rgb; // a pixel of 0
  classes: readonly Rgb[]; // digits 0–9
  axis: string;
  grid: string;
  cursor: string;
  cursorHalo: string;
  train: string;
  validation: string;
  live: string;
  reference: string;
}

const hex = (text: string): Rgb => [0, 2, 4].map((i) => Number.parseInt(text.slice(i, i + 2), 16)) as unknown as Rgb;

// Ten hues of Petroff's cycle (arXiv 2107.02270), moved apart until the nearest
// two differ by ΔE 20 for people without red or green cones too; test/drawing.test.ts
// measures it.
const light: Palette = {
  ink: hex("1d2433"),
  paper: hex("ffffff"),
  classes: "338cfe e8c400 9b0012 70a988 801eb3 926648 da7300 98d058 625e84 71ccff".split(" ").map(hex),
  axis: "#5b6475",
  grid: "rgba(29, 36, 51, 0.09)",
  cursor: "#12151c",
  cursorHalo: "#ffffff",
  train: "#3556a8",
  validation: "#c2410c",
  live: "rgba(53, 86, 168, 0.45)",
  reference: "#7c8494",
};

const dark: Palette = {
  ink: hex("f2f4f8"),
  paper: hex("161b25"),
  classes: "6e98e9 fed813 dc3c39 86e5b5 a460fc d28a77 ea8b23 d9cc79 6a7a7e 80e1ff".split(" ").map(hex),
  axis: "#a4adbd",
  grid: "rgba(242, 244, 248, 0.10)",
  cursor: "#ffffff",
  cursorHalo: "#0b0e14",
  train: "#8fb0ff",
  validation: "#ff9a5c",
  live: "rgba(143, 176, 255, 0.45)",
  reference: "#8d96a8",
};

export const paletteOf = (isDark: boolean): Palette => (isDark ? dark : light);

export const css = (rgb: Rgb, alpha = 1): string => `rgba(${rgb[0]}, ${rgb[1]}, ${rgb[2]}, ${alpha})`;
