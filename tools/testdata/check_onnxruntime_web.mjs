// Holds exported ONNX files, run by onnxruntime-web's WebAssembly back end under Node, against what core computes:
//
//   (in some folder) npm install onnxruntime-web@1.30.0
//   VAELAB_ORT_WEB=THAT-FOLDER go test ./tools -run TestExportsInOnnxruntimeWeb -v
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [, , packages, folder] = process.argv;
const ort = await import(pathToFileURL(join(packages, "node_modules/onnxruntime-web/dist/ort.node.min.mjs")).href);
ort.env.wasm.numThreads = 1;

/** The tensors of a safetensors file. */
function load(path) {
  const file = readFileSync(path);
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length)));
  const tensors = {};
  for (const [name, { data_offsets, shape }] of Object.entries(header)) {
    if (name !== "__metadata__") {
      const [from, to] = data_offsets.map((o) => o + 8 + length);
      tensors[name] = { data: new Float32Array(bytes.slice(from, to)), shape };
    }
  }
  return tensors;
}

function close(what, got, want) {
  let scale = 1;
  let error = 0;
  if (got.length !== want.length) throw new Error(`${what}: ${got.length} values, want ${want.length}`);
  for (const [i, w] of want.entries()) {
    scale = Math.max(scale, Math.abs(w));
    error = Math.max(error, Math.abs(got[i] - w));
  }
  console.log(`  ${what.padEnd(24)} ${(error / scale).toExponential(1)}`);
  if (!(error / scale < 1e-5)) throw new Error(`${what} is ${error / scale} away`);
}

const ref = load(join(folder, "reference.safetensors"));
const n = ref.x.shape[0];
const x = new ort.Tensor("float32", ref.x.data, [n, 1, 28, 28]);
const point = (t) => new ort.Tensor("float32", t.data, t.shape);
for (const objective of ["seed", "elbo"]) {
  console.log(`onnxruntime-web ${objective}`);
  const open = (name) => ort.InferenceSession.create(new Uint8Array(readFileSync(join(folder, objective, name))), { executionProviders: ["wasm"] });
  const vae = await (await open("digits.onnx")).run({ x, eps: point(ref.eps) });
  close("vae images", vae.images.data, ref[`images_${objective}`].data);
  close("vae z", vae.z.data, ref[`z_${objective}`].data);
  const encoder = await (await open("digits.encoder.onnx")).run({ x });
  close("encoder z_mean", encoder.z_mean.data, ref.mean.data);
  close("encoder z_log_var", encoder.z_log_var.data, ref.log_var.data);
  const decoder = await (await open("digits.decoder.onnx")).run({ z: point(ref[`z_${objective}`]) });
  close("decoder images", decoder.images.data, ref[`images_${objective}`].data);
}
