import { describe, expect, it } from "vitest";
import { hashOf, stateOf } from "../src/app/hash";
import { defaultState, elboSettings } from "../src/app/state";

describe("the address", () => {
  it("is empty for the default state", () => {
    expect(hashOf(defaultState())).toBe("");
    expect(stateOf("")).toEqual(defaultState());
  });

  it("holds only what differs, and reads it back", () => {
    const state = defaultState();
    state.theme = "dark";
    state.samples = { n: 36, seed: 7, temperature: 0.85 };
    state.map = { z: [0.5, -1.25], axes: [0, 1], hidden: [3, 8], manifold: false, scatter: true, spacing: "even" };
    state.train = { ...elboSettings, images: 2000, epochs: 3, beta: 2, model: { ...elboSettings.model, latent: 8 } };
    state.unit = "nats";
    const hash = hashOf(state);
    expect(hash).toContain("z=0.5,-1.25");
    expect(hash).toContain("images=2000");
    expect(hash).not.toContain("learningRate");
    expect(hash).not.toContain("axes");
    expect(stateOf(`#${hash}`)).toEqual(state);
  });

  it("leaves out trailing zeros of z and rounds to a thousandth", () => {
    const state = defaultState();
    state.map.z = [0.12345, 0, 0];
    expect(hashOf(state)).toBe("z=0.123");
  });

  it.each([
    ["n=37", "not a square"],
    ["n=1000000", "too many"],
    ["sampleSeed=-1", "negative seed"],
    ["temperature=hot", "not a number"],
    ["z=1,x", "not a list"],
    ["axes=1,1", "the same axis twice"],
    ["axes=0,1", "axes count from 1"],
    ["hide=12", "no such class"],
    ["theme=pink", "no such theme"],
    ["images=10", "too few images"],
    ["objective=gan", "no such objective"],
    ["batch=2.5", "not a whole number"],
    ["=&&%E0%A4%A", "garbage"],
  ])("ignores %s (%s)", (hash) => {
    expect(stateOf(hash)).toEqual(defaultState());
  });

  it("keeps z within the map", () => {
    expect(stateOf("z=99,-99").map.z).toEqual([6, -6]);
  });
});
