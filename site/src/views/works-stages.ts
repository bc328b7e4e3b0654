import type { Activations, FeatureMaps, ObjectiveName } from "../engine/protocol";

export type SnippetName =
  | "conv1"
  | "conv2"
  | "conv3"
  | "conv4"
  | "hidden"
  | "heads"
  | "reparameterise"
  | "decoderIn"
  | "deconv"
  | "output"
  | "sigmoid"
  | "convolution"
  | "transposed"
  | "dense"
  | "crossEntropy"
  | "kl";

/** Lines of our own source, and where they stand. */
export interface Snippet {
  where: string;
  code: string;
}

/** One digit on its way through the model. */
export interface Passage {
  pixels: Uint8Array; // 784
  eps: Float32Array; // latent
  objective: ObjectiveName; // whose rule of sampling
  layers: Activations;
}

export type Picture =
  | { kind: "digit"; pixels: Uint8Array }
  | { kind: "maps"; maps: FeatureMaps }
  | { kind: "bars"; values: Float32Array }
  | { kind: "posterior"; mean: ArrayLike<number>; sigma: number[]; z?: ArrayLike<number> }
  | { kind: "cost"; nats: Float32Array }; // 784

export interface StageText {
  id: string;
  part: "Encoder" | "Latent space" | "Decoder" | "Loss";
  name: string;
  about: string; // one or two sentences
  formulas: { text: string; code: SnippetName[] }[];
}

const convolution = "y[p, q, o] = max(0, b[o] + Σ x[s·p + i, s·q + j, c] · w[i, j, c, o])";

/** The stages in the order in which a digit meets them. */
export const stageTexts: readonly StageText[] = [
  {
    id: "input",
    part: "Encoder",
    name: "Input x",
    about: "The digit: 28 × 28 pixels between 0 (paper) and 1 (ink). Nothing else about it is known to the model.",
    formulas: [],
  },
  {
    id: "conv1",
    part: "Encoder",
    name: "conv1",
    about:
      "Each channel slides one filter of 3 × 3 weights over the digit and keeps what is positive. Edges and strokes of one direction light up.",
    formulas: [{ text: `${convolution}, stride s = 1`, code: ["conv1", "convolution"] }],
  },
  {
    id: "conv2",
    part: "Encoder",
    name: "conv2",
    about:
      "The filter moves two pixels at a time, so height and width halve, and each of its outputs mixes all channels before it.",
    formulas: [{ text: `${convolution}, stride s = 2`, code: ["conv2", "convolution"] }],
  },
  {
    id: "conv3",
    part: "Encoder",
    name: "conv3",
    about: "Corners, ends and curves: each value now sees a patch of 9 × 9 pixels of the digit.",
    formulas: [{ text: `${convolution}, stride s = 1`, code: ["conv3", "convolution"] }],
  },
  {
    id: "conv4",
    part: "Encoder",
    name: "conv4",
    about: "The last features that still know where they are: each sees a patch of 13 × 13 pixels.",
    formulas: [{ text: `${convolution}, stride s = 1`, code: ["conv4", "convolution"] }],
  },
  {
    id: "hidden",
    part: "Encoder",
    name: "Dense",
    about:
      "Every feature at every place is weighed into a few units. Most of the model’s parameters are in this layer; place is forgotten here.",
    formulas: [{ text: "h[o] = max(0, b[o] + Σ x[i] · w[i, o])", code: ["hidden", "dense"] }],
  },
  {
    id: "posterior",
    part: "Latent space",
    name: "μ and σ",
    about:
      "The encoder’s answer is a normal distribution over the latent space, not a point: centre μ, width σ on each axis. The ellipses are one and two σ; the dashed circle is the prior’s one σ.",
    formulas: [{ text: "μ = h · Wμ + bμ      log σ² = h · Wσ + bσ", code: ["heads"] }],
  },
  {
    id: "z",
    part: "Latent space",
    name: "Sample z",
    about:
      "z is drawn from that distribution as μ + σ·ε, with the chance in ε alone, so that gradients can flow through μ and σ: the reparameterisation trick. The picture is a close-up of μ, one and two σ, and z.",
    formulas: [{ text: "z = μ + σ · ε,  ε ~ N(0, 1)", code: ["reparameterise"] }],
  },
  {
    id: "decoderIn",
    part: "Decoder",
    name: "Dense",
    about: "From here on the decoder knows only z. A dense layer spreads it over 14 × 14 places again.",
    formulas: [{ text: "u[o] = max(0, b[o] + Σ z[i] · w[i, o])", code: ["decoderIn", "dense"] }],
  },
  {
    id: "deconv",
    part: "Decoder",
    name: "Transposed conv",
    about:
      "The mirror of the strided convolution: every value paints a patch of 3 × 3, two pixels apart, so the size doubles.",
    formulas: [
      {
        text: "y[2p + i, 2q + j, o] += x[p, q, c] · w[i, j, o, c], then max(0, · + b[o])",
        code: ["deconv", "transposed"],
      },
    ],
  },
  {
    id: "output",
    part: "Decoder",
    name: "Output",
    about: "One last convolution, and a sigmoid that makes each value a probability of ink: the reconstruction.",
    formulas: [{ text: "p = 1 / (1 + e⁻ˡ),  l = b + Σ x[p + i, q + j, c] · w[i, j, c]", code: ["output", "sigmoid"] }],
  },
  {
    id: "loss",
    part: "Loss",
    name: "Loss",
    about:
      "What training lowers: how badly the output predicts the input (shown pixel by pixel), and how far the posterior is from the prior.",
    formulas: [
      { text: "reconstruction = −Σ (x · log p + (1 − x) · log(1 − p))", code: ["crossEntropy"] },
      { text: "KL = ½ · Σ (σ² + μ² − 1 − log σ²)", code: ["kl"] },
    ],
  },
];

