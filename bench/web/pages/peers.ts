import type { PeerSubject, Reference } from "./api";
import { discs, grid, latent, normals, pixels, readSafetensors } from "./model";
import { type Peer, type StartPeer, Unavailable } from "./peer";
import { repeated } from "./timing";

// A page that holds one other library with the seed's model.

const libraries: Record<string, () => Promise<StartPeer>> = {
  "TF.js": async () => (await import("./tfjs")).startTFJS,
  "jax-js": async () => (await import("./jax")).startJax,
};

let peer: Peer;
/** Digits that a peer encodes at a time: as many as it trains on. */
const encodeBatch = 16;

window.subject = {
  async open(library, backend) {
    const weights = readSafetensors(await (await fetch("/weights/mnist-2d.safetensors")).arrayBuffer());
    try {
      const start = await libraries[library]!();
      peer = await start(backend, weights);
    } catch (error) {
      if (error instanceof Unavailable) return { unavailable: error.message };
      throw error;
    }
    return { version: peer.version, device: peer.device };
  },
  async errors({ digits, means, z, decoded }: Reference) {
    const images = await peer.decode(Float32Array.from(z));
    const mean = await peer.encode(Float32Array.from(digits, (byte) => byte / 255));
    return {
      pixel: largest(images, (i) => decoded[i]! / 255, decoded.length),
      mean: largest(mean, (i) => means[i]!, means.length),
    };
  },
  train: (batch, ms) =>
    repeated(ms, batch, async () => {
      const loss = await peer.step(discs(batch), normals(batch * latent));
      if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss} after a step`);
    }),
  decode: (ms) => repeated(ms, 1, () => peer.decode(new Float32Array([0.5, -0.5]))),
  manifold: (ms) => repeated(ms, 1, () => peer.decode(grid(20))),
  async encode(images) {
    const digits = discs(encodeBatch);
    let done = 0;
    return repeated(0, images, async () => {
      for (; done < images; done += encodeBatch) await peer.encode(digits.subarray(0, (images - done) * pixels));
    });
  },
} satisfies PeerSubject;

function largest(got: Float32Array, want: (i: number) => number, n: number): number {
  if (got.length !== n) return Number.POSITIVE_INFINITY;
  return got.reduce((worst, value, i) => Math.max(worst, Math.abs(value - want(i))), 0);
}
