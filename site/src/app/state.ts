import type { TrainSettings } from "../engine/protocol";

export type ThemeChoice = "system" | "light" | "dark";
export type Spacing = "quantile" | "even";
export type LossUnit = "pixel" | "nats";

/** What a person can set on the page and share as an address; nothing that the engine computes. */
export interface State {
  theme: ThemeChoice;
  samples: { n: number; seed: number; temperature: number };
  map: {
    z: number[]; // the pinned point; as long as the latent size, missing entries are 0
    axes: [number, number]; // which latent dimensions the map shows
    hidden: number[]; // classes hidden in the scatter
    manifold: boolean;
    scatter: boolean;
    spacing: Spacing;
  };
  train: TrainSettings;
  unit: LossUnit;
}

/** The book's listing. */
export const bookSettings: TrainSettings = {
  from: "scratch",
  model: { latent: 2, hidden: 32, encoder: [32, 64, 64, 64], decoder: 32 },
  objective: "seed",
  beta: 1,
  optimizer: "rmsprop",
  learningRate: 0.001,
  batch: 16,
  epochs: 10,
  images: 60000,
  seed: 1,
};

/** β = 1 with the right sampling, Adam and a larger batch. */
export const elboSettings: TrainSettings = { ...bookSettings, objective: "elbo", optimizer: "adam", batch: 128 };

export type PresetName = "book" | "elbo";
export const presets: Record<PresetName, TrainSettings> = { book: bookSettings, elbo: elboSettings };

/** The preset that `settings` agree with where presets differ, whatever the size of the run; undefined if none. */
export function presetOf(settings: TrainSettings): PresetName | undefined {
  const names: PresetName[] = ["book", "elbo"];
  return names.find((name) => {
    const preset = presets[name];
    return (
      settings.objective === preset.objective &&
      settings.optimizer === preset.optimizer &&
      settings.learningRate === preset.learningRate &&
      settings.batch === preset.batch &&
      (preset.objective === "seed" || settings.beta === preset.beta)
    );
  });
}

export function defaultState(): State {
  return {
    theme: "system",
    samples: { n: 64, seed: 1, temperature: 1 },
    map: { z: [], axes: [0, 1], hidden: [], manifold: true, scatter: true, spacing: "quantile" },
    train: structuredClone(bookSettings),
    unit: "pixel",
  };
}
