// @vitest-environment node
import { setFlagsFromString } from "node:v8";
import { expect, test } from "vitest";
import { relaxedProbe, runnableBuilds, simdProbe } from "./probe";

test("the SIMD probe is a valid module where there is SIMD, and needs it", () => {
  expect(WebAssembly.validate(simdProbe)).toBe(true);
  const without = simdProbe.slice();
  without[without.indexOf(0xfd)] = 0xff; // no such instruction
  expect(WebAssembly.validate(without)).toBe(false);
});

test("the relaxed probe is a valid module where there is relaxed SIMD", () => {
  setFlagsFromString("--experimental-wasm-relaxed-simd"); // older V8 has it behind this flag
  expect(WebAssembly.validate(relaxedProbe)).toBe(true);
  const oneOperandLess = new Uint8Array(relaxedProbe.length - 7);
  const cut = relaxedProbe.indexOf(0x43);
  oneOperandLess.set(relaxedProbe.subarray(0, cut));
  oneOperandLess.set(relaxedProbe.subarray(cut + 7), cut);
  for (const at of [cut - 2, cut - 4]) oneOperandLess[at]! -= 7; // sizes of the body and of the section
  expect(WebAssembly.validate(oneOperandLess)).toBe(false);
});

test("the fastest build that runs comes first, and scalar always runs", () => {
  expect(runnableBuilds(() => false)).toEqual(["scalar"]);
  expect(runnableBuilds((module) => module === simdProbe)).toEqual(["simd", "scalar"]);
  expect(runnableBuilds(() => true)).toEqual(["fma", "simd", "scalar"]);
});
