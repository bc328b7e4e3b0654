// What every peer shares: the seed's model as numbers, and something to train it on.

export const pixels = 784;
export const features = 14 * 14 * 64;
export const latent = 2;

/** The largest logit that matters: the book's loss clips p to [1e-7, 1 − 1e-7]. */
export const logitLimit = Math.log((1 - 1e-7) / 1e-7);
/** RMSprop as in Keras 2.2–2.10. */
export const rmsprop = { learningRate: 1e-3, decay: 0.9, epsilon: 1e-7 };
/** Factor of the mean over latent dimensions of 1 + log σ² − μ² − σ². */
export const klWeight = -5e-4;

export interface Tensor {
  shape: number[];
  values: Float32Array;
}

/** The tensors of a .safetensors file of float32, by name. */
export function readSafetensors(file: ArrayBuffer): Map<string, Tensor> {
  const length = Number(new DataView(file).getBigUint64(0, true));
  const header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> = JSON.parse(
    new TextDecoder().decode(new Uint8Array(file, 8, length)),
  );
  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype, shape, data_offsets: at }] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    if (dtype !== "F32") throw new Error(`weights: tensor "${name}" is ${dtype}, want F32`);
    tensors.set(name, { shape, values: new Float32Array(file.slice(8 + length + at[0], 8 + length + at[1])) });
  }
  return tensors;
}

/** n × 784 in [0, 1]: soft discs of various places and sizes, as the native benchmark draws them. */
export function discs(n: number): Float32Array {
  const all = new Float32Array(n * pixels);
  for (let i = 0; i < n; i++) {
    const x = 8 + (i % 13);
    const y = 8 + (Math.floor(i / 13) % 13);
    for (let p = 0; p < pixels; p++) {
      const distance = Math.hypot((p % 28) - x, Math.floor(p / 28) - y);
      all[i * pixels + p] = 1 / (1 + Math.exp(2 * (distance - 2 - (i % 5))));
    }
  }
  return all;
}

/** Standard normal values (Box–Muller). */
export function normals(n: number): Float32Array {
  return Float32Array.from({ length: n }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
    return radius * Math.cos(2 * Math.PI * Math.random());
  });
}

/** side × side points over the standard normal's bulk, row by row. */
export function grid(side: number): Float32Array {
  const at = (i: number) => -2 + (4 * i) / (side - 1);
  const z = new Float32Array(side * side * latent);
  for (let i = 0; i < side * side; i++) z.set([at(i % side), at(Math.floor(i / side))], i * latent);
  return z;
}

/** Reorders axes of a row-major tensor: axis i of the result is axis order[i] of x. */
export function transposed({ shape, values }: Tensor, order: number[]): Tensor {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const to = order.map((axis) => shape[axis]!);
  const out = new Float32Array(values.length);
  const index = to.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    out[i] = values[order.reduce((sum, axis, k) => sum + index[k]! * strides[axis]!, 0)]!;
    for (let k = to.length - 1; k >= 0 && ++index[k]! === to[k]; k--) index[k] = 0;
  }
  return { shape: to, values: out };
}
