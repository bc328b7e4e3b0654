import type { Timed } from "./timing";

// What the benchmark calls in its pages: window.subject.

/** Digits, and what the engine makes of them: a peer that runs the same model makes the same. */
export interface Reference {
  digits: number[]; // n × 784 bytes
  means: number[]; // n × 2
  z: number[]; // n × 2
  decoded: number[]; // n × 784 bytes
}

export interface Measurements {
  /** Training in batches, for about `ms` milliseconds after a warm-up; counts images. */
  train(batch: number, ms: number): Promise<Timed>;
  /** Decoding of single points, one after the other; counts points. */
  decode(ms: number): Promise<Timed>;
  /** Decoding of a 20 × 20 grid of points; counts grids. */
  manifold(ms: number): Promise<Timed>;
  /** Encoding of `images` digits; counts images. */
  encode(images: number): Promise<Timed>;
}

export interface EngineSubject extends Measurements {
  /** Opens the built page's engine, loads MNIST, and has the replicas started. */
  open(leader: string, workers: number): Promise<{ kernel: string; build: string; version: string; isolated: boolean }>;
  reference(n: number): Promise<Reference>;
}

export interface PeerSubject extends Measurements {
  /** Starts a library; `unavailable` says what the machine lacks. */
  open(library: string, backend: string): Promise<{ version: string; device: string } | { unavailable: string }>;
  /** The largest error against the engine: of a decoded pixel, in [0, 1], and of a mean. */
  errors(reference: Reference): Promise<{ pixel: number; mean: number }>;
}

declare global {
  interface Window {
    subject: EngineSubject | PeerSubject;
  }
  /** The version of jax-js, which does not tell it itself. */
  const __JAX_VERSION__: string;
}
