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

// Petroff's ten-colour cycle (arXiv 2107.02270), made to be told apart with any
// colour vision; on dark paper the dark half of it is lightened.
const light: Palette = {
  ink: hex("1d2433"),
  paper: hex("ffffff"),
  classes: "3f90da ffa90e bd1f01 94a4a2 832db6 a96b59 e76300 b9ac70 717581 92dadd".split(" ").map(hex),
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
  classes: "5aa6ee ffb42e e8492b aebdbb b56ae6 c98a76 ff7f27 d3c687 8b90a0 a8ecef".split(" ").map(hex),
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
