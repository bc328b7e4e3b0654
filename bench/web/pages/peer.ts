import type { Tensor } from "./model";

/** Another library with the seed's model. */
export interface Peer {
  version: string;
  /** What it computes on, for the table. */
  device: string;
  /** One step of training; returns the loss, which is there only when the step is done. */
  step(x: Float32Array, epsilon: Float32Array): Promise<number>;
  /** z: n × 2. Returns n × 784 in [0, 1]. */
  decode(z: Float32Array): Promise<Float32Array>;
  /** x: n × 784 in [0, 1]. Returns the posterior's means, n × 2. */
  encode(x: Float32Array): Promise<Float32Array>;
}

/** The machine or the browser has not what the peer needs. */
export class Unavailable extends Error {}

export type StartPeer = (backend: string, weights: Map<string, Tensor>) => Promise<Peer>;
