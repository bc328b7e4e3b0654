import type { ModelConfig, TrainSettings } from "../engine/protocol";

/** Fields of the training form; the engine checks the same ranges again. */
export type FieldName =
  | "from"
  | "objective"
  | "beta"
  | "optimizer"
  | "learningRate"
  | "batch"
  | "epochs"
  | "images"
  | "seed"
  | "latent";

export type FieldErrors = Partial<Record<FieldName, string>>;

interface Range {
  name: string;
  low: number;
  high: number;
  whole: boolean;
}

export const ranges: Record<Exclude<FieldName, "from" | "objective" | "optimizer">, Range> = {
  beta: { name: "β", low: 0, high: 100, whole: false },
  learningRate: { name: "The learning rate", low: 0.000001, high: 1, whole: false },
  batch: { name: "The batch", low: 1, high: 1024, whole: true },
  epochs: { name: "The number of epochs", low: 1, high: 1000, whole: true },
  images: { name: "The number of images", low: 1000, high: 60000, whole: true },
  seed: { name: "The seed", low: 0, high: Number.MAX_SAFE_INTEGER, whole: true },
  latent: { name: "The latent size", low: 1, high: 128, whole: true },
};

const choices = {
  from: ["scratch", "loaded"],
  objective: ["seed", "elbo"],
  optimizer: ["rmsprop", "rmsprop-keras3", "adam"],
} as const;

/** What is typed in the form, as text. */
export type FormText = Record<FieldName, string>;

export function textOf(settings: TrainSettings): FormText {
  return {
    from: settings.from,
    objective: settings.objective,
    beta: String(settings.beta),
    optimizer: settings.optimizer,
    learningRate: String(settings.learningRate),
    batch: String(settings.batch),
    epochs: String(settings.epochs),
    images: String(settings.images),
    seed: String(settings.seed),
    latent: String(settings.model.latent),
  };
}

/** A number out of what people type: spaces, thousands separators and scientific notation are fine. */
export function readNumber(text: string): number {
  const bare = text.trim().replace(/[\s_,’']/g, "");
  return bare === "" ? Number.NaN : Number(bare);
}

function checkNumber(field: keyof typeof ranges, text: string): { value: number; error?: string } {
  const { name, low, high, whole } = ranges[field];
  const value = readNumber(text);
  if (!Number.isFinite(value)) return { value, error: `${name} must be a number.` };
  if (whole && !Number.isInteger(value)) return { value, error: `${name} must be a whole number.` };
  if (value < low || value > high) {
    const upper = high === Number.MAX_SAFE_INTEGER ? "2⁵³ − 1" : high.toLocaleString("en");
    const lower = low < 0.001 && low > 0 ? String(low) : low.toLocaleString("en");
    return { value, error: `${name} must be from ${lower} to ${upper}.` };
  }
  return { value };
}

/**
 * Settings out of the form's text. Every field that is wrong has a message; its value
 * then stays the one of `last`. `loaded` is the config of the current model, used by "from loaded".
 */
export function readSettings(
  text: FormText,
  last: TrainSettings,
  loaded?: ModelConfig,
): { settings: TrainSettings; errors: FieldErrors } {
  const errors: FieldErrors = {};
  const settings: TrainSettings = structuredClone(last);
  for (const field of ["from", "objective", "optimizer"] as const) {
    const allowed: readonly string[] = choices[field];
    if (allowed.includes(text[field])) Object.assign(settings, { [field]: text[field] });
    else errors[field] = `Choose one of ${allowed.join(", ")}.`;
  }
  for (const field of Object.keys(ranges) as (keyof typeof ranges)[]) {
    if (field === "beta" && settings.objective !== "elbo") continue;
    if (field === "latent" && settings.from === "loaded") continue;
    const { value, error } = checkNumber(field, text[field]);
    if (error !== undefined) errors[field] = error;
    else if (field === "latent") settings.model = { ...settings.model, latent: value };
    else settings[field] = value;
  }
  if (settings.from === "loaded") {
    if (loaded) settings.model = structuredClone(loaded);
    else errors.from = "No weights are loaded yet: start from scratch.";
  }
  if (errors.batch === undefined && errors.images === undefined && settings.batch > settings.images) {
    errors.batch = "The batch cannot be larger than the number of images.";
  }
  return { settings, errors };
}
