import * as jax from "@jax-js/jax";
import { lax, nn, numpy as np, tree } from "@jax-js/jax";
import { features, klWeight, latent, logitLimit, rmsprop, type Tensor, transposed } from "./model";
import { type Peer, type StartPeer, Unavailable } from "./peer";

// jax-js counts references: a function consumes its arguments, .ref keeps one alive.

type Weights = { [name: string]: np.Array };

/** jax-js on one of its devices, its step compiled as a whole. */
export const startJax: StartPeer = async (backend, tensors): Promise<Peer> => {
  const device = backend as jax.Device;
  if (!(await jax.init(device)).includes(device))
    throw new Unavailable(`jax-js cannot start its ${backend} device here`);
  jax.defaultDevice(device);
  const encoder: Weights = {};
  const decoder: Weights = {};
  for (const [name, tensor] of tensors) {
    (name.startsWith("enc/") ? encoder : decoder)[name] = array(channelsFirst(name, tensor));
  }
  let weights = { encoder, decoder };
  let squares = tree.map((w: np.Array) => np.zerosLike(w), tree.ref(weights)) as typeof weights;
  const run = {
    step: jax.jit(step),
    decode: jax.jit((w: Weights, z: np.Array) => nn.sigmoid(decode(w, z))),
    encode: jax.jit((w: Weights, x: np.Array) => {
      const { mean, logVar } = encode(w, x);
      logVar.dispose();
      return mean;
    }),
  };
  return {
    version: __JAX_VERSION__,
    device: backend === "wasm" ? `compiled to wasm, ${navigator.hardwareConcurrency} threads` : backend,
    async step(pixels, noise) {
      const n = noise.length / latent;
      const x = array({ shape: [n, 1, 28, 28], values: pixels });
      const next = run.step(weights, squares, x, array({ shape: [n, latent], values: noise }));
      [, weights, squares] = next;
      await jax.blockUntilReady([weights, squares]);
      return (await next[0].data())[0]!;
    },
    decode: async (z) =>
      (await run
        .decode(tree.ref(weights.decoder), array({ shape: [z.length / latent, latent], values: z }))
        .data()) as Float32Array,
    encode: async (x) =>
      (await run
        .encode(tree.ref(weights.encoder), array({ shape: [x.length / 784, 1, 28, 28], values: x }))
        .data()) as Float32Array,
  };
};

const array = ({ shape, values }: Tensor): np.Array =>
  np.array(values as Float32Array<ArrayBuffer>, { shape, dtype: np.float32 });

/** From Keras' layouts to those of jax-js: kernels O, I, H, W; features C, H, W. */
function channelsFirst(name: string, tensor: Tensor): Tensor {
  const { shape, values } = tensor;
  switch (name) {
    case "enc/dense/kernel": {
      const blocks = transposed({ shape: [14, 14, 64, shape[1]!], values }, [2, 0, 1, 3]);
      return { shape, values: blocks.values };
    }
    case "dec/dense/kernel":
      return { shape, values: transposed({ shape: [shape[0]!, 14, 14, 64], values }, [0, 3, 1, 2]).values };
    case "dec/dense/bias":
      return { shape, values: transposed({ shape: [14, 14, 64], values }, [2, 0, 1]).values };
    case "dec/deconv/kernel": {
      // H, W, O, I; turned by 180°, because the transposed convolution is written as one of the dilated input.
      const turned = new Float32Array(values.length);
      const tap = values.length / 9;
      for (let k = 0; k < 9; k++) turned.set(values.subarray(k * tap, (k + 1) * tap), (8 - k) * tap);
      return transposed({ shape, values: turned }, [2, 3, 0, 1]);
    }
  }
  return shape.length === 4 ? transposed(tensor, [3, 2, 0, 1]) : tensor; // H, W, I, O → O, I, H, W
}

type Pads = [number, number][];

function conv(w: Weights, name: string, x: np.Array, stride: number, padding: Pads, lhsDilation = [1, 1]): np.Array {
  const y = lax.convGeneralDilated(x, w[`${name}/kernel`]!, [stride, stride], padding, { lhsDilation });
  return y.add(w[`${name}/bias`]!.reshape([1, -1, 1, 1]));
}

const dense = (w: Weights, name: string, x: np.Array): np.Array =>
  np.matmul(x, w[`${name}/kernel`]!).add(w[`${name}/bias`]!);

const around: Pads = [[1, 1], [1, 1]]; // biome-ignore format: a pair of pairs
const after: Pads = [[0, 1], [0, 1]]; // biome-ignore format: a pair of pairs
const transposing: Pads = [[2, 1], [2, 1]]; // biome-ignore format: a pair of pairs

function encode(w: Weights, x: np.Array): { mean: np.Array; logVar: np.Array } {
  let h = nn.relu(conv(w, "enc/conv1", x, 1, around));
  h = nn.relu(conv(w, "enc/conv2", h, 2, after));
  h = nn.relu(conv(w, "enc/conv3", h, 1, around));
  h = nn.relu(conv(w, "enc/conv4", h, 1, around));
  h = nn.relu(dense(w, "enc/dense", h.reshape([-1, features])));
  return { mean: dense(w, "enc/z_mean", h.ref), logVar: dense(w, "enc/z_log_var", h) };
}

/** Logits, n × 1 × 28 × 28. */
function decode(w: Weights, z: np.Array): np.Array {
  const h = nn.relu(dense(w, "dec/dense", z)).reshape([-1, 64, 14, 14]);
  const wide = nn.relu(conv(w, "dec/deconv", h, 1, transposing, [2, 2]));
  return conv(w, "dec/conv", wide, 1, around);
}

function seedLoss(w: { encoder: Weights; decoder: Weights }, x: np.Array, eps: np.Array): np.Array {
  const { mean, logVar } = encode(w.encoder, x.ref);
  const z = mean.ref.add(np.exp(logVar.ref).mul(eps));
  const logits = np.clip(decode(w.decoder, z), -logitLimit, logitLimit);
  const reconstruction = np.mean(nn.softplus(logits.ref).sub(logits.mul(x)));
  const kl = np.mean(logVar.ref.add(1).sub(np.square(mean)).sub(np.exp(logVar)));
  return reconstruction.add(kl.mul(klWeight));
}

type State = { encoder: Weights; decoder: Weights };

function step(weights: State, squares: State, x: np.Array, eps: np.Array): [np.Array, State, State] {
  const { learningRate, decay, epsilon } = rmsprop;
  const [loss, gradient] = jax.valueAndGrad(seedLoss)(tree.ref(weights), x, eps) as unknown as [np.Array, State];
  const nextSquares = tree.map(
    (a: np.Array, g: np.Array) => a.mul(decay).add(np.square(g).mul(1 - decay)),
    squares,
    tree.ref(gradient),
  ) as State;
  const next = tree.map(
    (w: np.Array, g: np.Array, a: np.Array) => w.sub(g.mul(learningRate).div(np.sqrt(a).add(epsilon))),
    weights,
    gradient,
    tree.ref(nextSquares),
  ) as State;
  return [loss, next, nextSquares];
}
