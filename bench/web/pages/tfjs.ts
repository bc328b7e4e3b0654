import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { features, klWeight, latent, logitLimit, rmsprop } from "./model";
import { type Peer, type StartPeer, Unavailable } from "./peer";

type Weights = Record<string, tf.Variable>;

/** TF.js on one of its backends: cpu, wasm, webgl, webgpu. */
export const startTFJS: StartPeer = async (backend, tensors): Promise<Peer> => {
  const device = await backends[backend]!();
  if (!(await tf.setBackend(backend))) throw new Unavailable(`TF.js cannot start its ${backend} backend here`);
  await tf.ready();
  if (tf.getBackend() !== backend) throw new Error(`TF.js runs on ${tf.getBackend()} instead of ${backend}`);
  const weights: Weights = {};
  for (const [name, { shape, values }] of tensors) weights[name] = tf.variable(tf.tensor(values, shape), true, name);
  const { learningRate, decay, epsilon } = rmsprop;
  const optimizer = tf.train.rmsprop(learningRate, decay, 0, epsilon);
  return {
    version: tf.version_core,
    device: device(),
    async step(pixels, noise) {
      const n = noise.length / latent;
      const x = tf.tensor4d(pixels, [n, 28, 28, 1]);
      const eps = tf.tensor2d(noise, [n, latent]);
      const loss = optimizer.minimize(() => seedLoss(weights, x, eps), true)!;
      const [value] = await loss.data();
      await weights["dec/conv/bias"]!.data(); // of a GPU: the update is done, too
      tf.dispose([x, eps, loss]);
      return value!;
    },
    decode: (z) => values(tf.tidy(() => tf.sigmoid(decode(weights, tf.tensor2d(z, [z.length / latent, latent]))))),
    encode: (x) => values(tf.tidy(() => encode(weights, tf.tensor4d(x, [x.length / 784, 28, 28, 1])).mean)),
  };
};

/** Loads a backend; returns what it runs on, once it does. */
const backends: Record<string, () => Promise<() => string>> = {
  cpu: async () => {
    await import("@tensorflow/tfjs-backend-cpu");
    return () => `plain JavaScript, ${threads(1)}`;
  },
  wasm: async () => {
    const wasm = await import("@tensorflow/tfjs-backend-wasm");
    await import("@tensorflow/tfjs-backend-cpu");
    wasm.setThreadsCount(navigator.hardwareConcurrency);
    wasm.setWasmPaths(new URL("tfjs-wasm/", location.href).href);
    borrowFilterGradient();
    return () => `XNNPACK, ${threads(wasm.getThreadsCount())}; filter gradient borrowed from cpu`;
  },
  webgl: async () => {
    const canvas = document.createElement("canvas");
    const gl = canvas.getContext("webgl2");
    if (!gl) throw new Unavailable("this machine has no WebGL 2");
    const info = gl.getExtension("WEBGL_debug_renderer_info");
    const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
    gl.getExtension("WEBGL_lose_context")?.loseContext();
    await import("@tensorflow/tfjs-backend-webgl");
    return () => name;
  },
  webgpu: async () => {
    const gpu = (navigator as { gpu?: { requestAdapter(): Promise<{ info?: Record<string, string> } | null> } }).gpu;
    const adapter = await gpu?.requestAdapter();
    if (!adapter) throw new Unavailable("this machine has no WebGPU adapter");
    const { vendor, architecture, description } = adapter.info ?? {};
    await import("@tensorflow/tfjs-backend-webgpu");
    return () => [vendor, architecture, description].filter(Boolean).join(" ") || "unnamed adapter";
  },
};

/** The wasm backend lacks Conv2DBackpropFilter, so that it cannot train a convolution: it gets the cpu backend's. */
function borrowFilterGradient(): void {
  const { kernelFunc } = tf.getKernel(tf.Conv2DBackpropFilter, "cpu");
  if (tf.getKernel(tf.Conv2DBackpropFilter, "wasm")) return; // a newer TF.js may have its own
  type Wasm = {
    readSync(id: object): Float32Array;
    makeOutput(shape: number[], dtype: string, at: undefined, values: Float32Array): tf.TensorInfo;
  };
  tf.registerKernel({
    kernelName: tf.Conv2DBackpropFilter,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend }) => {
      const wasm = backend as Wasm;
      const cpu = {
        data: { get: (id: object) => ({ values: wasm.readSync(id) }) },
        makeTensorInfo: (shape: number[], dtype: string, of: Float32Array) =>
          wasm.makeOutput(shape, dtype, undefined, of),
      };
      return kernelFunc({ inputs, attrs: attrs as tf.NamedAttrMap, backend: cpu });
    },
  });
}

const threads = (n: number) => `${n} ${n === 1 ? "thread" : "threads"}`;

async function values(tensor: tf.Tensor): Promise<Float32Array> {
  const data = (await tensor.data()) as Float32Array;
  tensor.dispose();
  return data;
}

function encode(w: Weights, x: tf.Tensor4D): { mean: tf.Tensor2D; logVar: tf.Tensor2D } {
  const conv = (h: tf.Tensor4D, name: string, stride: number) =>
    tf.relu(
      tf.add(tf.conv2d(h, w[`${name}/kernel`] as tf.Tensor4D, stride, "same"), w[`${name}/bias`]!),
    ) as tf.Tensor4D;
  let h = conv(x, "enc/conv1", 1);
  h = conv(h, "enc/conv2", 2);
  h = conv(h, "enc/conv3", 1);
  h = conv(h, "enc/conv4", 1);
  const hidden = tf.relu(dense(w, "enc/dense", tf.reshape(h, [-1, features])));
  return { mean: dense(w, "enc/z_mean", hidden), logVar: dense(w, "enc/z_log_var", hidden) };
}

/** Logits, n × 28 × 28 × 1. */
function decode(w: Weights, z: tf.Tensor2D): tf.Tensor4D {
  const h = tf.reshape(tf.relu(dense(w, "dec/dense", z)), [-1, 14, 14, 64]) as tf.Tensor4D;
  const kernel = w["dec/deconv/kernel"] as tf.Tensor4D;
  const up = tf.conv2dTranspose(h, kernel, [h.shape[0], 28, 28, 32], 2, "same");
  const wide = tf.relu(tf.add(up, w["dec/deconv/bias"]!)) as tf.Tensor4D;
  return tf.add(tf.conv2d(wide, w["dec/conv/kernel"] as tf.Tensor4D, 1, "same"), w["dec/conv/bias"]!);
}

const dense = (w: Weights, name: string, x: tf.Tensor): tf.Tensor2D =>
  tf.add(tf.matMul(x as tf.Tensor2D, w[`${name}/kernel`] as tf.Tensor2D), w[`${name}/bias`]!);

function seedLoss(w: Weights, x: tf.Tensor4D, eps: tf.Tensor2D): tf.Scalar {
  const { mean, logVar } = encode(w, x);
  const z = tf.add(mean, tf.mul(tf.exp(logVar), eps)) as tf.Tensor2D;
  const logits = tf.clipByValue(decode(w, z), -logitLimit, logitLimit);
  const reconstruction = tf.mean(tf.sub(tf.softplus(logits), tf.mul(logits, x)));
  const kl = tf.mean(tf.sub(tf.sub(tf.add(logVar, 1), tf.square(mean)), tf.exp(logVar)));
  return tf.add(reconstruction, tf.mul(kl, klWeight)) as tf.Scalar;
}
