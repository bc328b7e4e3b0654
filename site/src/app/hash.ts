import { readSettings, textOf } from "./settings";
import { defaultState, type State } from "./state";

// The address carries only what differs from the default, in short readable
// names: #n=36&z=0.5,-1.2&objective=elbo. What cannot be read is left out, so
// that an old or mistyped link still opens the page.

const round = (x: number): string => String(Math.round(x * 1000) / 1000);

function numbers(text: string | null): number[] {
  if (text === null || text === "") return [];
  const list = text.split(",").map(Number);
  return list.every(Number.isFinite) ? list : [];
}

function within(text: string | null, low: number, high: number, otherwise: number, whole = true): number {
  const value = text === null || text === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value) || value < low || value > high) return otherwise;
  return whole && !Number.isInteger(value) ? otherwise : value;
}

function flat(state: State): Record<string, string> {
  const { samples, map } = state;
  const trimmed = map.z.map(round);
  while (trimmed.length > 0 && trimmed[trimmed.length - 1] === "0") trimmed.pop();
  return {
    theme: state.theme,
    n: String(samples.n),
    sampleSeed: String(samples.seed),
    temperature: round(samples.temperature),
    z: trimmed.join(","),
    axes: map.axes.map((axis) => axis + 1).join(","),
    hide: map.hidden.join(","),
    manifold: map.manifold ? "1" : "0",
    scatter: map.scatter ? "1" : "0",
    spacing: map.spacing,
    unit: state.unit,
    ...textOf(state.train),
  };
}

/** The hash without "#"; empty for the default state. */
export function hashOf(state: State): string {
  const base = flat(defaultState());
  return Object.entries(flat(state))
    .filter(([name, value]) => base[name] !== value)
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2C", ",")}`)
    .join("&");
}

/** The state that a hash stands for; anything missing or unreadable is the default. */
export function stateOf(hash: string): State {
  const words = new URLSearchParams(hash.replace(/^#/, ""));
  const state = defaultState();
  const theme = words.get("theme");
  if (theme === "light" || theme === "dark") state.theme = theme;
  const { samples, map } = state;
  const n = within(words.get("n"), 1, 400, samples.n);
  if (Number.isInteger(Math.sqrt(n))) samples.n = n;
  samples.seed = within(words.get("sampleSeed"), 0, Number.MAX_SAFE_INTEGER, samples.seed);
  samples.temperature = within(words.get("temperature"), 0, 2, samples.temperature, false);
  map.z = numbers(words.get("z"))
    .slice(0, 128)
    .map((x) => Math.max(-6, Math.min(6, x)));
  const axes = numbers(words.get("axes")).map((axis) => axis - 1);
  if (axes.length === 2 && axes.every((a) => Number.isInteger(a) && a >= 0 && a < 128) && axes[0] !== axes[1]) {
    map.axes = [axes[0]!, axes[1]!];
  }
  const hidden = numbers(words.get("hide")).filter((c) => Number.isInteger(c) && c >= 0 && c <= 9);
  map.hidden = [...new Set(hidden)].sort((a, b) => a - b);
  if (words.get("manifold") === "0") map.manifold = false;
  if (words.get("scatter") === "0") map.scatter = false;
  if (words.get("spacing") === "even") map.spacing = "even";
  if (words.get("unit") === "nats") state.unit = "nats";
  const text = textOf(state.train);
  for (const field of Object.keys(text) as (keyof typeof text)[]) {
    const value = words.get(field);
    if (value !== null) text[field] = value;
  }
  state.train = readSettings(text, state.train, state.train.model).settings;
  return state;
}
