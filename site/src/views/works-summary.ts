import type { FeatureMaps } from "../engine/protocol";
import { klByAxis, type Passage, pictureOf, sigmasOf } from "./works-stages";

// The pictures in words and numbers, for those who do not see them.

const signed = (x: number): string => (x < 0 ? "−" : "") + Math.abs(x).toFixed(2);
const list = (values: ArrayLike<number>, most = 4): string => {
  const shown = Array.from(values).slice(0, most).map(signed).join(", ");
  return values.length > most ? `${shown}, …` : shown;
};

/** One channel in numbers: its highest value, its mean, and what part of it is not 0. */
export function channelFacts(maps: FeatureMaps, channel: number): { peak: number; mean: number; active: number } {
  let [peak, sum, active] = [0, 0, 0];
  for (let i = channel; i < maps.values.length; i += maps.channels) {
    const value = maps.values[i]!;
    peak = Math.max(peak, value);
    sum += value;
    if (value > 0) active++;
  }
  const n = maps.side * maps.side;
  return { peak: (peak / 255) * maps.peak, mean: (sum / n / 255) * maps.peak, active: active / n };
}

/** The channel with the highest mean. */
export function strongestChannel(maps: FeatureMaps): number {
  const sums = new Float64Array(maps.channels);
  for (let i = 0; i < maps.values.length; i++) sums[i % maps.channels]! += maps.values[i]!;
  return sums.indexOf(Math.max(...sums));
}

/** The shape of a stage's output. */
export function shapeOf(id: string, passage: Passage): string {
  const picture = pictureOf(id, passage);
  switch (picture.kind) {
    case "maps":
      return `${picture.maps.side} × ${picture.maps.side} × ${picture.maps.channels}`;
    case "bars":
      return `${picture.values.length} units`;
    case "posterior":
      return picture.z ? `${picture.z.length} values` : `2 × ${picture.mean.length} values`;
    case "cost":
      return `${(passage.layers.reconstruction + passage.layers.kl).toFixed(1)} nats`;
    default:
      return "28 × 28";
  }
}

/** What a stage shows, in one sentence. */
export function summaryOf(id: string, passage: Passage): string {
  const { layers } = passage;
  const picture = pictureOf(id, passage);
  switch (picture.kind) {
    case "maps": {
      const { maps } = picture;
      const active = maps.values.reduce((n, value) => n + Number(value > 0), 0) / maps.values.length;
      return `${Math.round(active * 100)} % of the values are active, the highest is ${maps.peak.toFixed(2)}; channel ${strongestChannel(maps) + 1} is strongest on average.`;
    }
    case "bars": {
      const active = picture.values.reduce((n, value) => n + Number(value > 0), 0);
      return `${active} of ${picture.values.length} units are active, the highest is ${Math.max(...picture.values).toFixed(2)}.`;
    }
    case "posterior":
      return picture.z
        ? `ε = (${list(passage.eps)}), z = (${list(picture.z)}).`
        : `μ = (${list(picture.mean)}), σ = (${list(picture.sigma)}).`;
    case "cost":
      return `Reconstruction ${layers.reconstruction.toFixed(1)} nats, KL ${layers.kl.toFixed(2)} nats, ELBO ${signed(-(layers.reconstruction + layers.kl))} nats.`;
    default: {
      const ink = picture.pixels.reduce((sum, value) => sum + value, 0) / picture.pixels.length / 255;
      return `${Math.round(ink * 100)} % of the area is ink.`;
    }
  }
}

/** A stage's values as a table: a head and rows. */
export function tableOf(id: string, passage: Passage): { head: string[]; rows: string[][] } {
  const picture = pictureOf(id, passage);
  const { layers, eps } = passage;
  switch (picture.kind) {
    case "maps":
      return {
        head: ["Channel", "Highest", "Mean", "Active"],
        rows: Array.from({ length: picture.maps.channels }, (_, c) => {
          const { peak, mean, active } = channelFacts(picture.maps, c);
          return [String(c + 1), peak.toFixed(3), mean.toFixed(3), `${Math.round(active * 100)} %`];
        }),
      };
    case "bars":
      return { head: ["Unit", "Value"], rows: Array.from(picture.values, (v, i) => [String(i + 1), v.toFixed(3)]) };
    case "posterior": {
      const sigma = sigmasOf(passage);
      return {
        head: ["Axis", "μ", "σ", "ε", "z"],
        rows: Array.from(layers.mean, (m, i) => [`z${i + 1}`, ...[m, sigma[i]!, eps[i]!, layers.z[i]!].map(signed)]),
      };
    }
    case "cost":
      return {
        head: ["Part", "Nats"],
        rows: [
          ["Reconstruction", layers.reconstruction.toFixed(2)],
          ...klByAxis(passage).map((kl, i) => [`KL of z${i + 1}`, kl.toFixed(3)]),
          ["ELBO = −(reconstruction + KL)", signed(-(layers.reconstruction + layers.kl))],
        ],
      };
    default:
      return { head: ["Row", "Ink"], rows: inkByRow(picture.pixels) };
  }
}

const inkByRow = (pixels: Uint8Array): string[][] =>
  Array.from({ length: 28 }, (_, y) => {
    const row = pixels.subarray(y * 28, (y + 1) * 28);
    return [String(y + 1), `${Math.round((row.reduce((sum, v) => sum + v, 0) / 28 / 255) * 100)} %`];
  });
