import type { EngineInfo } from "./protocol";

// What this browser's WebAssembly can do, asked with the smallest modules that
// need it: one function, () → v128, whose body is the instructions in question.

const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]; // \0asm, version 1
const typeSection = [0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b]; // one type: [] → [v128]
const functionSection = [0x03, 0x02, 0x01, 0x00]; // one function, of type 0

function moduleWith(instructions: number[]): Uint8Array<ArrayBuffer> {
  const body = [0x00, ...instructions, 0x0b]; // no locals, …, end
  const code = [0x01, body.length, ...body];
  return new Uint8Array([...header, ...typeSection, ...functionSection, 0x0a, code.length, ...code]);
}

const splat = [0x43, 0x00, 0x00, 0x80, 0x3f, 0xfd, 0x13]; // f32.const 1; f32x4.splat

/** Needs simd128. */
export const simdProbe = moduleWith(splat);

/** Needs relaxed SIMD: f32x4.relaxed_madd (0xfd 0x105) of three splats. */
export const relaxedProbe = moduleWith([...splat, ...splat, ...splat, 0xfd, 0x85, 0x02]);

export type Build = EngineInfo["build"];

/** The builds of the engine that `validate` admits, fastest first; "scalar" runs everywhere. */
export function runnableBuilds(validate: (module: BufferSource) => boolean): Build[] {
  if (!validate(simdProbe)) return ["scalar"];
  return validate(relaxedProbe) ? ["fma", "simd", "scalar"] : ["simd", "scalar"];
}
