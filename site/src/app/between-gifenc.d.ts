// gifenc 1.0.3 comes without types; this is the part that the page uses.
declare module "gifenc" {
  export interface FrameOptions {
    palette?: number[][]; // the first frame's is everybody's
    delay?: number; // milliseconds
    repeat?: number; // 0: for ever
  }
  export interface Encoder {
    writeFrame(index: Uint8Array, width: number, height: number, options?: FrameOptions): void;
    finish(): void;
    bytes(): Uint8Array;
  }
  export function GIFEncoder(): Encoder;
}
