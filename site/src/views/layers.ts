import type { ModelConfig } from "../engine/protocol";

export interface Layer {
  heading?: string; // set on the first layer of a part
  name: string;
  output: string; // shape of one image's output, height × width × channels
  parameters: number;
}

/** The layers of a model, in order, with their output shapes and parameter counts. */
export function layersOf(config: ModelConfig): Layer[] {
  const { latent, hidden, encoder, decoder } = config;
  const [c1, c2, c3, c4] = encoder;
  const conv = (from: number, to: number) => 9 * from * to + to;
  const dense = (from: number, to: number) => from * to + to;
  const flat = 14 * 14 * c4;
  return [
    { heading: "Encoder", name: "conv1 3×3, relu", output: `28 × 28 × ${c1}`, parameters: conv(1, c1) },
    { name: "conv2 3×3, stride 2, relu", output: `14 × 14 × ${c2}`, parameters: conv(c1, c2) },
    { name: "conv3 3×3, relu", output: `14 × 14 × ${c3}`, parameters: conv(c2, c3) },
    { name: "conv4 3×3, relu", output: `14 × 14 × ${c4}`, parameters: conv(c3, c4) },
    { name: "dense, relu", output: String(hidden), parameters: dense(flat, hidden) },
    { name: "z_mean (μ)", output: String(latent), parameters: dense(hidden, latent) },
    { name: "z_log_var (log σ²)", output: String(latent), parameters: dense(hidden, latent) },
    { heading: "Sampling", name: "z = μ + σ·ε", output: String(latent), parameters: 0 },
    { heading: "Decoder", name: "dense, relu", output: `14 × 14 × ${c4}`, parameters: dense(latent, flat) },
    { name: "conv transpose 3×3, stride 2, relu", output: `28 × 28 × ${decoder}`, parameters: conv(c4, decoder) },
    { name: "conv 3×3, sigmoid", output: "28 × 28 × 1", parameters: conv(decoder, 1) },
  ];
}