/** The width that the model samples with: the book’s objective takes exp(log σ²) for σ itself. */
export const sigmasOf = ({ layers, objective }: Passage): number[] =>
  Array.from(layers.logVar, (lv) => Math.exp((objective === "seed" ? 1 : 0.5) * lv));

/** Each latent axis' share of the KL divergence, in nats. */
export const klByAxis = ({ layers }: Passage): number[] =>
  Array.from(layers.logVar, (lv, i) => (Math.exp(lv) + layers.mean[i]! ** 2 - 1 - lv) / 2);

/** Each pixel's share of the reconstruction loss, in nats; probabilities are clipped as in Keras. */
export function costByPixel({ pixels, layers }: Passage): Float32Array {
  return layers.probability.map((probability, i) => {
    const p = Math.min(1 - 1e-7, Math.max(1e-7, probability));
    const x = pixels[i]! / 255;
    return -(x * Math.log(p) + (1 - x) * Math.log(1 - p));
  });
}

export function pictureOf(id: string, passage: Passage): Picture {
  const { layers, pixels } = passage;
  const { mean, z } = layers;
  switch (id) {
    case "conv1":
    case "conv2":
    case "conv3":
    case "conv4":
      return { kind: "maps", maps: layers.conv[(Number(id[4]) - 1) as 0 | 1 | 2 | 3] };
    case "hidden":
      return { kind: "bars", values: layers.hidden };
    case "posterior":
      return { kind: "posterior", mean, sigma: sigmasOf(passage) };
    case "z":
      return { kind: "posterior", mean, sigma: sigmasOf(passage), z };
    case "decoderIn":
      return { kind: "maps", maps: layers.decoderIn };
    case "deconv":
      return { kind: "maps", maps: layers.deconv };
    case "output":
      return { kind: "digit", pixels: Uint8Array.from(layers.probability, (p) => Math.round(p * 255)) };
    case "loss":
      return { kind: "cost", nats: costByPixel(passage) };
    default:
      return { kind: "digit", pixels };
  }
}
